"""Linear models of a recipe as the terms of linear plans: one per number, one per category.

What scalers make of a number is a line, which two points tell; that it is one is tried on further points. What encoders
make of a category is a table already, so that its columns, times their weights, are one weight per level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mainstay.bundle.compile_matrix import Column, Floats, cannot
from mainstay.bundle.compile_trees import Compiled
from mainstay.domain.plan import Input, Level, LevelTerm, Linear, NumberTerm

LINKS = {
    **dict.fromkeys(("LogisticRegression", "LogisticRegressionCV"), "logistic"),
    **dict.fromkeys(("PoissonRegressor", "GammaRegressor"), "exp"),
}
FAR = float(2**20)  # numbers between which a line is drawn: powers of two, so that drawing it rounds little
TRIED = np.array([-1e6, -1000.0, -1.0, 0.5, 3.0, 12345.678, 1e9])
STRAIGHT = 1e-12


def compile_lines(model: Any, columns: Sequence[Column]) -> Compiled:
    """Return a fitted linear model of scikit-learn; raises `BundleError` for columns that are no lines."""
    weights: Floats = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    intercepts = np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64), weights.shape[:1]).tolist()
    if weights.shape[1] != len(columns):
        raise cannot(f"{type(model).__name__} of {weights.shape[1]} columns, where {len(columns)} are known")
    models = tuple(_line(columns, row, intercept) for row, intercept in zip(weights, intercepts, strict=True))
    link = LINKS.get(type(model).__name__, "identity")
    return Compiled(models, "softmax" if link == "logistic" and len(models) > 1 else link)


def _line(columns: Sequence[Column], weights: Floats, intercept: float) -> Linear:
    tables: dict[Input, Floats] = {}
    terms: list[NumberTerm | LevelTerm] = []
    for column, weight in zip(columns, weights.tolist(), strict=True):
        if column.source is None:
            raise cannot("a line through a text or a moment")
        if column.table is not None:
            tables[column.source] = tables.get(column.source, 0.0) + weight * column.table
            continue
        term, added = _number(column, column.source, weight)
        terms += [] if term is None else [term]
        intercept += added
    return Linear(intercept=intercept, terms=(*_levels(tables), *terms))


def _levels(tables: Mapping[Input, Floats]) -> list[LevelTerm]:
    return [_level(source, table) for source, table in tables.items()]


def _level(source: Input, table: Floats) -> LevelTerm:
    if not isinstance(source, Level) or not np.isfinite(table).all():
        raise cannot("a line through a category that may be missing")
    *weights, missing = table.tolist()  # a level that the schema does not know is given as missing
    return LevelTerm(
        field=source.field,
        levels=source.levels,
        weights=tuple(weights),
        unseen_weight=missing,
        missing_weight=missing,
    )


def _number(column: Column, source: Input, weight: float) -> tuple[NumberTerm | None, float]:
    """Return a number's term, and what it adds to the intercept where it is the same whatever the number."""
    if not np.isfinite(column.missing):
        raise cannot("a line through a number that may be missing, without a filler before it")
    made = _made(column, np.array([-FAR, 0.0, FAR]))
    slope, start = float(made[2] - made[0]) / (2 * FAR), float(made[1])
    off = np.abs(_made(column, TRIED) - (slope * TRIED + start))
    if (off > STRAIGHT * np.maximum(1.0, np.abs(slope * TRIED))).any():
        raise cannot("a line through a number that is bent or cut before it")
    if slope == 0.0:
        return None, weight * start
    centre = -start / slope
    missing = weight * column.missing
    return NumberTerm(
        input=source, fill=centre, centre=centre, scale=1.0 / slope, weight=weight, missing_weight=missing
    ), 0.0


def _made(column: Column, values: Floats) -> Floats:
    return values if column.rising is None else column.rising(values)
