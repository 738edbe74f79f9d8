"""`mainstay actions`: import what was done with decisions, from a table."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.imported import show_import
from mainstay.workflows.imports import ACTIONS, import_table
from mainstay.workflows.place import home_and_model, now


@click.command()
@click.argument("file")
@click.option("--id", "id_", metavar="COLUMN", help="The column with the id of the decision.")
@click.option("--action", metavar="COLUMN", help="The column with what was done.")
@click.option("--by", metavar="COLUMN", help="The column with who did it.")
@click.option("--at", metavar="COLUMN", help="The column with the moment it was done.")
@click.option("--key", metavar="COLUMN", help="The column with the caller's key id, where there are several callers.")
@options.model
@options.project
@options.as_json
def actions(file: str, model_name: str | None, project: str, as_json: bool, **named: str | None) -> int:
    """Import what was done with decisions, from a table."""
    home, model = home_and_model(Path(project), model_name)
    done = import_table(home, model, Path(file), ACTIONS, columns=options.columns(named), at=now())
    return show_import(done, what="actions", file=file, as_json=as_json)
