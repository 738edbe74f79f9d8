"""How outcomes come: how many of how many, how late, and what is still to come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.domain.overview import Arrival
from mainstay.domain.signature import OUTCOME, SCORE
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.overview.grid import Grid
from mainstay.monitoring.periods import DAY_S, MICROS
from mainstay.stats.arrival import arrival_curve

MOST_LAGS = 60
DAY_US = round(DAY_S * MICROS)


@dataclass(frozen=True, slots=True)
class Waited:
    """How long outcomes may take, and whether silence becomes one then; all in microseconds, `at_us` the moment."""

    at_us: int
    delay_us: int
    by_silence: bool


def arrival_of(cells: pl.DataFrame, grid: Grid, waited: Waited) -> Arrival:
    """Tell of outcomes of the decisions within a grid; `cells` are those of all rows of a version."""
    whole = cells.filter(pl.col("segment") == WHOLE)
    scored = whole.filter((pl.col("subject") == SCORE) & (pl.col("bin") > 0))
    decided = _by_period(scored, grid, np.zeros(scored.height, dtype=np.int64), 1)[:, 0]
    came = whole.filter((pl.col("subject") == OUTCOME) & pl.col("learned").is_not_null())
    length = int(np.median(grid.ends - grid.starts))
    ages = (waited.at_us - grid.starts) // length
    each = max(1, -(-int(max(ages.max(), 1)) // MOST_LAGS))
    late = (_us(came, "learned") - _us(came, "decided")) // length
    arrived = _by_period(came, grid, np.maximum(late, 0) // each, MOST_LAGS + 1)
    share = arrival_curve(decided, arrived, ages // each)
    known = np.flatnonzero(np.isfinite(share))
    due = grid.ends + waited.delay_us <= waited.at_us
    lag_days = (known + 1) * each * length / DAY_US
    n_came = arrived.sum(axis=1)
    return Arrival(
        decided=int(decided.sum()),
        came=int(n_came.sum()),
        due=int(decided[due].sum()),
        due_came=int(n_came[due].sum()),
        delay_days=waited.delay_us / DAY_US,
        by_silence=waited.by_silence,
        lag_days=tuple(lag_days.tolist()),
        share=tuple(share[known].tolist()),
        half_days=_reached(lag_days, share[known], 0.5),
        most_days=_reached(lag_days, share[known], 0.9),
        spans=grid.spans,
        decided_by_span=tuple(grid.summed(decided).tolist()),
        came_by_span=tuple(grid.summed(n_came).tolist()),
        due_by_span=tuple((grid.span_ends + waited.delay_us <= waited.at_us).tolist()),
    )


def _reached(days: Floats, share: Floats, part: float) -> float | None:
    """By when so large a part of what comes in all has come."""
    if not share.size or share[-1] <= 0:
        return None
    return float(days[int(np.argmax(share >= part * share[-1] - 1e-12))])


def _by_period(cells: pl.DataFrame, grid: Grid, column: Ints, n_columns: int) -> Ints:
    """Rows by period of a grid and by column."""
    out = np.zeros((grid.starts.size, n_columns), dtype=np.int64)
    decided = _us(cells, "decided")
    row = np.minimum(np.searchsorted(grid.starts, decided), grid.starts.size - 1)
    inside = grid.starts[row] == decided
    np.add.at(out, (row[inside], np.minimum(column[inside], n_columns - 1)), cells["n"].to_numpy()[inside])
    return out


def _us(cells: pl.DataFrame, name: str) -> Ints:
    moments: Ints = cells[name].dt.timestamp("us").to_numpy().astype(np.int64)
    return moments
