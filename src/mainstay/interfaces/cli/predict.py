"""`mainstay predict`: answer a whole table with a version, a file or the rows of a query."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from mainstay.domain.errors import Asked
from mainstay.domain.version import VersionName
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.predicted import show_predicted
from mainstay.interfaces.cli.show import note, progress
from mainstay.workflows import predict as workflow
from mainstay.workflows.place import Home, home_and_model, version_meant
from mainstay.workflows.predict_spark import FromCluster, predict_on_cluster

TABLE_WORKFLOW = "mainstay.workflows.predict_table"  # loaded by name: its driver is an extra
LOCAL, SPARK = "local", "spark"


@click.command()
@click.argument("file", required=False, type=click.Path())
@click.option("--out", type=click.Path(), help="Where to: a .csv, .ndjson or .parquet file.")
@click.option("--from", "query", metavar="QUERY", help="Answer the rows of this query instead of a file's.")
@click.option("--to", "table", metavar="TABLE", help="The table that their answers go to; made if it is not there.")
@click.option("--database", metavar="URL", help="The PostgreSQL database of both; data.source if left out.")
@click.option("--engine", default=LOCAL, show_default=True, type=click.Choice([LOCAL, SPARK]), help="Where to work.")
@click.option("--version", "version_text", metavar="VERSION", help="Which version answers; the live one if left out.")
@click.option("--id", "id_column", metavar="COLUMN", help="The column that names each row; made if left out.")
@click.option(
    "--journal/--no-journal",
    default=None,
    help="Keep the decisions for watching and outcomes: by default those of the live version.",
)
@options.model
@options.project
@options.as_json
def predict(  # noqa: PLR0913, PLR0917 - one parameter per option
    file: str | None,
    out: str | None,
    query: str | None,
    table: str | None,
    database: str | None,
    engine: str,
    version_text: str | None,
    id_column: str | None,
    journal: bool | None,
    model_name: str | None,
    project: str,
    as_json: bool,
) -> int:
    """Answer every row of a table with a version."""
    home, model, version = _meant(version_text, model_name, Path(project))
    named: dict[str, Any] = {"model": model, "version": version, "id_column": id_column, "journal": journal}
    told = progress(quiet=as_json)
    if query is not None or table is not None or database is not None:
        if not query or not table or not id_column or file or out:
            what = "rows of a database need three words: the query, the table of the answers and the column of ids"
            raise Asked(what, remedy="mainstay predict --from QUERY --to TABLE --id COLUMN [--database URL]")
        address = database or workflow.database_of(Path(project))
        into = _table_workflow()
        wanted = into.FromQuery(address, query, table, **named)
        return show_predicted(
            into.predict_table(home, wanted, on_progress=told), of="the query", out=table, as_json=as_json
        )
    if not file or not out:
        remedy = "mainstay predict FILE --out FILE, or --from QUERY --to TABLE --id COLUMN."
        raise Asked("which rows are to be answered, and where to?", remedy=remedy)
    if engine == SPARK:
        if not id_column:
            remedy = "Name the column that does: --id COLUMN."
            raise Asked("rows of a cluster have no order, so their number cannot name them", remedy=remedy)
        on_cluster = predict_on_cluster(home, FromCluster(file, out, **named), on_progress=told)
        return show_predicted(on_cluster, of=file, out=out, as_json=as_json)
    try:
        done = workflow.predict(home, workflow.Wanted(Path(file), Path(out), **named), on_progress=told)
    except KeyboardInterrupt:
        note(f"\nWhat was answered is in {out}.part; the same command goes on from there.")
        raise
    return show_predicted(done, of=file, out=out, as_json=as_json)


def _meant(version_text: str | None, model: str | None, folder: Path) -> tuple[Home, str, VersionName | None]:
    if version_text is None:
        return *home_and_model(folder, model), None
    home, version = version_meant(version_text, folder)
    return home, version.model, version


def _table_workflow() -> Any:
    try:
        return import_module(TABLE_WORKFLOW)
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        remedy = "Install it: pip install 'mainstay[postgres]'."
        raise Asked(
            "writing to PostgreSQL needs the extra 'postgres', which is not installed", remedy=remedy
        ) from error
