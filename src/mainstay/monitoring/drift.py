"""Inputs and scores that moved: by evidence against the reference's own variation, and by an effect that matters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtri

from mainstay.domain.finding import Finding, Judged
from mainstay.domain.signature import FIRST_BIN, Bins
from mainstay.monitoring.bins import Flags, Floats, Ints
from mainstay.monitoring.look import (
    CREEP_SHARE,
    DATA_PIPE,
    WORLD,
    Look,
    column_of,
    is_input,
    judged,
    limits,
    listed,
    spoken,
    worse,
)
from mainstay.monitoring.yardstick import Watched
from mainstay.stats.creep import Gathered, gather
from mainstay.stats.distance import jensen_shannon, population_stability, wasserstein

DRIFT, SCORE_MOVED = "F29-input-drift", "F31-score-moved"
LEAST_SHIFT = 0.1  # in sd of a row: smaller moves are real on many rows, and change no decision
LARGE_SHIFT = 0.5
MANY_SHARE = 0.5  # of the inputs at once: then it is rather the way in that changed than the world
N_GROUPS = 10  # bins for the stability index: with more, chance alone looks like drift
CREEP_SLACK = 1.5  # standard errors by which the reference's own mean may be off
SHAPES = ("lies", "spreads", "leans", "has tails")


def drift(look: Look, crept: Gathered) -> Iterator[Judged]:
    """Return what moved in each stretch: one finding per stretch for inputs, one for the score and decisions."""
    alarmed = alarms(look, crept, Watched.MOVED)
    for t in look.told + np.flatnonzero(alarmed[look.told :].any(axis=1)):
        yield from _of_stretch(look, int(t), alarmed[t], crept)


def alarms(look: Look, crept: Gathered, watched: Watched) -> Flags:
    """Return where contrasts of a kind moved for certain and by enough to matter, shape (n_stretches, n_contrasts)."""
    mine = np.array([contrast.watched is watched for contrast in look.yardstick.contrasts], dtype=np.bool_)
    matters = (np.abs(look.found.shift) >= LEAST_SHIFT) & mine & ~follows_calendar(look)
    found: Flags = ((look.found.chance < look.alpha) | crept.alarmed) & matters
    return found


def follows_calendar(look: Look) -> Flags:
    """Where a clock has gone past all that the reference showed, shape (n_stretches, n_contrasts)."""
    past = np.zeros(look.found.chance.shape, dtype=np.bool_)
    for subject in look.yardstick.clocks:
        mine = np.array(look.yardstick.subjects) == subject
        past |= (look.outside(subject) > 0)[:, None] & mine
    return past


def gathered(look: Look) -> Gathered:
    """Gather small departures over stretches; where nothing is known of a contrast nothing is gathered."""
    found, known = look.found, look.yardstick.variation
    score = -np.sign(found.shift) * ndtri(np.maximum(found.chance, 1e-300) / 2)
    standard = np.where(found.chance < 1, score, 0.0) / np.sqrt(known.persistence)
    alike = np.median(found.n_alike, axis=0) if found.n_alike.size else np.ones(known.persistence.size)
    slack = CREEP_SLACK * np.sqrt(known.persistence / np.maximum(alike, 1.0))
    return gather(standard, slack=slack, alpha=limits(look.yardstick, CREEP_SHARE))


def _of_stretch(look: Look, t: int, alarmed: Flags, crept: Gathered) -> Iterator[Judged]:
    """One finding per subject that moved in a stretch; which others moved with it tells the cause."""
    subjects = list(dict.fromkeys(look.yardstick.subjects[i] for i in np.flatnonzero(alarmed)))
    inputs = [subject for subject in subjects if is_input(subject)]
    n_inputs = sum(is_input(bins.subject) for bins in look.yardstick.layout.bins)
    many = len(inputs) >= max(MANY_SHARE * n_inputs, 4)
    for subject in subjects:
        mine = np.flatnonzero(alarmed & (np.array(look.yardstick.subjects) == subject))
        column = int(mine[np.argmax(np.abs(look.found.shift[t, mine]))])
        sudden = bool((look.found.chance[t, mine] < look.alpha[mine]).any())
        first = t if sudden else int(crept.begun[t, column])
        finding = _finding(look, t, column, sudden=sudden)
        if not is_input(subject):
            finding = _of_score(finding, inputs)
        cause = DATA_PIPE if many and is_input(subject) else WORLD
        yield judged(finding, look.done.starts[first], look.done.ends[t], cause)


def _finding(look: Look, t: int, column: int, *, sudden: bool) -> Finding:
    subject = look.yardstick.subjects[column]
    shift = float(look.found.shift[t, column])
    rows = look.done.counts[t, look.yardstick.layout.columns(subject)]
    total = look.yardstick.total[look.yardstick.layout.columns(subject)]
    bins = look.yardstick.layout.of(subject)
    chance = float(look.found.chance[t, column])
    evidence = f"chance alone: {chance:.1e}" if sudden else "weak evidence gathered over many periods"
    how = _how(look, column, shift, bins)
    because = f"{spoken(subject)} {how}; {distances(bins, total, rows)}; {evidence}; {int(rows.sum())} rows"
    return Finding(
        code=DRIFT,
        verdict=worse(fails=abs(shift) >= LARGE_SHIFT),
        because=because,
        subjects=(column_of(subject),),
        measured=abs(shift),
        limit=LEAST_SHIFT,
        remedy=f"Ask the owner of {column_of(subject)} what changed. If the world did, retrain on rows since then.",
    )


def _of_score(finding: Finding, inputs: list[str]) -> Finding:
    with_it = f"with it moved {listed(map(spoken, inputs))}" if inputs else "no single input moved enough to be named"
    return Finding(
        code=SCORE_MOVED,
        verdict=finding.verdict,
        because=f"{finding.because}; {with_it}",
        subjects=(),
        measured=finding.measured,
        limit=finding.limit,
        remedy="Look at the inputs that moved; until outcomes are ripe, check a sample of decisions by hand.",
    )


def _how(look: Look, column: int, shift: float, bins: Bins) -> str:
    """Say in words what a contrast saw."""
    yardstick = look.yardstick
    if not bins.is_number:
        inside = yardstick.contrasts[column].top > 0
        levels = [level for level, held in zip(bins.levels, inside[FIRST_BIN:], strict=True) if held]
        return f"is {'more' if shift > 0 else 'less'} often {listed(levels, most=3)}"
    if yardstick.contrasts[column].is_share:
        return f"is a half or more {'more' if shift > 0 else 'less'} often"
    order = list(yardstick.columns(bins.subject, Watched.MOVED)).index(column)
    if order == 0:
        return f"lies {'higher' if shift > 0 else 'lower'} by {abs(shift):.2f} standard deviations of ranks"
    if order == 1:
        return f"spreads {'wider' if shift > 0 else 'narrower'} (by {abs(shift):.2f})"
    return f"is distributed otherwise (by {abs(shift):.2f})"


def distances(bins: Bins, total: Ints, rows: Ints) -> str:
    """Say how far counts lie from the reference in the measures that people know."""
    before, after = grouped(bins, total, rows)
    said = f"PSI {population_stability(before, after):.2f}" if after.sum() and before.sum() else "no rows to compare"
    if not (after.sum() and before.sum()):
        return said
    if not bins.is_number:
        return f"{said}, Jensen-Shannon {jensen_shannon(before, after):.2f}"
    centres = bin_centres(bins)
    known, now = total[1:].astype(np.float64), rows[1:].astype(np.float64)
    mean = float(known @ centres) / max(known.sum(), 1.0)
    sd = float(np.sqrt(known @ (centres - mean) ** 2 / max(known.sum(), 1.0)))
    return f"{said}, Wasserstein {wasserstein(known, now, centres) / sd:.2f} sd" if sd > 0 else said


def bin_centres(bins: Bins) -> Floats:
    """Return the middles of a number's bins, below and above range at the ends of the range.

    >>> bin_centres(Bins(subject="score", edges=(1.0,), low=0.0, high=2.0)).tolist()
    [0.0, 0.5, 1.5, 2.0]
    """
    cuts = np.array([bins.low, *bins.edges, bins.high], dtype=np.float64)
    return np.concatenate([cuts[:1], (cuts[1:] + cuts[:-1]) / 2, cuts[-1:]])


def grouped(bins: Bins, total: Ints, rows: Ints) -> tuple[Floats, Floats]:
    """Put bins together so that about ten groups hold the same share of the reference; levels stay apart if few."""
    known, now = total[1:].astype(np.float64), rows[1:].astype(np.float64)
    if known.size <= N_GROUPS or not known.sum():
        return known, now
    order = np.arange(known.size) if bins.is_number else np.argsort(-known, kind="stable")
    middle = (np.cumsum(known[order]) - known[order] / 2) / known.sum()
    group = np.minimum((middle * N_GROUPS).astype(np.int64), N_GROUPS - 1)
    before, after = (np.bincount(group, weights=each[order], minlength=N_GROUPS) for each in (known, now))
    return before.astype(np.float64), after.astype(np.float64)
