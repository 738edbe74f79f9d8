"""What a draft decided without being asked, so that the one who asked for it hears of it at once."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.data.draft import Sight
from mainstay.domain.task import Task

FEWEST = 0.0005  # a share that is not written as 0.0%


@dataclass(frozen=True, slots=True)
class Settled:
    """A key of the brief that a draft set, or left for a person: what stands there and why, in a clause."""

    key: str
    because: str


def settled(sight: Sight) -> tuple[Settled, ...]:
    """Return what a draft set and guessed: the task, classes left out, the time, what is excluded, the entity."""
    return (
        Settled("data.task", _task(sight)),
        *(Settled("data.target", each.because) for each in sight.told.findings if each.code == "F10-rare-classes"),
        *_missing(sight),
        Settled("data.time", _time(sight)),
        *(Settled("data.exclude", f"{name} is left out: it {why}") for name, why in sight.excluded),
        *(Settled("data.entity", _entity(name)) for name in sight.entities),
    )


def _task(sight: Sight) -> str:
    told = sight.told
    known = told.values[told.kept]
    if told.task is Task.REGRESSION:
        return f"amounts of {sight.target}, from {known.min():g} to {known.max():g}"
    if told.task is Task.MULTICLASS:
        return f"{len(told.classes)} classes of {sight.target}"
    share = f"{known.mean():.1%} of rows"
    if not FEWEST <= known.mean() <= 1 - FEWEST:
        share = f"{int(known.sum()):,} of {known.size:,} rows"
    return f"two outcomes; {told.positive!r} counts as positive, in {share}"


def _missing(sight: Sight) -> list[Settled]:
    n = sight.told.n_missing
    return [Settled("data.missing_target", f"{n:,} rows have no outcome and are left out")] if n else []


def _time(sight: Sight) -> str:
    judged = "the newest rows judge"
    if sight.time is not None and sight.is_time_found:
        return f"{sight.time}, by its name or the order of rows the one moment of each row: {judged}"
    if sight.time is not None:
        return f"{sight.time}, as you said: {judged}"
    if sight.dates:
        return f"none; {' or '.join(sight.dates)} may be it: rows are dealt at random until you say"
    return "none: rows are dealt at random"


def _entity(name: str) -> str:
    return f"none; {name} may name who is decided about: with data.entity nobody is in two parts"
