"""Cells: the long table of additive counts, how it adds up, and how it becomes arrays to judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from mainstay.domain.signature import CELL_COLUMNS, Bins
from mainstay.monitoring.bins import Ints

MOMENT = pl.Datetime("us", "UTC")
CELL_SCHEMA: dict[str, pl.DataType] = {
    "version": pl.Int64(),
    "arm": pl.String(),
    "segment": pl.String(),
    "decided": MOMENT,
    "learned": MOMENT,
    "subject": pl.String(),
    "fold": pl.Int64(),
    "bin": pl.Int64(),
    "outcome": pl.Int64(),
    "n": pl.Int64(),
    "sum_score": pl.Float64(),
    "sum_variance": pl.Float64(),
    "sum_value": pl.Float64(),
    "sum_value_squared": pl.Float64(),
    "sum_score_value": pl.Float64(),
}
SUMS = CELL_COLUMNS[CELL_COLUMNS.index("n") :]
KEYS = CELL_COLUMNS[: CELL_COLUMNS.index("n")]

AT_ONCE = 200_000  # cells added up at once, 30 MB
WHOLE = ""  # the segment of all rows
NO_FOLD = -1  # what is counted at decision time is not split into folds
NO_OUTCOME = -1  # ... and has no outcome


def no_cells() -> pl.DataFrame:
    """Return a table of cells without rows.

    >>> no_cells().height
    0
    """
    return pl.DataFrame(schema=CELL_SCHEMA)


def add(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add tables of cells: same keys, summed counts. Cells that corrections emptied vanish.

    The order of tables and rows does not matter, but for the last bits of sums of floats.

    >>> add([]).columns[:2]
    ['version', 'arm']
    """
    if not tables:
        return no_cells()
    cells = pl.concat([table.select(CELL_COLUMNS) for table in tables])
    return pl.concat([_added(part) for part in _by_period(cells)])


def _by_period(cells: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Cells of some periods after the other: to add up cells takes four times the room that they have."""
    if cells.height <= AT_ONCE:
        yield cells
        return
    each = cells.group_by("decided").len("rows").sort("decided")
    stage = (each["rows"].cum_sum() - each["rows"]) // AT_ONCE
    ends = each.group_by(stage.alias("stage"), maintain_order=True).agg(
        first=pl.col("decided").min(), last=pl.col("decided").max()
    )
    for first, last in ends.select("first", "last").rows():
        yield cells.filter(pl.col("decided").is_between(first, last))


def _added(cells: pl.DataFrame) -> pl.DataFrame:
    summed = cells.group_by(KEYS).agg(pl.col(SUMS).sum())
    emptied = (pl.col("n") == 0) & (pl.col("sum_value").abs() < 1e-9) & (pl.col("sum_score").abs() < 1e-9)
    return summed.filter(~emptied).select(CELL_COLUMNS)


def period_table(cells: pl.DataFrame, bins: Bins, starts: Ints) -> Ints:
    """Return one subject's counts of all rows as an array of shape (n_periods, n_bins).

    `starts` are the periods' starts in microseconds since 1970, ascending; cells of other periods are left out.
    """
    counts = np.zeros((starts.size, bins.n_bins), dtype=np.int64)
    decided = cells["decided"].dt.timestamp("us").to_numpy()
    row = np.searchsorted(starts, decided)
    known = (row < starts.size) & (starts[np.minimum(row, starts.size - 1)] == decided) if starts.size else row < 0
    np.add.at(counts, (row[known], cells["bin"].to_numpy()[known]), cells["n"].to_numpy()[known])
    return counts
