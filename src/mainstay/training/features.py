"""The inputs of a model as columns of numbers: what training computes here is what serving computes from a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from mainstay.domain.plan import (
    Cross,
    DatePart,
    Difference,
    Input,
    Level,
    LevelNumber,
    Number,
    Product,
    TextPart,
    TextScore,
)
from mainstay.domain.terms import text_fact, text_score
from mainstay.domain.wall_clock import date_part
from mainstay.stats.arrays import FloatArray

Inputs = Mapping[str, Input]
Range = tuple[float, float, float, float]

NAN = float("nan")


def features(used: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Return one Float64 column per input, named as `inputs` names it; null is missing (or unseen, of a level).

    A level is its index (see `Level`). Numbers are the columns of `used` themselves, not copies. Raises polars'
    `ColumnNotFoundError` when a field is not in `used`.

    >>> region = Level(field="region", levels=("EU", "UK"))
    >>> features(pl.DataFrame({"region": ["UK", "??", None]}), {"region": region})["region"].to_list()
    [1.0, None, None]
    """
    return pl.DataFrame([column(used, source).alias(name) for name, source in inputs.items()])


def column(used: pl.DataFrame, source: Input) -> pl.Series:
    """Return one input as a Float64 column of used rows."""
    match source:
        case Number():
            return used[source.field].cast(pl.Float64)
        case Level():
            return _indices(used[source.field], source)
        case LevelNumber():
            return _replaced(used[source.field], source.levels, source.numbers, (source.unseen, source.missing))
        case Cross():
            return _crossed(used, source)
    return pl.Series(numbers(used, source)).fill_nan(None)


def numbers(used: pl.DataFrame, source: Input) -> FloatArray:
    """Return one input as an array of shape (n_rows,), NaN where it is missing (or unseen, of a level)."""
    match source:
        case DatePart():
            return date_part(_array(used[source.field].cast(pl.Float64)), source.part, source.time_zone)
        case TextPart():
            return _of_texts(used[source.field], lambda text: text_fact(text, source.part), NAN)
        case TextScore():
            parts = zip(source.rarities, source.weights, strict=True)
            known = dict(zip(source.terms, parts, strict=True))
            score = lambda text: text_score(text, known, source.intercept)  # noqa: E731
            return _of_texts(used[source.field], score, source.missing)
        case Product():
            left, right = numbers(used, source.left), numbers(used, source.right)
            return centred(left, source.left_range) * centred(right, source.right_range)
        case Difference():
            left, right = numbers(used, source.left), numbers(used, source.right)
            return difference(left, right, source)
    return _array(column(used, source))


def _array(values: pl.Series) -> FloatArray:
    found: FloatArray = values.to_numpy()  # null becomes NaN
    return found


def _indices(texts: pl.Series, source: Level) -> pl.Series:
    places = [float(i) for i in range(len(source.levels))]
    missing = float(len(places)) if source.missing_is_level else None
    return _replaced(texts, source.levels, places, (None, missing))


def _replaced(
    texts: pl.Series, levels: Sequence[str], numbers_of: Sequence[float], otherwise: tuple[float | None, float | None]
) -> pl.Series:
    """Return the number of each level; `otherwise` has those of an unseen and of a missing one."""
    unseen, missing = otherwise
    old = pl.Series([*levels, None], dtype=pl.String)
    new = pl.Series([*numbers_of, missing], dtype=pl.Float64)
    return texts.alias("level").cast(pl.String).replace_strict(old, new, default=unseen, return_dtype=pl.Float64)


def _of_texts(texts: pl.Series, number: Callable[[str], float], missing: float) -> FloatArray:
    found = (missing if text is None else number(text) for text in texts.to_list())
    return np.fromiter(found, dtype=np.float64, count=len(texts))


def _crossed(used: pl.DataFrame, source: Cross) -> pl.Series:
    """Give every pair a number of its own (a table of left and right levels), then look its index up."""
    lefts, rights = (sorted({pair[side] for pair in source.levels}) for side in (0, 1))
    left, right = (
        _array(_indices(used[field], Level(field=field, levels=tuple(levels))))
        for field, levels in ((source.left, lefts), (source.right, rights))
    )
    table = np.full((len(lefts) + 1, len(rights) + 1), NAN)
    for index, pair in enumerate(source.levels):
        table[lefts.index(pair[0]), rights.index(pair[1])] = index
    places = [np.nan_to_num(side, nan=-1.0).astype(np.int64) for side in (left, right)]
    return pl.Series(table[places[0], places[1]]).fill_nan(None)


def centred(values: FloatArray, kept: Range) -> FloatArray:
    """Return one side of a product: values filled, kept within their range, and seen from their centre."""
    fill, centre, low, high = kept
    return np.minimum(np.maximum(np.where(np.isnan(values), fill, values), low), high) - centre


def difference(left: FloatArray, right: FloatArray, source: Difference) -> FloatArray:
    """Return one side less the other, each in units of its spread, NaN where that is no number.

    >>> both = Difference(Number("a"), Number("b"), left_scale=2.0, right_scale=1.0)
    >>> difference(np.array([4.0, np.nan]), np.array([1.0, 1.0]), both).tolist()
    [1.0, nan]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        found = left / source.left_scale - right / source.right_scale
    return np.where(np.isfinite(found), found, NAN)


def living(frame: pl.DataFrame) -> list[str]:
    """Return the columns with something to learn from: those that are not the same (or missing) in every row.

    >>> living(pl.DataFrame({"a": [1.0, 1.0], "b": [1.0, None], "c": [1.0, 2.0]}))
    ['b', 'c']
    """
    return [column.name for column in frame if 0 < column.null_count() < len(column) or _varies(column)]


def _varies(column: pl.Series) -> bool:
    return column.null_count() < len(column) and column.min() != column.max()
