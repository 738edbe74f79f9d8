"""What each kind of change does to the rows of a general stream (`streams.with_change` says it in words)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import polars as pl
from scipy.special import ndtri

from mainstay.domain.errors import Asked, did_you_mean
from mainstay.simulation.change import Change, Kind
from mainstay.simulation.draws import Floats, Ints, logistic, midnight
from mainstay.simulation.stream_world import Rows, Shape, draw_rows, outcome_column

CREEP_DAYS = 28
UNSEEN = "unseen"
KEPT = ("row_id", "at")  # what a row keeps when its content is replaced
MOVABLE: dict[Kind, tuple[str, ...]] = {
    "jump": ("number_",),
    "creep": ("number_",),
    "scale": ("number_",),
    "unseen_level": ("category_",),
    "missing": ("number_", "category_"),
    "relation": ("number_",),
    "concept": (),
    "prior": ("number_", "category_"),
}
Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def columns_moved(rows: Rows, kind: Kind, column: str | None) -> tuple[str, ...]:
    """Return the columns that a change of this kind moves; raises `Asked` if `column` is not one that it can move."""
    inputs = [name for name in rows.table.columns if name.startswith(MOVABLE[kind])]
    if kind in ("concept", "prior"):
        if column is not None:
            raise Asked(f"a change of {kind} takes no column", remedy=f"Leave out {column!r}.")
        return tuple(inputs)
    chosen = column or next(iter(inputs), "")
    if chosen not in inputs:
        raise Asked(f"{kind} cannot move the column {chosen!r}", remedy=did_you_mean(chosen, inputs))
    if kind == "relation" and len(inputs) < 2:
        raise Asked("a relation takes two numbers", remedy="Make a stream with more numbers.")
    return (chosen,)


def named(rows: Rows, kind: Kind, columns: tuple[str, ...]) -> dict[str, str]:
    """Return what a change's sentence names: its `column` and, of a relation, the `partner`."""
    column = columns[0] if columns else ""
    return {"column": column, "partner": _partner(rows, column) if kind == "relation" else ""}


def apply_change(rows: Rows, change: Change, *, earlier: tuple[Change, ...], shape: Shape, seed: int) -> Rows:
    """Return the rows after one change more; `earlier` are the changes already in them."""
    days_since = rows.day - (change.at - midnight(shape.rhythm.start)).days
    if change.kind == "concept":
        return _turn(rows, days_since >= 0, change.size)
    if change.kind == "prior":
        return _shift_prior(rows, change, days_since >= 0, earlier=earlier, shape=shape, seed=seed)
    rng = np.random.default_rng([seed, len(earlier)])
    column = change.columns[0]
    if change.kind == "relation":
        dealt = _deal(rows.table[column], rows.table[_partner(rows, column)], rows.day, change.size, rng)
        after = pl.Series(days_since >= 0)
        return replace(rows, table=rows.table.with_columns(dealt.zip_with(after, rows.table[column]).alias(column)))
    moved = RECORDS[change.kind](rows.table[column], days_since, change.size, rng)
    return replace(rows, table=rows.table.with_columns(moved.alias(column)))


def _jump(values: pl.Series, days_since: Ints, size: float, _: np.random.Generator) -> pl.Series:
    sd = _before(values, days_since)[1]
    return values + pl.Series((days_since >= 0) * (size * sd))


def _creep(values: pl.Series, days_since: Ints, size: float, _: np.random.Generator) -> pl.Series:
    sd = _before(values, days_since)[1]
    return values + pl.Series(np.clip((days_since + 1) / CREEP_DAYS, 0, 1) * (size * sd))


def _scale(values: pl.Series, days_since: Ints, size: float, _: np.random.Generator) -> pl.Series:
    mean = _before(values, days_since)[0]
    return values + (values - mean) * pl.Series((days_since >= 0) * size)


def _replace_some(
    values: pl.Series, days_since: Ints, size: float, rng: np.random.Generator, *, by: str | None
) -> pl.Series:
    chosen = pl.Series((days_since >= 0) & (rng.random(len(values)) < size))
    return values.zip_with(~chosen, pl.Series([by], dtype=values.dtype).new_from_index(0, len(values)))


RECORDS: dict[Kind, Callable[[pl.Series, Ints, float, np.random.Generator], pl.Series]] = {
    "jump": _jump,
    "creep": _creep,
    "scale": _scale,
    "unseen_level": partial(_replace_some, by=UNSEEN),
    "missing": partial(_replace_some, by=None),
}


def _partner(rows: Rows, column: str) -> str:
    """The number after a number, the first after the last."""
    numbers = [name for name in rows.table.columns if name.startswith("number_")]
    return numbers[(numbers.index(column) + 1) % len(numbers)]


def _deal(values: pl.Series, partner: pl.Series, day: Ints, size: float, rng: np.random.Generator) -> pl.Series:
    """Deal each day's values anew, so that their ranks go with the partner's; what is missing stays where it is."""
    there = np.flatnonzero(values.is_not_null().to_numpy())
    chance = rng.normal(size=day.size)
    ranks = _day_scores(partner, day)
    wanted = np.where(np.isnan(ranks), chance, size * np.nan_to_num(ranks) + np.sqrt(1 - size**2) * chance)
    by_wanted, by_value = (there[np.lexsort((key[there], day[there]))] for key in (wanted, values.to_numpy()))
    dealt = values.to_numpy().copy()
    dealt[by_wanted] = values.to_numpy()[by_value]
    return pl.Series(dealt).fill_nan(None)


def _day_scores(values: pl.Series, day: Ints) -> Floats:
    """The normal scores of each day's values; NaN where one is missing. Source: Van der Waerden (1952)."""
    known = pl.DataFrame({"day": day, "value": values})
    share = pl.col("value").rank() / (pl.col("value").count() + 1)
    scores: Floats = ndtri(known.select(share.over("day"))["value"].to_numpy())
    return scores


def _before(values: pl.Series, days_since: Ints) -> tuple[float, float]:
    """Return mean and standard deviation before the change; of all rows where nothing came before."""
    known = values.filter(pl.Series(days_since < 0)) if days_since[0] < 0 else values
    array = known.drop_nulls().to_numpy()
    return float(array.mean()), float(array.std())


def _turn(rows: Rows, after: Flags, size: float) -> Rows:
    mixed = np.where(after, (1 - size) * rows.log_odds + size * rows.turned_log_odds, rows.log_odds)
    return replace(rows, log_odds=mixed, table=rows.table.with_columns(outcome_column(rows.luck, mixed)))


def _shift_prior(
    rows: Rows, change: Change, after: Flags, *, earlier: tuple[Change, ...], shape: Shape, seed: int
) -> Rows:
    """Put fresh rows of one outcome in the place of rows of the other, day by day."""
    outcome = rows.table["outcome"].to_numpy()
    base = float(outcome[after].mean())
    if not 0 < base + change.size < 1:
        raise Asked(
            f"a share of {base:.2f} positives cannot move by {change.size:+g}",
            remedy="Choose a size that leaves the share between 0 and 1.",
        )
    wanted = int(change.size > 0)
    pool = _pool(change.size / (base if wanted else 1 - base), earlier=earlier, shape=shape, seed=seed)
    leaving: Ints = np.flatnonzero(after & (outcome != wanted))
    coming: Ints = np.flatnonzero(pool.table["outcome"].to_numpy() == wanted)
    a_day = [np.bincount(day, minlength=shape.days) for day in (rows.day[after], rows.day[leaving], pool.day[coming])]
    quota = np.diff(np.floor(np.cumsum(a_day[0]) * abs(change.size)), prepend=0.0)
    quota = np.minimum(quota, np.minimum(a_day[1], a_day[2]))
    rng = np.random.default_rng([seed, len(earlier)])
    leaving = _some_a_day(leaving, rows.day[leaving], quota, rng)
    coming = _some_a_day(coming, pool.day[coming], quota, rng)
    return _reweigh(_swap(rows, pool, leaving, coming), after, base=base, size=change.size)


def _pool(need: float, *, earlier: tuple[Change, ...], shape: Shape, seed: int) -> Rows:
    """Draw fresh rows of the same world, with room to spare, and let the earlier changes happen to them too.

    Earlier shifts of the prior are left out: they change how many rows each outcome has, not what those rows are like.
    """
    times = 2 + int(2 * abs(need))
    pool = draw_rows(replace(shape, rows_per_day=shape.rows_per_day * times), seed=seed, lot=1 + len(earlier))
    for number, change in enumerate(earlier):
        if change.kind != "prior":
            pool = apply_change(pool, change, earlier=earlier[:number], shape=shape, seed=seed)
    return pool


def _some_a_day(positions: Ints, day: Ints, quota: Floats, rng: np.random.Generator) -> Ints:
    """Choose `quota[day]` of the positions of each day at random; returned day by day."""
    order = np.lexsort((rng.random(positions.size), day))
    sorted_day = day[order]
    rank = np.arange(positions.size) - np.searchsorted(sorted_day, sorted_day)
    return positions[order[rank < quota[sorted_day]]]


def _swap(rows: Rows, pool: Rows, leaving: Ints, coming: Ints) -> Rows:
    source = np.arange(rows.day.size)
    source[leaving] = rows.day.size + coming
    both = pl.concat([rows.table, pool.table])
    return Rows(
        table=rows.table.select(KEPT).hstack(both.drop(KEPT)[source]),
        day=rows.day,
        log_odds=np.concatenate([rows.log_odds, pool.log_odds])[source],
        turned_log_odds=np.concatenate([rows.turned_log_odds, pool.turned_log_odds])[source],
        luck=np.concatenate([rows.luck, pool.luck])[source],
    )


def _reweigh(rows: Rows, after: Flags, *, base: float, size: float) -> Rows:
    """Move the log-odds to the new prior, and the luck with them, so that it still explains every outcome."""
    odds_ratio = (base + size) / (1 - base - size) / (base / (1 - base))
    shift = np.where(after, np.log(odds_ratio), 0.0)
    old, new = logistic(rows.log_odds), logistic(rows.log_odds + shift)
    luck = np.where(rows.luck < old, rows.luck / old * new, 1 - (1 - rows.luck) / (1 - old) * (1 - new))
    return replace(rows, log_odds=rows.log_odds + shift, turned_log_odds=rows.turned_log_odds + shift, luck=luck)
