"""Categories as inputs: the index of a level, and, where levels are many, what each level's rows had in common."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.domain.plan import Level, LevelNumber
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.features import column
from mainstay.training.out_of_fold import Encoding, Target, Teaching

RARE_ROWS = 20  # a level with fewer rows says little alone: such levels are learned together
MAX_LEVELS = 200  # of one column; scikit-learn's boosting holds at most 255
FEW_LEVELS = 30  # beyond which the mean outcome of a level's rows says more, row for row, than the level
LEAST_ROWS = 2  # a level of one row has no other row to learn from
MOST_NUMBERS = 50_000  # levels of one column that a plan remembers numbers of
LEAST_PRIOR = 1.0  # rows


def level_inputs(field: str, teaching: Teaching) -> Iterator[tuple[str, Encoding]]:
    """Yield the inputs of a category, each with the part of its column's name.

    Up to 30 levels: the level alone. Up to 200: also the mean outcome of its rows. Beyond: the 30 most frequent levels,
    the means, and how many rows a level has.
    """
    texts = teaching.lesson.used[field]
    counts = _counted(texts)
    n_levels = len(counts)
    level = Level(
        field=field,
        levels=common_levels(counts, at_most=MAX_LEVELS if n_levels <= MAX_LEVELS else FEW_LEVELS),
        missing_is_level=texts.null_count() >= RARE_ROWS,
    )
    if level.levels:
        yield "", Encoding(level, column(teaching.lesson.used, level))
    if n_levels > FEW_LEVELS and counts["n"][0] >= LEAST_ROWS:
        for target in teaching.targets:
            yield f"mean {target.name}".strip(), mean_of_levels(field, target, teaching)
    if n_levels > MAX_LEVELS:
        yield "rows", rows_of_levels(field, teaching)


def _counted(texts: pl.Series) -> pl.DataFrame:
    """Count rows by level, the most frequent first, then in alphabetical order."""
    counts = texts.alias("level").drop_nulls().value_counts(name="n")
    return counts.sort("n", "level", descending=[True, False])


def common_levels(counts: pl.DataFrame, *, at_most: int) -> tuple[str, ...]:
    """Return the most frequent levels with enough rows to learn from, in alphabetical order.

    >>> common_levels(pl.DataFrame({"level": ["b", "a", "c"], "n": [90, 20, 3]}), at_most=200)
    ('a', 'b')
    """
    frequent = counts.filter(pl.col("n") >= RARE_ROWS)["level"].head(at_most)
    return tuple(sorted(frequent.to_list()))


def mean_of_levels(field: str, target: Target, teaching: Teaching) -> Encoding:
    """Learn the smoothed mean outcome of each level; the lesson's own rows get theirs out of fold."""
    used = pl.DataFrame([teaching.lesson.used[field]])
    rows = np.arange(used.height)
    values = np.full(rows.size, np.nan)
    for fold in teaching.folds:
        learned = _means(field, target, teaching, fold.fitted)
        values[fold.scored] = column(used[fold.scored], learned).to_numpy()
    return Encoding(_means(field, target, teaching, rows), pl.Series(values))


def _means(field: str, target: Target, teaching: Teaching, rows: IntArray) -> LevelNumber:
    texts, mean = teaching.lesson.used[field][rows], _mean(target, teaching)
    counts = _counted(texts)
    levels = tuple(sorted(counts["level"].to_list()))
    place = column(pl.DataFrame([texts]), Level(field, levels, missing_is_level=True)).to_numpy().astype(np.int64)
    sums = _sums(place, target.values[rows] - mean, teaching.weights_of(rows), n_places=len(levels) + 1)
    numbers = (mean + sums.total / (sums.weight + _prior(sums))).tolist()
    often = set(counts.filter(pl.col("n") >= LEAST_ROWS)["level"].head(MOST_NUMBERS).to_list())
    kept = [i for i, level in enumerate(levels) if level in often]
    return LevelNumber(
        field=field,
        levels=tuple(levels[i] for i in kept),
        numbers=tuple(numbers[i] for i in kept),
        unseen=mean,
        missing=numbers[-1],
    )


def _mean(target: Target, teaching: Teaching) -> float:
    """Return the mean of all rows, in every fold: a mean of the other folds would tell a row's fold, so its outcome."""
    return float(np.average(target.values, weights=teaching.lesson.weights))


@dataclass(frozen=True, slots=True)
class Sums:
    """Of each level, the last one missing: its weight in rows, and the totals of outcomes and of their squares.

    Outcomes are seen from their mean.
    """

    weight: FloatArray
    total: FloatArray
    squares: FloatArray


def _sums(place: IntArray, outcomes: FloatArray, weights: FloatArray | None, *, n_places: int) -> Sums:
    weight = np.ones(place.size) if weights is None else weights / weights.mean()

    def of_levels(values: FloatArray) -> FloatArray:
        return np.bincount(place, weights=values, minlength=n_places).astype(np.float64)

    return Sums(of_levels(weight), of_levels(weight * outcomes), of_levels(weight * outcomes**2))


def _prior(sums: Sums) -> float:
    """Return how many rows the overall mean counts for: an empirical Bayes estimate.

    The ratio of the variance within levels to that between them, by the moments of a one-way analysis of variance.
    """
    there = sums.weight > 0
    weight, total, squares = (each[there] for each in (sums.weight, sums.total, sums.squares))
    n, n_levels = float(weight.sum()), weight.size
    if n_levels < 2 or n <= n_levels:
        return math.inf if n_levels > 1 else LEAST_PRIOR
    mean = float(total.sum()) / n
    within = max(float((squares - total**2 / weight).sum()), 0.0) / (n - n_levels)
    spread = float((weight * (total / weight - mean) ** 2).sum()) - (n_levels - 1) * within
    between = max(spread, 0.0) / (n - float((weight**2).sum()) / n)
    return max(within / between, LEAST_PRIOR) if between > 0 else math.inf


def rows_of_levels(field: str, teaching: Teaching) -> Encoding:
    """Learn how many rows each level has, as a logarithm; for the lesson's own rows, how many others."""
    texts = teaching.lesson.used[field]
    counts = _counted(texts).filter(pl.col("n") >= LEAST_ROWS).head(MOST_NUMBERS).sort("level")
    n_rows = counts["n"].to_numpy()
    levels, missing = tuple(counts["level"].to_list()), float(texts.null_count())
    source = LevelNumber(
        field=field,
        levels=levels,
        numbers=tuple(np.log1p(n_rows).tolist()),
        unseen=0.0,
        missing=math.log1p(missing),
    )
    others = LevelNumber(field, levels, tuple(np.log(n_rows).tolist()), 0.0, math.log(max(missing, 1.0)))
    return Encoding(source, column(teaching.lesson.used, others))
