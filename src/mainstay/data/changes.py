"""What changed between two states of a table, column by column: names, types, units, levels, gaps and ranges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import polars as pl

from mainstay.data.columns import plain
from mainstay.domain.errors import DataError
from mainstay.domain.kind import MISSING_WORDS
from mainstay.domain.reading import level_text
from mainstay.domain.source_change import Change, ColumnChange

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
FACTORS = (60.0, 100.0, 1000.0, 3600.0, 1e6)  # minutes, cents and percent, thousands, hours, millions
UNIT_LEEWAY = 0.15  # by which each quantile may miss the factor
MIN_ROWS = 30  # below, neither a unit nor a share of gaps can be told from chance
MOST_LEVELS = 200  # a text of more distinct values is not compared level by level
MOST_CODES = 20  # whole numbers of no more distinct values are taken for codes
LEAST_SHARE = 0.01  # a gap that grew by less is not worth a line
SIGMAS = 4.0  # of the difference of two shares; about one false alarm in 16,000 columns
NEVER_BY_CHANCE = 9.2  # rows expected of a level: chance shows none of them once in 10,000 (e^-9.2)
OUTSIDE_SHARE = 0.001
OUTSIDE_ROWS = 10.0  # of n rows; chance puts a share of 10/n of new ones outside once in 2,000 (11 e^-10)
ALIKE = 0.8  # from here on, a lost and a new column are taken for one that was renamed


@dataclass(frozen=True, slots=True)
class Look:
    """A column as it is compared: its values with words that mean missing taken out, and what it holds."""

    name: str
    values: pl.Series
    holds: str
    n_rows: int

    @property
    def missing_share(self) -> float:
        """The share of rows without a value."""
        return 1 - self.values.len() / max(self.n_rows, 1)


def column_changes(before: pl.DataFrame, after: pl.DataFrame) -> tuple[ColumnChange, ...]:
    """Compare two states of a table, in the order of the columns; a change that chance explains is left out."""
    lost = {name: look(before[name]) for name in before.columns if name not in after.columns}
    new = {name: look(after[name]) for name in after.columns if name not in before.columns}
    renamed = _renamed(lost, new)
    changes: list[ColumnChange] = []
    for name in before.columns:
        if name in renamed:
            changes.append(ColumnChange(column=name, change=Change.RENAMED, was=name, now=renamed[name]))
        elif name in lost:
            changes.append(ColumnChange(column=name, change=Change.LOST, was=lost[name].holds))
        else:
            changes += compared(look(before[name]), look(after[name]))
    added = [each for name, each in new.items() if name not in renamed.values()]
    return (*changes, *(ColumnChange(column=each.name, change=Change.NEW, now=each.holds) for each in added))


def compared(was: Look, now: Look) -> Iterator[ColumnChange]:
    """Say what changed in one column."""
    if was.holds != now.holds and "nothing" not in (was.holds, now.holds):
        yield ColumnChange(column=was.name, change=Change.TYPE, was=was.holds, now=now.holds)
    yield from _gaps(was, now)
    if was.holds == now.holds and _levels(was) is not None and _levels(now) is not None:
        yield from _level_changes(was, now)
    elif _is_number(was) and _is_number(now) and not (_is_name(was) and _is_name(now)):
        factor = _factor(was, now)
        if factor is not None:
            yield ColumnChange(column=was.name, change=Change.UNIT, was=_middle(was), now=_middle(now), factor=factor)
        else:
            yield from _range(was, now)


def look(column: pl.Series) -> Look:
    """Look at a column; what is nested or binary is compared by its type alone."""
    try:
        raw = plain(column.alias("values"))  # Polars takes a name such as ^x$ for a pattern
    except DataError:
        return Look(column.name, pl.Series("values", [], dtype=pl.String), str(column.dtype), column.len())
    values = raw.drop_nulls()
    if values.dtype == pl.String:
        values = values.filter(~values.str.strip_chars().str.to_lowercase().is_in(sorted(MISSING_WORDS)))
    elif values.dtype.is_float():
        values = values.drop_nans()
    return Look(column.name, values, _holds(values), column.len())


def _holds(values: pl.Series) -> str:
    if values.is_empty():
        return "nothing"
    if values.dtype.is_integer():
        return "whole numbers"
    if values.dtype.is_numeric():
        return "numbers"
    if values.dtype == pl.Boolean:
        return "true or false"
    return "dates" if values.dtype.is_temporal() else "texts"


def _is_number(seen: Look) -> bool:
    return seen.holds in ("whole numbers", "numbers")


def _is_name(seen: Look) -> bool:
    """Say whether whole numbers name rows: none occurs twice, so that new rows bring new ones."""
    return seen.holds == "whole numbers" and seen.values.len() > 1 and seen.values.n_unique() == seen.values.len()


def _gaps(was: Look, now: Look) -> Iterator[ColumnChange]:
    first, second = was.missing_share, now.missing_share
    if min(was.n_rows, now.n_rows) < MIN_ROWS or abs(second - first) < LEAST_SHARE:
        return
    pooled = (first * was.n_rows + second * now.n_rows) / (was.n_rows + now.n_rows)
    spread = (pooled * (1 - pooled) * (1 / was.n_rows + 1 / now.n_rows)) ** 0.5
    if abs(second - first) > SIGMAS * spread:
        yield ColumnChange(
            column=was.name, change=Change.MISSING, was=f"{first:.1%}", now=f"{second:.1%}", share=second
        )


def _levels(seen: Look) -> dict[str, int] | None:
    """Return how often each level occurs; None for a column that is not of levels."""
    most = MOST_CODES if seen.holds == "whole numbers" else MOST_LEVELS
    if seen.holds not in ("texts", "true or false", "whole numbers") or seen.values.n_unique() > most:
        return None
    counts = seen.values.alias("level").value_counts(name="n")
    return {level_text(level): n for level, n in counts.rows()}


def _level_changes(was: Look, now: Look) -> Iterator[ColumnChange]:
    first, second = _levels(was) or {}, _levels(now) or {}
    new = [level for level in second if level not in first]
    lost = [level for level, n in first.items() if level not in second and _is_missed(n, was, now)]
    if new or lost:
        yield ColumnChange(
            column=was.name,
            change=Change.LEVELS,
            was=f"{len(first)} levels",
            now=f"{len(second)} levels",
            share=sum(second[level] for level in new) / max(now.values.len(), 1),
            new_levels=tuple(sorted(new, key=lambda level: -second[level])),
            lost_levels=tuple(sorted(lost, key=lambda level: -first[level])),
        )


def _is_missed(n: int, was: Look, now: Look) -> bool:
    """Say whether a level of `n` rows would have been seen again, had nothing changed."""
    return now.values.len() * n / max(was.values.len(), 1) > NEVER_BY_CHANCE


def _factor(was: Look, now: Look) -> float | None:
    """Return the one factor by which all numbers grew or shrank, of those that a change of unit brings; else None."""
    first, second = (seen.values.cast(pl.Float64).abs() for seen in (was, now))
    first, second = first.filter(first > 0), second.filter(second > 0)
    if min(first.len(), second.len()) < MIN_ROWS:
        return None
    ratios = [_quantile(second, at) / _quantile(first, at) for at in QUANTILES]
    factors = (*FACTORS, *(1 / factor for factor in FACTORS))
    near = [f for f in factors if all(abs(ratio / f - 1) <= UNIT_LEEWAY for ratio in ratios)]
    return near[0] if near else None


def _range(was: Look, now: Look) -> Iterator[ColumnChange]:
    low, high = _number(was.values.min()), _number(was.values.max())
    outside = ((now.values < low) | (now.values > high)).mean()
    share = _number(outside)
    far = max(low - _number(now.values.min()), _number(now.values.max()) - high) > high - low
    if share > max(OUTSIDE_SHARE, OUTSIDE_ROWS / was.values.len()) or (share > 0 and far):
        span = f"{_number(now.values.min()):.6g} to {_number(now.values.max()):.6g}"
        yield ColumnChange(column=was.name, change=Change.RANGE, was=f"{low:.6g} to {high:.6g}", now=span, share=share)


def _middle(seen: Look) -> str:
    return f"{_number(seen.values.median()):.6g}"


def _quantile(values: pl.Series, at: float) -> float:
    return _number(values.quantile(at))


def _number(value: Any) -> float:
    return float(value) if value is not None else 0.0


def _renamed(lost: dict[str, Look], new: dict[str, Look]) -> dict[str, str]:
    """Match lost columns with new ones that hold the same, the likeliest first; each at most once."""
    scored = sorted(
        ((alike(old, now), old.name, now.name) for old in lost.values() for now in new.values()), reverse=True
    )
    found: dict[str, str] = {}
    for score, old, now in scored:
        if score >= ALIKE and old not in found and now not in found.values():
            found[old] = now
    return found


def alike(old: Look, now: Look) -> float:
    """Say from 0 to 1 how much a new column looks like a lost one, by what it holds and a little by its name."""
    if old.holds != now.holds or abs(old.missing_share - now.missing_share) > 0.05:
        return 0.0
    name = SequenceMatcher(None, _bare(old.name), _bare(now.name)).ratio()
    return 0.8 * _same_content(old, now) + 0.2 * name


def _same_content(old: Look, now: Look) -> float:
    if old.holds == "nothing":
        return 0.0
    if _is_number(old) and _levels(old) is None:
        spread = _quantile(old.values, 0.9) - _quantile(old.values, 0.1) or 1.0
        gaps = [abs(_quantile(old.values, at) - _quantile(now.values, at)) / abs(spread) for at in QUANTILES]
        return max(0.0, 1 - 4 * max(gaps))
    first, second = _shares(old.values), _shares(now.values)
    return sum(min(share, second.get(level, 0.0)) for level, share in first.items())


def _shares(values: pl.Series) -> dict[Any, float]:
    counts = values.alias("level").value_counts(name="n")
    return {level: n / values.len() for level, n in counts.rows()}


def _bare(name: str) -> Sequence[str]:
    return "".join(letter for letter in name.lower() if letter.isalnum())
