"""What a version has earned: money per decision over ripe periods, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from mainstay.domain.evaluation import Estimate
from mainstay.domain.signature import OUTCOME, SCORE, ReferenceSignature
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.cohorts import cohorts, money, together
from mainstay.monitoring.periods import next_start, to_us


@dataclass(frozen=True, slots=True)
class Realised:
    """Money per decision as it turned out, over `rows` decisions of periods whose outcomes are all due."""

    value: Estimate
    rows: int


def realised(
    cells: pl.DataFrame, reference: ReferenceSignature, *, outcome_delay: timedelta, at: datetime
) -> Realised | None:
    """Return what a version has earned per decision, as known at a moment; None before anything ripe has a worth.

    `cells` are those of one version. Unit: the brief's currency per decision. A period counts once it and the outcome's
    delay have passed: early outcomes are no fair sample.
    """
    known = cells.filter((pl.col("segment") == WHOLE) & (pl.col("learned").is_null() | (pl.col("learned") <= at)))
    decided = known.filter(subject=OUTCOME)["decided"].unique().sort().dt.timestamp("us").to_numpy()
    length, zone = reference.period_s, reference.time_zone
    ends = np.array([next_start(int(us), period_s=length, time_zone=zone) for us in decided], dtype=np.int64)
    due = ends + outcome_delay // timedelta(microseconds=1) <= to_us(at)
    if not due.any():
        return None
    n_bins = reference.bins_of(SCORE).n_bins
    ripe = together(cohorts(known, starts=decided[due], ends=ends[due], n_bins=n_bins), slice(None))
    value, rows = money(ripe), int(ripe.beyond[..., 0].sum())
    return Realised(value, rows) if rows and math.isfinite(value.value) else None
