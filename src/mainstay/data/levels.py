"""The levels of an outcome: how they are written, how often they came, and which of two is the positive one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from mainstay.data.columns import excerpt
from mainstay.domain.brief import Brief
from mainstay.domain.errors import DataError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.outcome import outcome_key
from mainstay.domain.reading import FALSE_WORDS, TRUE_WORDS, is_yes_and_no, level_text
from mainstay.domain.schema import MISSING_WORDS

MAX_NAMED_LEVELS = 10


@dataclass(frozen=True, slots=True)
class Level:
    """One outcome: its key (equal for `1`, `1.0` and ` 1`), how it is mostly written, and how often it came."""

    key: str
    text: str
    n: int


def present_levels(values: pl.Series, counts: pl.Series) -> tuple[Level, ...]:
    """Return the levels among the distinct values of a target, the most frequent first.

    A word that means missing (such as `none`) is an outcome only where there would else be fewer than two.
    """
    found = _gathered(values, counts)
    present = {key: level for key, level in found.items() if key not in MISSING_WORDS}
    if len(present) < 2:
        present = {key: level for key, level in found.items() if key not in ("", "nan")}
    return tuple(sorted(present.values(), key=lambda level: (-level.n, level.text)))


def require_two(levels: Sequence[Level], target: str) -> None:
    """Refuse, as `DataError`, any number of levels but two."""
    if len(levels) == 2:
        return
    if len(levels) < 2:
        require_several(levels, target)
    if is_yes_and_no([level.text for level in levels]):
        what = f"data.target: {target!r} says yes and no in several ways: {named(levels)}"
        raise DataError(what, remedy="Write each of the two in one way at the source: which is which is not guessed.")
    remedy = (
        'Leave out data.positive and say data.task = "multiclass" (several classes) or "regression" (an amount), or '
        "make a column of two levels, such as 'above 100' or not."
    )
    raise DataError(f"data.target: {target!r} holds {len(levels)} outcomes: {named(levels)}", remedy=remedy)


def require_several(levels: Sequence[Level], target: str) -> None:
    """Refuse, as `DataError`, a target that says nothing, or always the same."""
    if not levels:
        raise DataError(f"data.target: {target!r} is missing in every row", remedy="Name the column of the outcome.")
    if len(levels) == 1:
        what = f"data.target: {target!r} holds one outcome only: {named(levels)}"
        raise DataError(
            what, remedy="A model needs rows of both outcomes; without the other there is nothing to learn."
        )


def named(levels: Sequence[Level]) -> str:
    """Name levels with how often they came, a few of many.

    >>> named([Level("a", "a", 3), Level("b", "b", 1)])
    "'a' (3 rows), 'b' (1 row)"
    """
    some = (f"{excerpt(each.text)} ({each.n} row{'' if each.n == 1 else 's'})" for each in levels[:MAX_NAMED_LEVELS])
    more = f" and {len(levels) - MAX_NAMED_LEVELS} more" if len(levels) > MAX_NAMED_LEVELS else ""
    return ", ".join(some) + more


def choose_positive(levels: Sequence[Level], brief: Brief) -> tuple[Level, tuple[Finding, ...]]:
    """Return the positive one of two levels: the brief's, else the obvious one, else the rarer; a choice is a finding.

    Raises `DataError` where the brief's is not among them.
    """
    wanted, target = brief.data.positive, brief.data.target
    if wanted is not None:
        matching = _matching(levels, wanted)
        if matching is None:
            found = ", ".join(excerpt(level.text) for level in levels)
            what = f"data.positive: {excerpt(wanted)} is not among the outcomes of {target!r}"
            remedy = f"Write one of {found}: that which means the same, if the source writes it in another way now."
            raise DataError(what, remedy=remedy)
        return matching, ()
    obvious = [level for level in levels if level.key in TRUE_WORDS]
    others = [level for level in levels if level.key in FALSE_WORDS]
    if len(obvious) == 1 and len(others) == 1:
        return obvious[0], (_chosen(obvious[0], target, "the obvious one", Verdict.PASS),)
    return levels[-1], (_chosen(levels[-1], target, "the rarer one", Verdict.WARN),)


def _gathered(values: pl.Series, counts: pl.Series) -> dict[str, Level]:
    found: dict[str, Level] = {}
    for value, n in zip(values.to_list(), counts.to_list(), strict=True):
        if value is None:
            continue
        key = outcome_key(value)
        known = found.get(key)
        text = level_text(value).strip()
        found[key] = Level(key, known.text if known and known.n >= n else text, n + (known.n if known else 0))
    return found


def _matching(levels: Sequence[Level], wanted: object) -> Level | None:
    key = outcome_key(wanted)
    exact = [level for level in levels if level.key == key]
    words = next((words for words in (TRUE_WORDS, FALSE_WORDS) if key in words), frozenset())
    alike = exact or [level for level in levels if level.key in words]
    return alike[0] if len(alike) == 1 else None


def _chosen(level: Level, target: str, why: str, verdict: Verdict) -> Finding:
    return Finding(
        code="F01-positive-chosen",
        verdict=verdict,
        subjects=(target,),
        because=f"{level.text} of {target} was taken as the positive outcome: it is {why}, and the brief does not say",
        remedy=f"Say it in the brief: [data] positive = {level.text!r}.",
    )
