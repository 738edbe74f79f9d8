"""How the service runs: volume, latency, restarts, room on the disk, and whether outcomes and inputs are fresh."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from mainstay.domain.brief import Brief
from mainstay.domain.finding import Finding, Judged
from mainstay.domain.signature import OUTCOME
from mainstay.monitoring import freshness, latency, volume
from mainstay.monitoring.ended import Ended
from mainstay.monitoring.look import LARGEST_ALPHA, SYSTEM, Judgement, iso_us, judged, worse
from mainstay.monitoring.periods import MICROS, to_us
from mainstay.monitoring.yardstick import Yardstick

RESTARTS, DISK = "F28-restarts", "F28-disk"
CODES = frozenset({volume.VOLUME, latency.SLOW, freshness.STALE_OUTCOMES, freshness.STALE_INPUT, RESTARTS, DISK})
SETTLED_US = 60 * MICROS  # workers that start so soon after their service are its first
LEAST_RESTARTS, MANY_RESTARTS = 3, 20  # in a period; a worker or two may be renewed by hand
FULL_BYTES = 200_000_000  # with less, answers will soon be refused


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine tells of itself: starts of workers (UTC microseconds, and the service), and room on the disk.

    `free_bytes` is None where nobody asked, such as for a moment in the past; `least_bytes` is what should be free.
    """

    starts: Sequence[tuple[int, int]] = ()
    free_bytes: int | None = None
    least_bytes: float = 0.0


NOTHING_TOLD = Machine()


def judge_running(
    yardstick: Yardstick,
    known: Ended,
    *,
    brief: Brief,
    at: datetime,
    dated: Sequence[str] = (),
    machine: Machine = NOTHING_TOLD,
) -> Judgement:
    """Judge how one version is asked and answered, period by period, as known at a moment.

    `known` are the periods that have ended, `dated` inputs that are dates: whoever fills them may have
    stopped. The promise on false alarms pays for volume and latency; the rest is no matter of chance.
    """
    of_volume = min(yardstick.alpha(volume.VOLUME_SHARE), LARGEST_ALPHA)
    of_latency = min(yardstick.alpha(latency.LATENCY_SHARE), LARGEST_ALPHA)
    said = [
        *volume.volume(known, yardstick.reference, alpha=of_volume),
        *latency.slow(known, brief.targets, alpha=of_latency),
        *freshness.stale_outcomes(known, known.cells.filter(subject=OUTCOME), at=at),
        *freshness.stale_inputs(known, dated),
        *_restarts(known, machine.starts, to_us(at)),
        *_disk(known, machine),
    ]
    return Judgement(tuple(said), tuple(map(iso_us, known.starts)), CODES)


def _restarts(known: Ended, starts: Sequence[tuple[int, int]], at_us: int) -> Iterator[Judged]:
    """A finding for each period in which workers had to be started again and again."""
    again = np.array([us for us in _again(starts) if us <= at_us], dtype=np.int64)
    if not again.size or not known.n:
        return
    for start, end in zip(known.starts.tolist(), known.ends.tolist(), strict=True):
        n = int(np.count_nonzero((again >= start) & (again < end)))
        if n >= LEAST_RESTARTS:
            finding = Finding(
                code=RESTARTS,
                verdict=worse(fails=n >= MANY_RESTARTS),
                because=f"workers or the whole service were started {n} times more than once",
                measured=float(n),
                limit=float(LEAST_RESTARTS),
                remedy="See what the service logged: it says why each worker ended (memory, a signal, a hang).",
            )
            yield judged(finding, start, end, SYSTEM)


def _again(starts: Sequence[tuple[int, int]]) -> Iterator[int]:
    """The moments at which a worker was started anew, or a service took the place of one before it."""
    service, begun = None, 0
    for us, own in starts:
        if own != service:
            if service is not None:
                yield us
            service, begun = own, us
        elif us - begun > SETTLED_US:
            yield us


def _disk(known: Ended, machine: Machine) -> Iterator[Judged]:
    if machine.free_bytes is None or machine.free_bytes >= machine.least_bytes or not known.n:
        return
    finding = Finding(
        code=DISK,
        verdict=worse(fails=machine.free_bytes < FULL_BYTES),
        because=f"{machine.free_bytes / 1e9:,.1f} GB of the disk are free; an answer that cannot be kept is not given",
        measured=machine.free_bytes / 1e9,
        limit=machine.least_bytes / 1e9,
        remedy="Free some space: mainstay doctor says what takes most.",
    )
    yield judged(finding, int(known.starts[-1]), int(known.ends[-1]), SYSTEM)
