"""Outcomes of several classes: which there are, in a fixed order, and which are too rare to learn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mainstay.data.levels import Level, named, require_several
from mainstay.data.task import MAX_CLASSES
from mainstay.domain.errors import DataError
from mainstay.domain.finding import Finding, Verdict

MIN_OF_CLASS = 10  # rows in the table: about six then teach, so that each of five folds can hold one


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes in their order, the number of each by the key of its level, and what was found."""

    names: tuple[str, ...]
    number_of: dict[str, float]
    findings: tuple[Finding, ...]


def classes_of(levels: Sequence[Level], target: str) -> Classes:
    """Return the classes among levels, ascending as numbers where all of them are numbers, else by their text.

    The order says nothing of how often a class came, so that it stays the same from training to training. A class of
    fewer than 10 rows is left out with its rows, as a finding that names and counts. Raises `DataError` for fewer than
    three classes and for more than 100.

    >>> classes_of([*(Level(text, text, 50) for text in ("10", "9", "8")), Level("b", "b", 1)], "t").names
    ('8', '9', '10')
    """
    require_several(levels, target)
    kept = _ordered([level for level in levels if level.n >= MIN_OF_CLASS])
    rare = [level for level in levels if level.n < MIN_OF_CLASS]
    if len(kept) < 2:
        what = (
            f"data.target: {target!r} holds {len(levels)} classes, {len(kept)} of them in {MIN_OF_CLASS} rows or more"
        )
        raise DataError(f"{what}: {named(levels)}", remedy="Bring more rows, or join classes that are alike.")
    if len(kept) == 2:
        what = f"data.target: {target!r} holds two classes of {MIN_OF_CLASS} rows or more: {named(levels)}"
        remedy = 'With two outcomes the task is data.task = "binary", and worths are those of high and low.'
        raise DataError(what, remedy=remedy)
    if len(kept) > MAX_CLASSES:
        what = f"data.target: {target!r} holds {len(kept)} classes: {named(levels)}"
        raise DataError(what, remedy=f"At most {MAX_CLASSES} can be told apart: join rare ones.")
    number_of = {level.key: float(number) for number, level in enumerate(kept)}
    return Classes(tuple(level.text for level in kept), number_of, (left_out(rare, target),) if rare else ())


def two_common(levels: Sequence[Level]) -> tuple[Sequence[Level], Sequence[Level]]:
    """Return the two levels that are not too rare to learn, and those that are; else all levels, and none.

    >>> [level.key for level in two_common([Level("a", "a", 50), Level("b", "b", 20), Level("c", "c", 1)])[0]]
    ['a', 'b']
    """
    common = [level for level in levels if level.n >= MIN_OF_CLASS]
    rare = [level for level in levels if level.n < MIN_OF_CLASS]
    return (common, rare) if len(common) == 2 else (levels, [])


def _ordered(levels: Sequence[Level]) -> list[Level]:
    numbers = [_number(level.key) for level in levels]
    if all(number is not None for number in numbers):
        return sorted(levels, key=lambda level: float(level.key))
    return sorted(levels, key=lambda level: (level.key, level.text))


def _number(key: str) -> float | None:
    try:
        number = float(key)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def left_out(rare: Sequence[Level], target: str) -> Finding:
    """Say which classes were left out with their rows (`F10-rare-classes`)."""
    n_rows = sum(level.n for level in rare)
    said = f"{len(rare)} of the classes of {target} came in fewer than {MIN_OF_CLASS} rows and were left out"
    return Finding(
        code="F10-rare-classes",
        verdict=Verdict.WARN,
        subjects=(target,),
        measured=float(n_rows),
        because=f"{said}: {named(rare)}",
        remedy="Join such a class with one that is alike, or bring more rows: the model will never decide it.",
    )
