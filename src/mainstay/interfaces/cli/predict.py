"""`mainstay predict`: answer a whole table with a version."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.domain.version import VersionName
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.predicted import show_predicted
from mainstay.interfaces.cli.show import note, progress
from mainstay.workflows import predict as workflow
from mainstay.workflows.place import home_and_model, version_meant


@click.command()
@click.argument("file", type=click.Path())
@click.option("--out", required=True, type=click.Path(), help="Where to: a .csv, .ndjson or .parquet file.")
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
    file: str,
    out: str,
    version_text: str | None,
    id_column: str | None,
    journal: bool | None,
    model_name: str | None,
    project: str,
    as_json: bool,
) -> int:
    """Answer every row of a table with a version."""
    version: VersionName | None = None
    if version_text is not None:
        home, version = version_meant(version_text, Path(project))
        model = version.model
    else:
        home, model = home_and_model(Path(project), model_name)
    wanted = workflow.Wanted(Path(file), Path(out), model, version, id_column, journal)
    try:
        done = workflow.predict(home, wanted, on_progress=progress(quiet=as_json))
    except KeyboardInterrupt:
        note(f"\nWhat was answered is in {out}.part; the same command goes on from there.")
        raise
    return show_predicted(done, file=file, out=out, as_json=as_json)
