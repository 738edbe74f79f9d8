"""How much is decided, against the hour or weekday and what was usual of late: a fall to half, a rise to threefold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtri

from mainstay.domain.finding import Finding, Judged
from mainstay.domain.moments import parse_moment
from mainstay.domain.signature import ReferenceSignature
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.ended import Ended
from mainstay.monitoring.look import SYSTEM, WORLD, iso_us, judged, worse
from mainstay.monitoring.periods import DAY_S, period_numbers, to_us

VOLUME = "F28-volume"
VOLUME_SHARE = 0.02  # of the promise on false alarms
FALL, RISE = 0.5, 3.0
GRAVE_FALL, GRAVE_RISE = 0.1, 10.0
LEAST_EXPECTED = 20.0  # rows: below, half of them is luck
LATELY = 8  # periods that say what is usual
KNOWN = 6  # periods whose scatter says how far off is usual
LEAST_SCATTER = 0.1  # of the logarithm: calls come in bunches
LEAST_EACH = 3  # periods of a part of the week before it has a share of its own


def volume(known: Ended, reference: ReferenceSignature, *, alpha: float) -> Iterator[Judged]:
    """Return a finding for each period with far fewer or more decisions than such an hour or weekday had of late.

    A period without any is silence, which has a finding of its own. The first period was cut by the beginning.
    """
    rows = known.rows[1:].astype(np.float64)
    expected, scatter = _expected(rows, known.starts[1:], reference)
    far = np.abs(np.log((rows + 0.5) / np.maximum(expected, 0.5))) > -float(ndtri(alpha / 2)) * scatter
    odd = (rows < FALL * expected) | (rows > RISE * expected)
    for t in np.flatnonzero(far & odd & (rows > 0) & (np.maximum(expected, rows) >= LEAST_EXPECTED)):
        yield _said(known, int(t) + 1, float(expected[t]))


def _said(known: Ended, t: int, expected: float) -> Judged:
    n = int(known.rows[t])
    fell = n < expected
    remedy = (
        "Ask callers what changed, and look at /metrics for refused requests and for keys that fell silent."
        if fell
        else "Ask callers whether somebody repeats requests; rows with ids of their own are decided once."
    )
    finding = Finding(
        code=VOLUME,
        verdict=worse(fails=n < GRAVE_FALL * expected or n > GRAVE_RISE * expected),
        because=f"{n:,} decisions from {iso_us(int(known.starts[t]))} on, where such a period of late makes expect "
        f"{expected:,.0f}",
        measured=float(n),
        limit=(FALL if fell else RISE) * expected,
        remedy=remedy,
    )
    return judged(finding, int(known.starts[t]), int(known.ends[t]), SYSTEM if fell else WORLD)


def _expected(rows: Floats, starts: Ints, reference: ReferenceSignature) -> tuple[Floats, Floats]:
    """What each period makes expect by those before it, and how far off such a guess was; 0 where nothing is known."""
    phase, n_phases = _phases(starts, reference)
    expected, scatter = np.zeros(rows.size), np.full(rows.size, np.inf)
    off: list[float] = []
    for t in range(rows.size):
        share = _shares(rows[:t], phase[:t], n_phases, reference)
        if share is None or t < LATELY:
            continue
        lately = rows[t - LATELY : t] / np.maximum(share[phase[t - LATELY : t]], 0.05)
        expected[t] = float(np.median(lately)) * share[phase[t]]
        if len(off) >= KNOWN:
            chance = 1 / max(expected[t], 1.0)
            scatter[t] = np.sqrt(
                max(1.4826 * float(np.median(np.abs(off[-4 * LATELY :]))), LEAST_SCATTER) ** 2 + chance
            )
        off.append(float(np.log((rows[t] + 0.5) / max(expected[t], 0.5))))
    return expected, scatter


def _phases(starts: Ints, reference: ReferenceSignature) -> tuple[Ints, int]:
    """The part of the week, or of the day, that each period is."""
    length = round(reference.period_s)
    week = round(7 * DAY_S)
    n_phases = int(np.lcm(length, week)) // length if length < week else 1
    numbers = period_numbers(starts, period_s=reference.period_s, time_zone=reference.time_zone)
    return numbers % n_phases, n_phases


def _shares(rows: Floats, phase: Ints, n_phases: int, reference: ReferenceSignature) -> Floats | None:
    """How many rows each part of the week has, 1 on average: by own periods, else by the reference's; None unknown."""
    if n_phases == 1:
        return np.ones(1)
    own = _mean_by(rows, phase, n_phases)
    return own if own is not None else _mean_by(*_of_reference(reference), n_phases)


def _mean_by(rows: Floats, phase: Ints, n_phases: int) -> Floats | None:
    n = np.bincount(phase, minlength=n_phases)
    if n.min() < LEAST_EACH:
        return None
    means = np.bincount(phase, weights=rows, minlength=n_phases) / n
    return means / means.mean() if means.sum() else None


def _of_reference(reference: ReferenceSignature) -> tuple[Floats, Ints]:
    if not reference.timed or not reference.bins:
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    starts = np.array([to_us(parse_moment(text)) for text in reference.periods], dtype=np.int64)
    rows = np.array(reference.counts[reference.bins[0].subject], dtype=np.float64).sum(axis=1)
    return rows, _phases(starts, reference)[0]
