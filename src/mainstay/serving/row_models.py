"""The raw score of one used row: plain Python, which gives the bits that `plan_math` gives for columns."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

import msgspec
import numpy as np

from mainstay.domain.plan import CrossTerm, LevelTerm, Linear, Number, NumberTerm
from mainstay.domain.traffic import Value
from mainstay.serving.plan_forest import ForestTables, Table, exponents
from mainstay.serving.plan_walk import Walk, walked_sums
from mainstay.serving.row_inputs import OfRow, Used, reader_of_row

Run: TypeAlias = Callable[[Used, float], float]


def linear_of_row(model: Linear) -> OfRow:
    """Return how to add a linear model's terms for a row, in their order."""
    runs = [_run(kind, list(terms)) for kind, terms in groupby(model.terms, key=_kind)]
    intercept = model.intercept

    def raw(used: Used) -> float:
        total = intercept
        for run in runs:
            total = run(used, total)
        return total

    return raw


def _kind(term: NumberTerm | LevelTerm | CrossTerm) -> str:
    if isinstance(term, NumberTerm) and isinstance(term.input, Number):
        return "number"
    return "level" if isinstance(term, LevelTerm) else "other"


def _run(kind: str, terms: Sequence[Any]) -> Run:
    """Return how to add terms of one kind: without a call for each, where it is a plain one."""
    if kind == "other":
        return _others([TERMS[type(term)](term) for term in terms])
    return _numbers(terms) if kind == "number" else _levels(terms)


def _others(parts: Sequence[OfRow]) -> Run:
    def add(used: Used, total: float) -> float:
        for part in parts:
            total += part(used)
        return total

    return add


def _numbers(terms: Sequence[NumberTerm]) -> Run:
    kept = [(term.input.field, *_bounds(term), term.centre, term.scale, term.weight) for term in terms]  # type: ignore[union-attr]
    missing, isnan = [_number_of_row(term)({}) for term in terms], math.isnan

    def add(used: Used, total: float) -> float:
        get = used.get
        for place, (name, low, high, centre, scale, weight) in enumerate(kept):
            x: Any = get(name)
            if x is None or isnan(x):
                total += missing[place]
                continue
            if x < low:
                x = low
            elif x > high:
                x = high
            total += weight * ((x - centre) / scale)
        return total

    return add


def _levels(terms: Sequence[LevelTerm]) -> Run:
    kept = [(term.field, _weights(term), term.unseen_weight, term.missing_weight) for term in terms]

    def add(used: Used, total: float) -> float:
        get = used.get
        for name, weights, unseen, missing in kept:
            level = get(name)
            weight = weights.get(level)
            total += weight if weight is not None else unseen if isinstance(level, str) else missing
        return total

    return add


def _weights(term: LevelTerm) -> Mapping[Value, float]:
    return dict(zip(term.levels, term.weights, strict=True))


def _bounds(term: NumberTerm) -> tuple[float, float]:
    return -math.inf if term.low is None else term.low, math.inf if term.high is None else term.high


def _number_of_row(term: NumberTerm) -> OfRow:
    number = reader_of_row(msgspec.to_builtins(term.input))
    low, high = _bounds(term)

    def part(used: Used) -> float:
        x = number(used)
        is_missing = math.isnan(x)
        x = min(max(term.fill if is_missing else x, low), high)
        value = term.weight * ((x - term.centre) / term.scale)
        return value + term.missing_weight if is_missing else value

    return part


def _cross_of_row(term: CrossTerm) -> OfRow:
    index = reader_of_row(msgspec.to_builtins(term.input))

    def part(used: Used) -> float:
        place = index(used)
        return term.other_weight if math.isnan(place) else term.weights[int(place)]

    return part


TERMS: Mapping[type[Any], Callable[[Any], OfRow]] = {
    NumberTerm: _number_of_row,
    CrossTerm: _cross_of_row,
}


def forest_of_row(forest: ForestTables) -> OfRow:
    """Return how to add the leaves that a row reaches, in the order of the trees."""
    masks = [_mask_of_row(table) for table in forest.tables]
    n_bytes, everything = forest.leaves.nbytes, int.from_bytes(forest.leaves.tobytes(), "little")
    word, starts, n_words, values = forest.word, forest.starts, forest.starts.size, forest.values
    baseline, divisor, several = values.dtype.type(forest.baseline), forest.divisor, n_words > forest.n_trees

    def raw(used: Used) -> float:
        left = everything
        for mask in masks:
            left &= mask(used)
        words, firsts = np.frombuffer(left.to_bytes(n_bytes, "little"), dtype=word, count=n_words), starts
        if several:
            (taken,) = words.nonzero()
            words, firsts = words[taken], starts[taken]
        leaves = values.take(exponents(words) + firsts)
        leaves[0] += baseline
        return float(np.add.accumulate(leaves)[-1]) / divisor

    return raw if forest.n_trees else lambda used: forest.baseline / forest.divisor


def walk_of_row(walk: Walk) -> OfRow:
    """Return how to walk a row through all trees, and to add the leaves in their order."""
    numbers = [reader_of_row(source) for source in walk.inputs]

    def raw(used: Used) -> float:
        return float(walked_sums(walk, np.array([[number(used) for number in numbers]], dtype=np.float64))[0])

    return raw


def _mask_of_row(table: Table) -> Callable[[Used], int]:
    masks = [int.from_bytes(row.tobytes(), "little") for row in table.masks]
    missing, source = masks[-1], table.input
    if source["type"] == "level":
        return _mask_of_level(source["field"], source["levels"], masks)
    number = reader_of_row(source)
    if table.thresholds is None:
        return lambda used: missing if math.isnan(index := number(used)) else masks[int(index)]
    thresholds = table.thresholds.tolist()

    def mask(used: Used) -> int:
        x = number(used)
        return missing if math.isnan(x) else masks[bisect_left(thresholds, x)]

    return mask


def _mask_of_level(name: str, levels: Sequence[str], masks: Sequence[int]) -> Callable[[Used], int]:
    """Look a level up in one step; the mask after the levels' ones is that of a missing value."""
    unseen, by_level = masks[-1], dict[Value, int](zip(levels, masks, strict=False))
    by_level[None] = masks[len(levels)]
    return lambda used: by_level.get(used.get(name), unseen)
