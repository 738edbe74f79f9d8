"""The only real clock. Everything else is told what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the current moment, aware, in UTC."""
    return datetime.now(UTC)


def now_us() -> int:
    """Return the current moment as whole UTC microseconds since 1970."""
    return time.time_ns() // 1000


def ticks_us() -> int:
    """Return microseconds of a clock that never steps back; only differences within one process mean anything."""
    return time.perf_counter_ns() // 1000
