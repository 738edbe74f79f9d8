"""The only real clock. Everything else is told what time it is."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

STAT = Path("/proc/self/stat")  # Linux tells here when the process began, in clock ticks since the machine did
BEGAN = 19  # the place of that number after the name, which ends at the last bracket
LOADED_NS = time.perf_counter_ns()


def now() -> datetime:
    """Return the current moment, aware, in UTC."""
    return datetime.now(UTC)


def now_us() -> int:
    """Return the current moment as whole UTC microseconds since 1970."""
    return time.time_ns() // 1000


def ticks_us() -> int:
    """Return microseconds of a clock that never steps back; only differences within one process mean anything."""
    return time.perf_counter_ns() // 1000


def process_age_s() -> float:
    """Return the seconds since this process began; where the system does not tell, since this module was loaded."""
    try:
        began = float(STAT.read_text(encoding="utf-8").rpartition(")")[2].split()[BEGAN])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return (time.perf_counter_ns() - LOADED_NS) / 1e9
