"""What callers sent that was not as it should be: who, what, how often, since when; counted, never the values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from mainstay.store.home import Home
from mainstay.store.journal import Journal
from mainstay.store.waiting_room import spooled

KIND = ("key", "field", "code", "refused")


@dataclass(frozen=True, slots=True)
class OddInput:
    """One kind of odd input: of a caller ("" without keys), in a field ("" for a whole row or body), by code."""

    key: str
    field: str
    code: str
    refused: bool
    count: int
    first: datetime
    last: datetime
    versions: tuple[int, ...]


def spooled_rows(home: Home, model: str) -> int:
    """Return how many rows of a model wait for the journal, where nothing odd of them is known yet."""
    return spooled(home, model).rows


def odd_inputs(home: Home, model: str, *, since: datetime | None = None) -> tuple[OddInput, ...]:
    """Return what reached the journal since a moment, folded by kind, the most frequent first."""
    faults = Journal(home, model).faults(since=since)
    folded = faults.group_by(KIND).agg(
        count=pl.col("n").sum(),
        first=pl.col("at").min(),
        last=pl.col("at").max(),
        versions=pl.col("version").unique().sort(),
    )
    ordered = folded.sort("count", "last", *KIND, descending=[True, True, False, False, False, False])
    return tuple(OddInput(**row | {"versions": tuple(row["versions"])}) for row in ordered.iter_rows(named=True))
