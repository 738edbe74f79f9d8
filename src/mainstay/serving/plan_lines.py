"""The arithmetic of a linear model, for whole columns. Needs nothing but numpy: this text also travels inside bundles.

All terms that are plain numbers are worked out together, as one matrix; then every term is added in its turn, so that
the sum is the same to the bit as that of one row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.serving.exact import sums
from mainstay.serving.plan_inputs import Columns, FloatArray, Json, level_index, level_numbers, reader

Part: TypeAlias = Callable[[Columns, int], FloatArray]


@dataclass(frozen=True, slots=True)
class Plain:
    """The terms that are plain numbers: their fields, and their constants as columns of shape (n_terms, 1)."""

    places: npt.NDArray[np.int64]
    names: tuple[str, ...]
    fill: FloatArray
    low: FloatArray
    high: FloatArray
    centre: FloatArray
    scale: FloatArray
    weight: FloatArray
    missing_weight: FloatArray


@dataclass(frozen=True, slots=True)
class Lines:
    """A linear model made ready: its plain numbers, and each other term by its place."""

    intercept: float
    n_terms: int
    plain: Plain | None
    others: tuple[tuple[int, Part], ...]


def lines_of(model: Json) -> Lines:
    """Make a linear model ready."""
    terms = model["terms"]
    plain = [place for place, term in enumerate(terms) if _is_plain(term)]
    others = tuple((place, part_of(term)) for place, term in enumerate(terms) if not _is_plain(term))
    return Lines(float(model["intercept"]), len(terms), _plain(terms, plain) if plain else None, others)


def line_scores(lines: Lines, columns: Columns, n_rows: int) -> FloatArray:
    """Return the raw score of every row, shape (n_rows,): the intercept and the terms, added in their order."""
    parts = np.empty((lines.n_terms + 1, n_rows))
    parts[0] = lines.intercept
    if lines.plain is not None:
        parts[lines.plain.places + 1] = _plain_parts(lines.plain, columns, n_rows)
    for place, part in lines.others:
        parts[place + 1] = part(columns, n_rows)
    return sums(parts).astype(np.float64, copy=False)


def part_of(term: Json) -> Part:
    """Return how to work out one term of every row."""
    part: Part = PARTS[term["type"]](term)
    return part


def _is_plain(term: Json) -> bool:
    return bool(term["type"] == "number_term" and term["input"]["type"] == "number")


def _plain(terms: Sequence[Json], places: Sequence[int]) -> Plain:
    chosen = [terms[place] for place in places]

    def column(name: str, instead: float = 0.0) -> FloatArray:
        return np.array([[instead if term[name] is None else term[name]] for term in chosen], dtype=np.float64)

    return Plain(
        places=np.array(places, dtype=np.int64),
        names=tuple(term["input"]["field"] for term in chosen),
        fill=column("fill"),
        low=column("low", -np.inf),
        high=column("high", np.inf),
        centre=column("centre"),
        scale=column("scale"),
        weight=column("weight"),
        missing_weight=column("missing_weight"),
    )


def _plain_parts(plain: Plain, columns: Columns, n_rows: int) -> FloatArray:
    missing = [None] * n_rows
    values = np.array([columns.get(name, missing) for name in plain.names], dtype=np.float64)  # None becomes NaN
    return _number_parts(plain, values)


def _number_parts(kept: Plain, values: FloatArray) -> FloatArray:
    missing = np.isnan(values)
    part = np.where(missing, kept.fill, values)
    np.minimum(np.maximum(part, kept.low, out=part), kept.high, out=part)
    part -= kept.centre
    part /= kept.scale
    part *= kept.weight
    np.add(part, kept.missing_weight, out=part, where=missing)
    return part


def _number_term(term: Json) -> Part:
    read, kept = reader(term["input"]), _plain([{**term, "input": {"field": ""}}], [0])
    return lambda columns, n_rows: _number_parts(kept, read(columns, n_rows)[None])[0]


def _level_term(term: Json) -> Part:
    index, name = level_index(term["levels"]), term["field"]
    weights = np.array([*term["weights"], term["missing_weight"], term["unseen_weight"]], dtype=np.float64)
    return lambda columns, n_rows: weights[level_numbers(columns, name, index, n_rows)]  # -1, -2 count from the end


def _cross_term(term: Json) -> Part:
    read, weights = reader(term["input"]), np.array([*term["weights"], term["other_weight"]], dtype=np.float64)

    def part(columns: Columns, n_rows: int) -> FloatArray:
        values = read(columns, n_rows)
        return weights[np.where(np.isnan(values), -1, values).astype(np.int64)]

    return part


PARTS: Mapping[str, Callable[[Any], Part]] = {
    "number_term": _number_term,
    "level_term": _level_term,
    "cross_term": _cross_term,
}
