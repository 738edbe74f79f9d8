"""How much of the truth is in: of the decisions whose outcome is due, how many have one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from mainstay.domain.signature import SCORE, ReferenceSignature
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.cohorts import cohorts
from mainstay.monitoring.periods import next_start, to_us


@dataclass(frozen=True, slots=True)
class Maturity:
    """How many decisions with a score are due, and how many outcomes of those came."""

    due: int
    came: int


def maturity(cells: pl.DataFrame, reference: ReferenceSignature, *, outcome_delay: timedelta, at: datetime) -> Maturity:
    """Return how much of the truth is in, as known at a moment; `cells` are those of one version.

    A period's decisions are due once it and the outcome's delay have passed.
    """
    known = cells.filter((pl.col("segment") == WHOLE) & (pl.col("learned").is_null() | (pl.col("learned") <= at)))
    starts = known.filter(subject=SCORE)["decided"].unique().sort().dt.timestamp("us").to_numpy()
    length, zone = reference.period_s, reference.time_zone
    ends = np.array([next_start(int(us), period_s=length, time_zone=zone) for us in starts], dtype=np.int64)
    due = ends + outcome_delay // timedelta(microseconds=1) <= to_us(at)
    if not due.any():
        return Maturity(0, 0)
    ripe = cohorts(known, starts=starts[due], ends=ends[due], n_bins=reference.bins_of(SCORE).n_bins)
    return Maturity(int(ripe.decided.sum()), int(ripe.came.sum()))
