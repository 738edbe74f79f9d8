"""What a check sees of a column: numbers where it has any, cells where it looks coarsely, rows by a fair draw."""

from __future__ import annotations

import numpy as np
import polars as pl

from mainstay.checks.draws import drawn
from mainstay.checks.examined import Examined
from mainstay.domain.schema import Kind
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.telling import quantile_cells

N_FOLDS = 5
IDENTIFIER_SHARE = 0.95  # distinct values per row from which a column names rows
MIN_IDENTIFIER_ROWS = 100
FIRST_GLANCE = 10_000
DENSE_SHARE = 0.5  # a numbering that was sampled still fills half of its range
MONTH_S = 30.4375 * 86_400.0
PURE = 0.95  # of the rows of each month, on average, that say the same, from which a column is the calendar's
FOLLOWS = 0.99  # rank correlation from which two columns are in one order


def folds_of(exam: Examined, rows: IntArray) -> IntArray:
    """Deal rows into folds, those of one entity together."""
    deal = np.random.default_rng(exam.seed)
    if exam.clusters is None:
        return np.asarray(deal.permutation(rows.size) % N_FOLDS, dtype=np.int64)
    _, numbers = np.unique(exam.clusters[rows], return_inverse=True)
    return np.asarray((deal.permutation(int(numbers.max(initial=0)) + 1) % N_FOLDS)[numbers], dtype=np.int64)


def clusters_of(exam: Examined, rows: IntArray) -> IntArray | None:
    """Return the entities of rows, None where rows are independent."""
    return None if exam.clusters is None else exam.clusters[rows]


def nameless(column: pl.Series) -> pl.Series:
    """Return a column without its name, which Polars takes for a pattern of names where it looks like one (`^one$`).

    >>> nameless(pl.Series("^one$", [1.0, None])).fill_null(0.0).to_list()
    [1.0, 0.0]
    """
    return column.alias("")


def numbers_of(column: pl.Series) -> FloatArray | None:
    """Return a column of numbers, moments or yes and no as float64, NaN where missing; None for anything else."""
    dtype = column.dtype
    if not (dtype.is_numeric() or dtype.is_temporal() or dtype == pl.Boolean):
        return None
    numbers = nameless(column).to_physical().cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    return np.where(np.isfinite(numbers), numbers, np.nan)


def level_numbers(column: pl.Series) -> IntArray:
    """Return a column's distinct values as numbers from 1 in their order, 0 where missing (or where it is no value)."""
    column, dtype = nameless(column), column.dtype
    if not holds_values(column):
        return np.zeros(column.len(), dtype=np.int64)
    if dtype.is_float():
        column = pl.Series(numbers_of(column), nan_to_null=True)
    elif not (dtype.is_numeric() or dtype.is_temporal()):
        column = column.cast(pl.String)
    return column.rank("dense").fill_null(0).cast(pl.Int64).to_numpy().astype(np.int64)


def holds_values(column: pl.Series) -> bool:
    """Whether a column holds one plain value per row: no lists, no objects, no bytes, and not nothing at all."""
    return not (column.dtype.is_nested() or column.dtype in (pl.Object, pl.Binary, pl.Null))


def cells_of(column: pl.Series, *, n_cells: int = 40) -> IntArray:
    """Return a column in cells: quantiles of numbers, levels of anything else; 0 where missing."""
    numbers = numbers_of(column)
    return level_numbers(column) if numbers is None else quantile_cells(numbers, n_cells=n_cells)


def names_rows(column: pl.Series) -> bool:
    """Whether a column hardly repeats and looks like a numbering or a key: an identifier.

    Measurements hardly repeat either: numbers count only where they are whole and fill half of their range, or rise
    from row to row.
    """
    column = nameless(column)
    n, known = column.len(), column.len() - column.null_count()
    if known < MIN_IDENTIFIER_ROWS or column.dtype.is_temporal() or not holds_values(column):
        return False
    if not _hardly_repeats(column.gather_every(max(n // FIRST_GLANCE, 1))):
        return False  # nor does the whole then: what repeats among some repeats more among all
    numbers = numbers_of(column)
    if numbers is None:
        return _hardly_repeats(column)
    seen = numbers[~np.isnan(numbers)]
    if seen.size < IDENTIFIER_SHARE * n or np.any(seen != np.round(seen)):
        return False
    if np.unique(seen).size < IDENTIFIER_SHARE * seen.size:
        return False
    return bool(np.all(np.diff(seen) > 0)) or seen.size >= DENSE_SHARE * (seen.max() - seen.min() + 1)


def rank_correlation(first: FloatArray, second: FloatArray) -> float:
    """Spearman's correlation of the rows that both know; 0 where one of them does not vary.

    >>> rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 9.0]))
    1.0
    """
    both = ~(np.isnan(first) | np.isnan(second))
    one, other = (_mid_ranks(values[both]) for values in (first, second))
    spread = float(one @ one) * float(other @ other)
    return float(one @ other) / spread**0.5 if spread > 0 else 0.0


def is_clock(exam: Examined, name: str) -> bool:
    """Whether an input is a moment or follows the clock: no later value of it can be like an earlier one."""
    if any(field.name == name and field.kind is Kind.DATETIME for field in exam.schema.fields):
        return True
    rows = drawn(exam, np.arange(exam.used.height), 20_000)
    numbers = numbers_of(exam.used[name][rows])
    if exam.moments is None or numbers is None:
        return False
    return abs(rank_correlation(numbers, exam.moments[rows])) >= FOLLOWS


def is_calendar(exam: Examined, name: str) -> bool:
    """Whether an input follows the clock, or says the same all through a month (or a year, or a season)."""
    if is_clock(exam, name):
        return True
    if exam.moments is None:
        return False
    rows = drawn(exam, np.flatnonzero(np.isfinite(exam.moments)), 20_000)
    months = (exam.moments[rows] // MONTH_S).astype(np.int64)
    table = pl.DataFrame({"month": months, "level": level_numbers(exam.used[name][rows])})
    by_month = table.group_by("month", "level").len().group_by("month").agg(pl.col("len").max())["len"]
    commonest = int(table.group_by("level").len()["len"].max() or 0)  # type: ignore[arg-type]
    return by_month.len() >= 3 and int(by_month.sum()) >= PURE * table.height > commonest


def indicators(exam: Examined, rows: IntArray) -> dict[str, FloatArray]:
    """Return what there is to tell of the outcome: whether it is positive, whether each class came, or its rank."""
    outcomes = exam.outcomes[rows]
    if exam.task is Task.BINARY:
        return {"": outcomes}
    if exam.task is Task.REGRESSION:
        return {"": _mid_ranks(outcomes)}
    return {str(int(one)): (outcomes == one).astype(np.float64) for one in np.unique(outcomes)}


def _hardly_repeats(column: pl.Series) -> bool:
    n_distinct = column.n_unique() - bool(column.null_count())
    return n_distinct >= IDENTIFIER_SHARE * (column.len() - column.null_count())


def _mid_ranks(values: FloatArray) -> FloatArray:
    ordered = np.sort(values)
    low, high = np.searchsorted(ordered, values, "left"), np.searchsorted(ordered, values, "right")
    ranks: FloatArray = (low + high).astype(np.float64) / 2
    return ranks - ranks.mean() if ranks.size else ranks
