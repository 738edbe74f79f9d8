"""Columns of used values as the numbers a model reads, input by input.

Needs nothing but numpy, because this text also travels inside bundles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.domain.terms import text_fact, text_score
from mainstay.domain.wall_clock import date_part

FloatArray: TypeAlias = npt.NDArray[np.float64]
Columns: TypeAlias = Mapping[str, "Sequence[Any] | npt.NDArray[Any]"]
Json: TypeAlias = Mapping[str, Any]
Read: TypeAlias = Callable[[Columns, int], FloatArray]

NAN = float("nan")


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


def level_index(levels: Sequence[str]) -> Mapping[Any, int]:
    """Return the place of each level, and -2 for None: what is missing."""
    return {**{level: i for i, level in enumerate(levels)}, None: -2}


def level_numbers(columns: Columns, name: str, index: Mapping[Any, int], n_rows: int) -> npt.NDArray[np.int64]:
    """Return a column of texts as places of levels, shape (n_rows,): -1 is unseen, -2 missing (None or NaN)."""
    if name not in columns:
        return np.full(n_rows, -2, dtype=np.int64)
    try:
        return np.fromiter(map(index.__getitem__, columns[name]), dtype=np.int64, count=n_rows)
    except KeyError:
        found = (index.get(text, -1 if isinstance(text, str) else -2) for text in columns[name])
        return np.fromiter(found, dtype=np.int64, count=n_rows)


def reader(source: Json) -> Read:
    """Return how to read one input of a plan: float64 of shape (n_rows,), NaN where it is missing (or unseen)."""
    read: Read = READERS[source["type"]](source)
    return read


def with_shared(shared: Sequence[Read], columns: Columns, n_rows: int) -> Columns:
    """Return the columns and, beside them, the inputs that a plan's models share."""
    found = dict(columns)
    for place, read in enumerate(shared):
        found[shared_name(place)] = read(found, n_rows)
    return found


def shared_name(place: int) -> str:
    """Return the name that a shared input has among columns, which no column of a table has."""
    return f"\0{place}"


def index_count(source: Json, shared: Sequence[Json] = ()) -> int | None:
    """Return how many indices an input has; None where it is a number."""
    if source["type"] == "shared":
        return index_count(shared[source["place"]])
    if source["type"] == "level":
        return len(source["levels"]) + bool(source.get("missing_is_level"))
    return len(source["levels"]) if source["type"] == "cross" else None


def _number(source: Json) -> Read:
    return lambda columns, n_rows: numbers(columns, source["field"], n_rows)


def _shared(source: Json) -> Read:
    name = shared_name(source["place"])
    return lambda columns, n_rows: np.asarray(columns[name], dtype=np.float64)


def _level(source: Json) -> Read:
    missing = float(len(source["levels"])) if source.get("missing_is_level") else NAN
    return _looked_up(source, [float(i) for i in range(len(source["levels"]))], missing, NAN)


def _level_number(source: Json) -> Read:
    return _looked_up(source, source["numbers"], source["missing"], source["unseen"])


def _looked_up(source: Json, found: Sequence[float], missing: float, unseen: float) -> Read:
    table = np.array([*found, missing, unseen], dtype=np.float64)  # -1 and -2 count from the end
    name, index = source["field"], level_index(source["levels"])
    return lambda columns, n_rows: table[level_numbers(columns, name, index, n_rows)]


def _date_part(source: Json) -> Read:
    part, zone = source["part"], source["time_zone"]
    return lambda columns, n_rows: date_part(numbers(columns, source["field"], n_rows), part, zone)


def _text_part(source: Json) -> Read:
    return _of_texts(source["field"], lambda text: text_fact(text, source["part"]), NAN)


def _text_score(source: Json) -> Read:
    known, intercept = known_terms(source), source["intercept"]
    return _of_texts(source["field"], lambda text: text_score(text, known, intercept), source["missing"])


def known_terms(source: Json) -> dict[str, tuple[float, float]]:
    """Return the rarity and weight of each term of a text's score."""
    parts = zip(source["rarities"], source["weights"], strict=True)
    return dict(zip(source["terms"], parts, strict=True))


def _of_texts(name: str, number: Callable[[str], float], missing: float) -> Read:
    def read(columns: Columns, n_rows: int) -> FloatArray:
        found = (missing if text is None else number(text) for text in texts(columns, name, n_rows))
        return np.fromiter(found, dtype=np.float64, count=n_rows)

    return read


def _product(source: Json) -> Read:
    sides = [(reader(source[side]), source[f"{side}_range"]) for side in ("left", "right")]

    def read(columns: Columns, n_rows: int) -> FloatArray:
        left, right = (_centred(side(columns, n_rows), kept) for side, kept in sides)
        return left * right

    return read


def _centred(values: FloatArray, kept: Sequence[float]) -> FloatArray:
    fill, centre, low, high = kept
    return np.minimum(np.maximum(np.where(np.isnan(values), fill, values), low), high) - centre


def _difference(source: Json) -> Read:
    left, right = reader(source["left"]), reader(source["right"])
    left_scale, right_scale = source["left_scale"], source["right_scale"]

    def read(columns: Columns, n_rows: int) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore"):
            found = left(columns, n_rows) / left_scale - right(columns, n_rows) / right_scale
        return np.where(np.isfinite(found), found, NAN)

    return read


def _cross(source: Json) -> Read:
    index = {tuple(pair): float(i) for i, pair in enumerate(source["levels"])}

    def read(columns: Columns, n_rows: int) -> FloatArray:
        pairs = zip(*(texts(columns, source[side], n_rows) for side in ("left", "right")), strict=True)
        return np.fromiter((index.get(pair, NAN) for pair in pairs), dtype=np.float64, count=n_rows)

    return read


READERS: Mapping[str, Callable[[Json], Read]] = {
    "number": _number,
    "shared": _shared,
    "level": _level,
    "level_number": _level_number,
    "date_part": _date_part,
    "text_part": _text_part,
    "text_score": _text_score,
    "product": _product,
    "difference": _difference,
    "cross": _cross,
}
