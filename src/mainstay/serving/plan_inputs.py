"""Columns of used values as the numbers a model reads: float64, level indices, and parts of dates.

Needs nothing but numpy, because this text also travels inside bundles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.domain.wall_clock import date_part

FloatArray: TypeAlias = npt.NDArray[np.float64]
Columns: TypeAlias = Mapping[str, "Sequence[Any] | npt.NDArray[Any]"]
Json: TypeAlias = Mapping[str, Any]


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
