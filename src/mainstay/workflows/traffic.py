"""How much was decided of a model, and how much of what became of it is known, due, missing or still in the spool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from mainstay.store.home import Home
from mainstay.store.journal import Journal
from mainstay.store.tally import rows_of
from mainstay.store.waiting_room import Spooled, spooled

SAME_ID = "id_hash"  # of key and id: two ids that share one of 64 bits are not worth reading all texts for


@dataclass(frozen=True, slots=True)
class Traffic:
    """The traffic of a model, as known at a moment.

    Of `decisions` the outcomes of `due` are due, of which `missing` have not come; `early` have none and are not due
    yet, the next at `next_due_at`. `unseen` came since the watch last looked, the first decided at `unseen_since`.
    """

    decisions: int
    last_at: datetime | None
    due: int
    missing: int
    early: int
    next_due_at: datetime | None
    unseen: int
    unseen_since: datetime | None
    spooled: Spooled


def traffic(home: Home, model: str, *, outcome_delay: timedelta, at: datetime) -> Traffic:
    """Return the traffic of a model as known at a moment; `outcome_delay` says when an outcome is due."""
    journal = Journal(home, model)
    decided = rows_of(journal, "decisions").filter(pl.col("at") <= at)
    learned = rows_of(journal, "outcomes").filter(pl.col("learned") <= at)
    silent = decided.join(learned.select(SAME_ID).unique(), on=SAME_ID, how="anti")
    is_due = pl.col("at") <= at - outcome_delay
    counts = _one_row(decided.select(n=pl.len(), last=pl.col("at").max(), due=is_due.sum()))
    waits = _one_row(silent.select(n=pl.len(), missing=is_due.sum(), first=pl.col("at").filter(~is_due).min()))
    unseen = decided.filter(pl.col("batch") > journal.counted_through("decisions"))
    unlooked = _one_row(unseen.select(n=pl.len(), first=pl.col("at").min()))
    return Traffic(
        decisions=counts["n"],
        last_at=counts["last"],
        due=counts["due"],
        missing=waits["missing"],
        early=waits["n"] - waits["missing"],
        next_due_at=waits["first"] + outcome_delay if waits["first"] is not None else None,
        unseen=unlooked["n"],
        unseen_since=unlooked["first"],
        spooled=spooled(home, model, journal=journal),
    )


def _one_row(rows: pl.LazyFrame) -> dict[str, Any]:
    return rows.collect().row(0, named=True)
