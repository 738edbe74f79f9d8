"""`mainstay init`: read a table and draft a brief for it."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.domain.brief.schema import brief_schema
from mainstay.domain.errors import Asked
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json
from mainstay.interfaces.cli.update import show_update
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.init import Drafted, draft, source_meant
from mainstay.workflows.place import now


@click.command()
@click.argument("folder", required=False)
@click.option("--data", "data_path", help="A file, a folder of files, a Delta table or a database's address.")
@click.option("--query", default=None, help="The query whose rows are read, where --data is a database's address.")
@click.option("--encoding", default=None, help="The encoding of texts that do not say it, such as windows-1250.")
@click.option("--target", help="The column that holds the outcome.")
@click.option("--time", "time_column", default=None, help="The column with the moment of the decision.")
@click.option("--positive", default=None, help="The outcome that counts as positive.")
@click.option("--ledger", default=None, help="The address of a PostgreSQL database that is to keep the history.")
@click.option("--schema", "show_schema", is_flag=True, help="Print the JSON Schema of mainstay.toml and end.")
@click.option("--update", "compare", is_flag=True, help="Show what changed in the source, and who is hit.")
@click.option(
    "--project", "-p", envvar="MAINSTAY_PROJECT", type=click.Path(file_okay=False), help="The same as FOLDER."
)
@options.as_json
def init(  # noqa: PLR0913, PLR0917 - one parameter per option
    folder: str | None,
    data_path: str | None,
    query: str | None,
    encoding: str | None,
    target: str | None,
    time_column: str | None,
    positive: str | None,
    ledger: str | None,
    show_schema: bool,
    compare: bool,
    project: str | None,
    as_json: bool,
) -> int:
    """Read a table and draft a brief for it."""
    if show_schema:
        print_json(brief_schema())
        return 0
    place = Path(folder or project or ".")
    if compare:
        return show_update(place, as_json=as_json)
    if data_path is None or target is None:
        raise Asked("init needs a table and its outcome", remedy="mainstay init FOLDER --data FILE --target COLUMN")
    columns = {"target": target, "time": time_column, "positive": positive}
    data = source_meant(data_path, query=query, encoding=encoding, folder=place)
    drafted = draft(place, data=data, columns=columns, actor=actor(), at=now(), ledger=ledger)
    if as_json:
        questions = [{"column": q.column, "because": q.because} for q in drafted.questions]
        told = {"brief": str(drafted.path), "rows": drafted.n_rows, "columns": drafted.n_columns}
        settled = [{"key": each.key, "because": each.because} for each in drafted.settled]
        print_json(told | {"settled": settled, "questions": questions})
        return 0
    _show(drafted, place)
    return 0


def _show(drafted: Drafted, place: Path) -> None:
    answer(f"Read {drafted.n_rows:,} rows and {drafted.n_columns:,} columns; wrote {drafted.path}.")
    answer("\nSet without asking (change it in the brief):")
    for each in drafted.settled:
        answer(f"  {each.key}: {each.because}")
    asked = [question for question in drafted.questions if question.code != "identifier"]  # told above
    if asked:
        answer("\nTo ask before you train:")
        for question in asked:
            answer(f"  {question.column}: {question.because}")
    where = "" if place == Path() else f"cd {place}, "
    next_step(f"{where}open mainstay.toml, decide what the comments ask (money first), then mainstay train")
