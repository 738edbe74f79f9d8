"""The effects of the most important inputs, as a report draws them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from mainstay.checks.effects import Effect, effect
from mainstay.checks.examined import Examined
from mainstay.checks.shown_numbers import short
from mainstay.checks.sight import numbers_of
from mainstay.domain.shown import EffectShown, near
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray

MOST_EFFECTS = 6
LEAST_ROWS = 10  # that hold a level: below, its name could be somebody's
N_BARS = 24
FEW_VALUES = 2


def effects_shown(exam: Examined, names: Sequence[str]) -> tuple[EffectShown, ...]:
    """Return the effects of the first inputs of `names` that have one to show.

    Columns that hold personal data are left out where their values would be shown as words; so are rare levels.
    """
    found: list[EffectShown] = []
    for name in names:
        found.extend(_shown(exam, name))
        if len(found) == MOST_EFFECTS:
            break
    return tuple(found)


def _shown(exam: Examined, name: str) -> Iterator[EffectShown]:
    moved = effect(exam, name)
    if moved is None or not (np.isfinite(moved.mean).all() and len(moved.values) >= FEW_VALUES):
        return
    column = exam.used[name][exam.holdout]
    numbers = None if column.dtype == pl.Boolean else numbers_of(column)
    part = exam.brief.fields.get(name)
    if numbers is not None:
        yield _of_numbers(exam, moved, numbers, column)
    elif part is None or not part.personal:
        yield from _of_levels(exam, moved)


def _of_numbers(exam: Examined, moved: Effect, numbers: FloatArray, column: pl.Series) -> EffectShown:
    """A moment is shown as its day: a report has no axis of physical units."""
    grid = pl.Series(moved.values, dtype=column.dtype)
    values = tuple(map(str, moved.values)) if column.dtype.is_temporal() else tuple(map(short, grid.cast(pl.Float64)))
    if column.dtype.is_temporal():
        return _made(exam, moved, values, tuple(map(int, moved.n_rows)), ())
    drawn = grid.cast(pl.Float64).to_list()
    drawn = drawn[near(drawn)]
    counts, edges = np.histogram(numbers[~np.isnan(numbers)], bins=N_BARS, range=(drawn[0], drawn[-1]))
    return _made(exam, moved, values, tuple(map(int, counts)), tuple(map(short, edges.tolist())))


def _of_levels(exam: Examined, moved: Effect) -> Iterator[EffectShown]:
    kept = np.flatnonzero(moved.n_rows >= LEAST_ROWS)
    if kept.size < FEW_VALUES:
        return
    few = Effect(
        name=moved.name,
        values=tuple(moved.values[place] for place in kept),
        mean=moved.mean[kept],
        low=moved.low[kept],
        high=moved.high[kept],
        n_rows=moved.n_rows[kept],
    )
    yield _made(exam, few, tuple(map(str, few.values)), tuple(map(int, few.n_rows)), ())


def _made(
    exam: Examined,
    moved: Effect,
    values: tuple[float, ...] | tuple[str, ...],
    counts: tuple[int, ...],
    edges: tuple[float, ...],
) -> EffectShown:
    """Of several classes the one whose score moves most."""
    mean, low, high, of = moved.mean, moved.low, moved.high, ""
    if exam.task is Task.MULTICLASS:
        place = int(np.argmax(np.ptp(mean, axis=0)))
        mean, low, high, of = mean[:, place], low[:, place], high[:, place], exam.schema.classes[place]
    return EffectShown(
        name=moved.name,
        of=of,
        values=values,
        mean=_short(mean),
        low=_short(low),
        high=_short(high),
        counts=counts,
        edges=edges,
    )


def _short(numbers: FloatArray) -> tuple[float, ...]:
    return tuple(map(short, numbers.tolist()))
