"""Saying what cannot be told: a season the reference never saw, an input that follows the calendar, too few periods."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mainstay.domain.finding import Finding, Judged, Verdict
from mainstay.monitoring.drift import LEAST_SHIFT, follows_calendar
from mainstay.monitoring.look import MODEL, WORLD, Look, column_of, is_input, judged, listed, name_of, spoken

SEASON, CLOCK, THIN = "F09-season-unseen", "F09-clock-input", "F29-reference-thin"
MIN_FREEDOM = 2.0
LEAST_PAST = 0.02  # of rows beyond the reference, before a clock is said to have gone past it


def unseen_season(look: Look) -> Iterator[Judged]:
    """Return one notice from the first stretch in which inputs left what the reference showed, in an unseen season.

    Such inputs moved no faster than a season may move them: drift or season, the reference cannot tell which.
    """
    found, subjects = look.found, look.yardstick.subjects
    strange = (found.strange < look.alpha) & (found.chance >= look.alpha) & ~found.seen & ~follows_calendar(look)
    said: dict[str, None] = {}
    for t, seen in enumerate(found.seen):
        said = (said | dict.fromkeys(subjects[i] for i in np.flatnonzero(strange[t]))) if not seen.all() else {}
        if said and look.yardstick.reference.timed and t >= look.told:
            yield judged(_season(look, tuple(said)), look.done.starts[t], look.done.ends[t], WORLD)


def clocks(look: Look) -> Iterator[Judged]:
    """Return a notice of inputs that follow the calendar, so that every later value is new to the model."""
    past = {s: look.outside(s) >= LEAST_PAST for s in sorted(look.yardstick.clocks)}
    for t in range(look.told, look.done.rows.size):
        names = tuple(name_of(subject) for subject, is_past in past.items() if is_past[t])
        if names:
            yield judged(_clock(names), look.done.starts[t], look.done.ends[t], MODEL)


def thin_reference(look: Look) -> Iterator[Judged]:
    """Return a notice if the reference has too few periods to tell how periods differ."""
    known = look.yardstick.variation.freedom
    if known.size and float(np.median(known)) >= MIN_FREEDOM:
        return
    n = look.yardstick.blocks.days.size
    finding = Finding(
        code=THIN,
        verdict=Verdict.UNKNOWN,
        because=f"the reference has {n} periods: too few to tell drift from the way its periods differ",
        measured=float(n),
        remedy="Shorten watch.period in the brief, or train on a longer history.",
    )
    for start, end in zip(look.done.starts[look.told :], look.done.ends[look.told :], strict=True):
        yield judged(finding, start, end, WORLD)


def _clock(names: tuple[str, ...]) -> Finding:
    return Finding(
        code=CLOCK,
        verdict=Verdict.UNKNOWN,
        because=f"{listed(names)} followed the calendar in the reference: no later value can be compared with it",
        subjects=names,
        remedy="Take it out of the model with data.exclude, or turn it into an age or a time of the year.",
    )


def _season(look: Look, subjects: tuple[str, ...]) -> Finding:
    periods = look.yardstick.reference.periods
    names = tuple(dict.fromkeys(column_of(subject) for subject in subjects if is_input(subject)))
    return Finding(
        code=SEASON,
        verdict=Verdict.UNKNOWN,
        because=f"the reference runs from {periods[0][:10]} to {periods[-1][:10]} and has never seen this time of the "
        f"year; {listed(map(spoken, subjects))} moved slowly out of what it shows: season or drift, it cannot tell",
        subjects=names,
        limit=LEAST_SHIFT,
        remedy="Watch realised performance as outcomes ripen; retrain with a full year as soon as there is one.",
    )
