"""Columns of used values as the numbers a model reads: float64, level indices, and parts of dates.

Needs nothing but numpy, because this text also travels inside bundles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Columns: TypeAlias = Mapping[str, "Sequence[Any] | npt.NDArray[Any]"]
Json: TypeAlias = Mapping[str, Any]

DAY_S = 86_400
FIRST_MOMENT_S, LAST_MOMENT_S = -62_135_510_400.0, 253_402_214_400.0  # years 1 to 9999 in any zone; outside is missing


def numbers(columns: Columns, name: str, n_rows: int) -> FloatArray:
    """Return a column as float64 of shape (n_rows,), NaN where missing."""
    if name not in columns:
        return np.full(n_rows, np.nan)
    return np.asarray(columns[name], dtype=np.float64)  # None becomes NaN


def texts(columns: Columns, name: str, n_rows: int) -> npt.NDArray[Any]:
    """Return a column of texts as objects of shape (n_rows,), None where missing (or no text)."""
    if name not in columns:
        return np.full(n_rows, None, dtype=object)
    return np.array([value if isinstance(value, str) else None for value in columns[name]], dtype=object)


def level_numbers(columns: Columns, name: str, levels: Sequence[str], n_rows: int) -> npt.NDArray[np.int64]:
    """Return a column of texts as indices of `levels`, shape (n_rows,): -1 is unseen, -2 missing (None or NaN)."""
    if name not in columns:
        return np.full(n_rows, -2, dtype=np.int64)
    index: dict[Any, int] = {level: i for i, level in enumerate(levels)}
    index[None] = -2
    found = (index.get(text, -1 if isinstance(text, str) else -2) for text in columns[name])
    return np.fromiter(found, dtype=np.int64, count=n_rows)


def input_numbers(source: Json, columns: Columns, n_rows: int) -> FloatArray:
    """Return one input of a model (a number, a level's index or a part of a date), NaN where missing or unseen."""
    if source["type"] == "level":
        index = level_numbers(columns, source["field"], source["levels"], n_rows)
        return np.where(index < 0, np.nan, index)
    values = numbers(columns, source["field"], n_rows)
    return values if source["type"] == "number" else date_part(values, source["part"], source["time_zone"])


def date_part(moments: FloatArray, part: str, time_zone: str = "UTC") -> FloatArray:
    """Return `month`, `day`, `weekday` (Monday is 0) or `hour` on the wall clock, or `days` since 1970 (UTC).

    Moments are UTC seconds; NaN and moments outside the years 1 to 9999 give NaN.

    >>> date_part(np.array([0.0]), "weekday").tolist()
    [3.0]
    """
    if part == "days":
        return moments / DAY_S
    inside = (moments >= FIRST_MOMENT_S) & (moments < LAST_MOMENT_S)
    safe = np.floor(np.where(inside, moments, 0.0))
    seconds = (safe + utc_offsets(safe, time_zone)).astype(np.int64)
    days = seconds // DAY_S
    return np.where(inside, WALL_PARTS[part](seconds, days), np.nan)


def utc_offsets(moments: FloatArray, time_zone: str) -> FloatArray | float:
    """Return how many seconds the wall clock of a zone is ahead of UTC at each moment."""
    if time_zone == "UTC":
        return 0.0
    zone = ZoneInfo(time_zone)
    unique, where = np.unique(moments, return_inverse=True)
    return np.array([offset_at(second, zone) for second in unique.tolist()])[where.reshape(-1)]


def offset_at(second: float, zone: ZoneInfo) -> float:
    """Return how many seconds the wall clock of a zone is ahead of UTC at one moment."""
    offset = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0


def _months(days: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    return days.astype("datetime64[D]").astype("datetime64[M]")


WALL_PARTS: dict[str, Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.int64]]] = {
    "month": lambda _, days: _months(days).astype(np.int64) % 12 + 1,
    "day": lambda _, days: days - _months(days).astype("datetime64[D]").astype(np.int64) + 1,
    "weekday": lambda _, days: (days + 3) % 7,
    "hour": lambda seconds, _: seconds % DAY_S // 3600,
}
