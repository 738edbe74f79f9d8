"""What came in: decisions by span and word, rows that were refused, and what had to be repaired."""

from __future__ import annotations

import numpy as np
import polars as pl

from mainstay.domain.overview import FaultTold, Traffic
from mainstay.domain.signature import DECISION, FIRST_BIN
from mainstay.monitoring.bins import Ints
from mainstay.monitoring.count import moments_us
from mainstay.monitoring.overview.grid import Grid
from mainstay.monitoring.yardstick import Yardstick

DECIDED, WARNED = "decision=", "warned:"
MOST_FAULTS = 20


def traffic_of(
    cells: pl.DataFrame, faults: pl.DataFrame, grid: Grid, *, rows: Ints, decided_before: dict[str, float]
) -> Traffic:
    """Tell of traffic; `cells` are those of all rows, `rows` decisions by period, `faults` as the journal has them.

    `decided_before` says which share of each decision the holdout made expect.
    """
    by_span = grid.summed(rows)
    words = cells.filter(pl.col("subject").str.starts_with(DECIDED))
    repaired = _by_period(cells.filter(pl.col("subject").str.starts_with(WARNED)), grid)
    usual = np.median(by_span[by_span > 0]) if (by_span > 0).any() else None
    return Traffic(
        decisions=tuple(by_span.tolist()),
        refused=tuple(_refused(faults, grid).tolist()),
        repaired=tuple(grid.summed(repaired).tolist()),
        usual=None if usual is None else float(usual),
        decided={
            word.removeprefix(DECIDED): tuple(grid.summed(_by_period(part, grid)).tolist())
            for (word,), part in sorted(words.partition_by("subject", as_dict=True).items())
        },
        decided_before=decided_before,
        faults=tuple(_faults(faults, grid)),
    )


def decided_in(yardstick: Yardstick) -> dict[str, float]:
    """The share of each decision in the reference, where it keeps decisions."""
    bins = next((bins for bins in yardstick.layout.bins if bins.subject == DECISION), None)
    if bins is None:
        return {}
    counts = yardstick.total[yardstick.layout.columns(DECISION)][FIRST_BIN:]
    shares = counts / max(int(counts.sum()), 1)
    return dict(zip(bins.levels, shares.tolist(), strict=True))


def _by_period(cells: pl.DataFrame, grid: Grid) -> Ints:
    n = np.zeros(grid.starts.size, dtype=np.int64)
    decided = cells["decided"].dt.timestamp("us").to_numpy()
    row = np.minimum(np.searchsorted(grid.starts, decided), grid.starts.size - 1)
    inside = grid.starts[row] == decided
    np.add.at(n, row[inside], cells["n"].to_numpy()[inside])
    return n


def _refused(faults: pl.DataFrame, grid: Grid) -> Ints:
    n = np.zeros(grid.span_starts.size, dtype=np.int64)
    if faults.is_empty():
        return n
    refused = _within(faults, grid).filter("refused")
    np.add.at(
        n, np.searchsorted(grid.span_starts, moments_us(refused["at"]), side="right") - 1, refused["n"].to_numpy()
    )
    return n


def _faults(faults: pl.DataFrame, grid: Grid) -> list[FaultTold]:
    if faults.is_empty():
        return []
    told = _within(faults, grid).group_by("field", "code", "refused").agg(pl.col("n").sum())
    ranked = told.sort("n", "field", "code", descending=[True, False, False], nulls_last=True).head(MOST_FAULTS)
    return [
        FaultTold(field=row["field"] or "", code=row["code"], n=row["n"], refused=row["refused"])
        for row in ranked.iter_rows(named=True)
    ]


def _within(faults: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    at = moments_us(faults["at"])
    return faults.filter(pl.Series((at >= grid.starts[0]) & (at < grid.ends[-1])))
