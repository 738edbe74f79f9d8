"""What a piece of work takes of the machine: seconds, seconds of computing, and the most memory held at once.

Nothing is sampled, so no peak falls between two looks: the kernel keeps the mark. On Linux the mark is set back when
measuring starts (5 into /proc/self/clear_refs). Where that cannot be done, the mark is the highest since the process
began. Of other processes that were started meanwhile the largest one counts, if it was larger.
"""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mainstay.domain.cost import Used
from mainstay.store.clock import ticks_us

CLEAR, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
SET_BACK_THE_PEAK = "5"
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes of one of `ru_maxrss`


@dataclass(frozen=True, slots=True)
class Meter:
    """A measurement that has begun: the ticks and the seconds of computing until then, and the largest child."""

    ticks_us: int
    cpu_s: float
    child_bytes: int


def start() -> Meter:
    """Begin to measure; one measurement at a time in one process, for there is one mark."""
    with suppress(OSError):  # not Linux, or not allowed: the mark then tells of the whole process
        CLEAR.write_text(SET_BACK_THE_PEAK, encoding="ascii")
    return Meter(ticks_us(), _cpu_s(), _largest_child())


def used(since: Meter) -> Used:
    """Return what was used since a measurement began."""
    child = _largest_child()
    peak = max(_peak_bytes(), child if child > since.child_bytes else 0)
    return Used((ticks_us() - since.ticks_us) / 1e6, _cpu_s() - since.cpu_s, peak)


def _cpu_s() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(each.ru_utime + each.ru_stime for each in map(resource.getrusage, kinds))


def _largest_child() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * UNIT


def _peak_bytes() -> int:
    try:
        lines = STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        lines = []
    marks = [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")]
    return marks[0] if marks else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
