"""What transformers of scikit-learn make of columns, asked of the fitted transformers themselves.

Only those are followed that treat every column on its own: encoders of categories, and fillers and scalers of numbers.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils import _safe_indexing, check_array

from mainstay.bundle.compile_matrix import Column, Floats, cannot, mapped

Probe: TypeAlias = Callable[[int], Any]

SCALERS = (StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler)  # none turns the order of numbers
ENCODERS = (OneHotEncoder, OrdinalEncoder)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Columns, and how to ask what becomes of categories that are still texts.

    `probe(i)` is a frame with a row for every level of column i and one where it is missing, all else missing; None
    where the columns are numbers already.
    """

    columns: tuple[Column, ...]
    probe: Probe | None = None


def passed(transformer: Any, matrix: Matrix) -> Matrix:
    """Return a matrix after a fitted transformer; raises `BundleError` for one that is not followed."""
    try:
        return _passed(transformer, matrix)
    except (ValueError, TypeError, AttributeError) as error:
        raise cannot(f"{type(transformer).__name__} ({error})") from error


def _passed(transformer: Any, matrix: Matrix) -> Matrix:
    if _leaves_as_it_is(transformer):
        return matrix
    if isinstance(transformer, ColumnTransformer):
        return _side_by_side(transformer, matrix)
    if any(column.table is not None for column in matrix.columns) and matrix.probe is not None:
        return Matrix(tuple(_encoded(transformer, matrix)))
    if isinstance(transformer, Pipeline):
        for _, step in transformer.steps:
            matrix = _passed(step, matrix)
        return matrix
    return Matrix(tuple(_numbers(transformer, matrix.columns)))


def _leaves_as_it_is(transformer: Any) -> bool:
    """Whether it is 'passthrough', does nothing, or only looks (as histogram boosting's own does)."""
    if not isinstance(transformer, FunctionTransformer):
        return isinstance(transformer, str)
    return getattr(transformer.func, "func", transformer.func) in (None, check_array)


def _side_by_side(transformer: ColumnTransformer, matrix: Matrix) -> Matrix:
    found: list[Column] = []
    inputs = transformer._transformer_to_input_indices
    for name, part, _ in transformer.transformers_:
        places = np.arange(len(matrix.columns))[inputs[name]].tolist()
        if not places or (isinstance(part, str) and part == "drop"):
            continue
        chosen = tuple(matrix.columns[place] for place in places)
        found += _passed(part, Matrix(chosen, _among(matrix.probe, places))).columns
    return Matrix(tuple(found), matrix.probe if _is_raw(transformer) else None)


def _is_raw(transformer: ColumnTransformer) -> bool:
    return all(isinstance(part, str) for _, part, _ in transformer.transformers_)


def _among(probe: Probe | None, places: Sequence[int]) -> Probe | None:
    if probe is None:
        return None
    return lambda i: _safe_indexing(probe(places[i]), places, axis=1)


def _encoded(transformer: Any, matrix: Matrix) -> list[Column]:
    """Ask a transformer (or several in a row) what it makes of every level of every column."""
    steps = [step for _, step in transformer.steps] if isinstance(transformer, Pipeline) else [transformer]
    fillers = all(isinstance(step, SimpleImputer) and not step.add_indicator for step in steps[:-1])
    if not fillers or not isinstance(steps[-1], ENCODERS) or matrix.probe is None:
        raise cannot(f"{type(steps[-1]).__name__} of categories")
    widths = [1] * len(matrix.columns) if isinstance(steps[-1], OrdinalEncoder) else _widths(steps[-1])
    ends = np.cumsum(widths)
    if len(widths) != len(matrix.columns):
        raise cannot("an encoder of fewer columns than it was given")
    found = []
    for i, column in enumerate(matrix.columns):
        if column.table is None:
            raise cannot("an encoder of numbers")
        table = _asked(transformer, matrix.probe(i))
        found += [Column(column.source, table=table[:, j]) for j in range(ends[i] - widths[i], ends[i])]
    return found


def _widths(encoder: OneHotEncoder) -> list[int]:
    return [int(n) for n in encoder._n_features_outs]


def _asked(transformer: Any, rows: Any) -> Floats:
    """Return what a transformer says to rows, as a matrix of float64."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of feature names: rows made here may have none
        matrix = transformer.transform(rows)
    return np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix, dtype=np.float64)


def _numbers(transformer: Any, columns: Sequence[Column]) -> list[Column]:
    filler = isinstance(transformer, SimpleImputer) and not transformer.add_indicator
    codes = isinstance(transformer, OrdinalEncoder) and all(column.table is not None for column in columns)
    if not (filler or codes or isinstance(transformer, SCALERS)):
        raise cannot(f"a pipeline with {type(transformer).__name__}")
    if _asked(transformer, np.zeros((1, len(columns)))).shape[1] != len(columns):
        raise cannot(f"{type(transformer).__name__} that leaves columns out")
    return mapped(columns, lambda rows: _asked(transformer, rows))
