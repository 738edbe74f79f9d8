"""Parts of dates as people read them off the wall: training and serving both read them here, so they cannot disagree.

Needs nothing but numpy, because this text also travels inside bundles.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

PARTS = ("month", "day", "weekday", "hour", "minute", "days")
DAY_S = 86_400
STEP_S = 900  # zones change their offset at quarters of an hour, with a few exceptions long ago
FIRST_MOMENT_S, LAST_MOMENT_S = -62_135_510_400.0, 253_402_214_400.0  # years 1 to 9999 in any zone; outside is missing


def date_part(moments: FloatArray, part: str, time_zone: str = "UTC") -> FloatArray:
    """Return `month`, `day`, `weekday` (Monday is 0), `hour` or `minute` on the wall clock, or `days` since 1970 (UTC).

    A `minute` counts from midnight. Moments are UTC seconds of shape (n,); NaN and moments outside the years 1 to 9999
    give NaN.

    >>> date_part(np.array([0.0]), "weekday").tolist()
    [3.0]
    """
    inside = (moments >= FIRST_MOMENT_S) & (moments < LAST_MOMENT_S)
    if part == "days":
        return np.where(inside, moments / DAY_S, np.nan)
    safe = np.floor(np.where(inside, moments, 0.0))
    seconds = (safe + utc_offsets(safe, time_zone)).astype(np.int64)
    return np.where(inside, WALL_PARTS[part](seconds, seconds // DAY_S), np.nan)


def utc_offsets(seconds: FloatArray, time_zone: str) -> FloatArray:
    """Return how many seconds the wall clock of a zone is ahead of UTC at each second, shape (n,)."""
    if time_zone == "UTC":
        return np.zeros(seconds.size)
    zone = ZoneInfo(time_zone)
    steps = np.floor(seconds / STEP_S) * STEP_S
    found, changes = _offsets(steps, zone), _offsets(steps + STEP_S, zone)
    between = found != changes
    found[between] = _offsets(seconds[between], zone)
    return found


def offset_at(second: float, zone: ZoneInfo) -> float:
    """Return how many seconds the wall clock of a zone is ahead of UTC at one moment."""
    offset = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0


def _offsets(seconds: FloatArray, zone: ZoneInfo) -> FloatArray:
    unique, where = np.unique(seconds, return_inverse=True)
    return np.array([offset_at(second, zone) for second in unique.tolist()], dtype=np.float64)[where.reshape(-1)]


def _months(days: IntArray) -> npt.NDArray[Any]:
    return days.astype("datetime64[D]").astype("datetime64[M]")


WALL_PARTS: dict[str, Callable[[IntArray, IntArray], IntArray]] = {
    "month": lambda _, days: _months(days).astype(np.int64) % 12 + 1,
    "day": lambda _, days: days - _months(days).astype("datetime64[D]").astype(np.int64) + 1,
    "weekday": lambda _, days: (days + 3) % 7,
    "hour": lambda seconds, _: seconds % DAY_S // 3600,
    "minute": lambda seconds, _: seconds % DAY_S // 60,
}
