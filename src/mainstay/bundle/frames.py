"""Used values as the frame that a recipe of one's own reads: pandas or Polars, whichever it asked for.

The same function makes the frames it is fitted on and those it scores in the service, from the same used values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.domain.plan import Input, Level, Number, Raw
from mainstay.domain.wall_clock import FIRST_MOMENT_S, LAST_MOMENT_S

PANDAS, POLARS = "pandas", "polars"

Columns: TypeAlias = Mapping[str, "Sequence[Any] | npt.NDArray[Any]"]


def inputs_of(columns: Sequence[Raw]) -> dict[str, Input | None]:
    """Return what each column is to a plan; None for texts and dates, which a plan cannot read as they are."""
    return {column.field: _input(column) for column in columns}


def _input(column: Raw) -> Input | None:
    if column.kind == "category":
        return Level(field=column.field, levels=column.levels)
    return Number(field=column.field) if column.kind == "number" else None


def usual_frame() -> str:
    """Return the kind of frame a recipe gets that does not say which: pandas where it is installed, else Polars."""
    return PANDAS if find_spec(PANDAS) else POLARS


def frame_of(used: Columns, columns: Sequence[Raw], *, kind: str, n_rows: int) -> Any:
    """Return a frame of used values: numbers as float64, categories, dates without a zone (in UTC), and texts.

    pandas: float64 with NaN, `category` with the schema's levels, datetime64[us], object. Polars: Float64, String,
    Datetime("us"), String, with nulls. A level that the schema does not know is missing; so is an absent column.
    """
    values = {column.field: _values(used.get(column.field), column, n_rows) for column in columns}
    make = _pandas if kind == PANDAS else _polars
    library = import_module(kind)
    return library.DataFrame({column.field: make(values[column.field], column, library) for column in columns})


def _values(given: Any, column: Raw, n_rows: int) -> npt.NDArray[Any]:
    """Return float64 (numbers), level indices (categories), datetime64[us] or objects, shape (n_rows,)."""
    if column.kind in ("number", "moment"):
        numbers = np.full(n_rows, np.nan) if given is None else np.asarray(given, dtype=np.float64)
        return numbers if column.kind == "number" else _moments(numbers)
    texts = [None] * n_rows if given is None else list(given)
    if column.kind == "text":
        return np.array([text if isinstance(text, str) else None for text in texts], dtype=object)
    index: dict[Any, int] = {level: i for i, level in enumerate(column.levels)}
    return np.fromiter((index.get(text, -1) for text in texts), dtype=np.int64, count=n_rows)


def _moments(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.datetime64]:
    is_moment = (seconds >= FIRST_MOMENT_S) & (seconds < LAST_MOMENT_S)
    us = (np.where(is_moment, seconds, 0.0) * 1e6).round().astype(np.int64).view("datetime64[us]")
    return np.where(is_moment, us, np.datetime64("NaT", "us"))


def _pandas(values: npt.NDArray[Any], column: Raw, pandas: Any) -> Any:
    if column.kind == "category":
        return pandas.Categorical.from_codes(values, categories=pandas.Index(column.levels, dtype=object))
    return pandas.Series(values, dtype=object) if column.kind == "text" else values


def _polars(values: npt.NDArray[Any], column: Raw, polars: Any) -> Any:
    if column.kind == "number":
        return polars.Series(values, dtype=polars.Float64).fill_nan(None)
    if column.kind == "category":
        levels = np.array([*column.levels, None], dtype=object)  # the last one is that of -1
        return polars.Series(levels[values].tolist(), dtype=polars.String)
    if column.kind == "text":
        return polars.Series(values.tolist(), dtype=polars.String)
    return polars.Series(values, dtype=polars.Datetime("us"))
