"""Periods that have ended at a moment, with the cells that tell of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.moments import parse_duration
from mainstay.domain.signature import SCORE, ReferenceSignature
from mainstay.monitoring.bins import Ints
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.counts import decided_starts
from mainstay.monitoring.look import REMEMBERED
from mainstay.monitoring.periods import next_start, to_us


@dataclass(frozen=True, slots=True)
class Ended:
    """The last two hundred periods that have ended: starts and ends in UTC microseconds, and the cells known by then.

    The first is the one in which the first decision was made, unless there were more; empty ones are among them.
    """

    starts: Ints
    ends: Ints
    cells: pl.DataFrame

    @property
    def n(self) -> int:
        """How many periods there are."""
        return int(self.starts.size)

    def counted(self, subject: str, *, n_bins: int | None = None) -> Ints:
        """Return the rows of a subject of all rows by period, shape (n,), or by period and bin, shape (n, n_bins)."""
        width = 1 if n_bins is None else n_bins
        known = self.cells.filter(pl.col("subject") == subject, pl.col("segment") == WHOLE)
        if known.is_empty() or not self.n:
            table = np.zeros((self.n, width), dtype=np.int64)
            return table[:, 0] if n_bins is None else table
        at = known["decided"].dt.timestamp("us").to_numpy()
        row = np.minimum(np.searchsorted(self.starts, at), self.n - 1)
        inside = self.starts[row] == at
        column = np.zeros(at.size, dtype=np.int64) if n_bins is None else known["bin"].to_numpy()
        joint = (row * width + column)[inside]
        total = np.bincount(joint, weights=known["n"].to_numpy()[inside], minlength=self.n * width)
        table = np.round(total).astype(np.int64).reshape(self.n, width)
        return table[:, 0] if n_bins is None else table

    @property
    def rows(self) -> Ints:
        """Decisions by period, shape (n,)."""
        return self.counted(SCORE)


def ended(reference: ReferenceSignature, cells: pl.DataFrame, *, at: datetime) -> Ended:
    """Return the periods of one version's cells that have ended at a moment."""
    known = cells.filter((pl.col("decided") < at) & (pl.col("learned").is_null() | (pl.col("learned") <= at)))
    starts = decided_starts(known, reference, until_us=to_us(at))
    length, zone = reference.period_s, reference.time_zone
    last = [next_start(int(us), period_s=length, time_zone=zone) for us in starts[-1:]]
    ends = np.array([*starts[1:], *last], dtype=np.int64)
    n = int(np.count_nonzero(ends <= to_us(at)))
    kept = slice(max(n - REMEMBERED, 0), n)
    return Ended(starts[kept], ends[kept], known)


def ripe(all_ended: Ended, brief: Brief, *, at: datetime) -> Ended:
    """Return the periods whose outcomes are due, with the cells of outcomes alone."""
    due = all_ended.ends + parse_duration(brief.data.outcome_delay) // timedelta(microseconds=1) <= to_us(at)
    told = all_ended.cells.filter(pl.col("learned").is_not_null())
    return Ended(all_ended.starts[due], all_ended.ends[due], told)
