"""The fair sample of the population that a brief names, and why there is none where it cannot be compared with."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mainstay.domain.errors import MainstayError
from mainstay.store.project import Project
from mainstay.store.sources import read_table


def sample_of(project: Project) -> tuple[pl.DataFrame | None, str]:
    """Return the sample; else None and why, empty where the brief names none.

    A version keeps its brief for ever, and a sample may be moved or deleted: that makes no exam impossible.
    """
    data = project.brief.data
    if data.population is None:
        return None, ""
    if data.source and Path(data.population) == Path(data.source):
        return None, "data.population is the table itself"
    try:
        return read_table(project.folder / data.population), ""
    except MainstayError as error:
        what = error.what.replace(f"{project.folder}/", "")  # a report shows it: nobody else has that folder
        return None, f"data.population cannot be read ({what})"
