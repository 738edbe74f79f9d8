"""Reading the rows that a brief names: under the names of its fields, or with what heals a column that was renamed."""

from __future__ import annotations

import polars as pl

from mainstay.data.changes import column_changes
from mainstay.data.renamed import healing_lines, under_names
from mainstay.data.roles import check_roles
from mainstay.domain.errors import DataError, MainstayError
from mainstay.domain.source_change import Change
from mainstay.store.project import Project
from mainstay.store.sources import read_table
from mainstay.workflows.snapshot import proven_rows


def read_rows(project: Project) -> pl.DataFrame:
    """Read the brief's table, its columns under the names of the brief's fields.

    Raises `DataError` where the brief names a column that is not there, with the alias that would heal it.
    """
    table = under_names(read_table(project.source), project.brief)
    try:
        check_roles(table.columns, project.brief)
    except DataError as error:
        lines = healing_lines(table.columns, project.brief, _renamed(project, table))
        if not lines:
            raise
        remedy = f"Mend the name; or, where the source renamed the column, add to mainstay.toml:\n{lines}"
        raise DataError(error.what, remedy=remedy) from error
    return table


def _renamed(project: Project, table: pl.DataFrame) -> dict[str, str]:
    """Return what columns of the newest snapshot are called now, as what they hold tells."""
    try:
        versions = project.home.ledger.life(project.model).versions
        if not versions:
            return {}
        before = proven_rows(project, versions[-1].snapshot)
    except MainstayError:  # this is a hint beside an error: where there is no snapshot to read, names alone tell
        return {}
    return {each.was: each.now for each in column_changes(before, table) if each.change is Change.RENAMED}
