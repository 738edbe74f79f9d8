"""Logistic regression behind imputation, scaling and one-hot encoding as the terms of a linear plan.

What each level becomes is asked of the fitted encoder itself: nothing is assumed about how it groups rare levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec.structs import replace
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from mainstay.domain.plan import Input, LevelTerm, Linear, NumberTerm

Weights = npt.NDArray[np.float64]
Term = NumberTerm | LevelTerm


def linear(pipeline: Pipeline, inputs: Mapping[str, Input]) -> Linear:
    """Return a fitted pipeline of columns and logistic regression as a linear model."""
    columns, model = pipeline["columns"], pipeline[-1]
    weights: Weights = model.coef_[0]
    intercept = float(model.intercept_[0])
    terms: list[Term] = []
    for name, part, names in columns.transformers_:
        mine = weights[columns.output_indices_[name]]
        if name == "levels":
            terms += _level_terms(part, names, mine, inputs)
        elif name == "numbers":
            found, added = _number_terms(part, names, mine, inputs)
            terms += found
            intercept += added
    return Linear(intercept=intercept, terms=tuple(terms))


def _level_terms(
    encoder: OneHotEncoder, names: Sequence[str], weights: Weights, inputs: Mapping[str, Input]
) -> list[Term]:
    starts = np.cumsum([0, *_widths(encoder)])
    return [
        _level_term(encoder, i, weights, slice(starts[i], starts[i + 1]), inputs[names[i]].field)
        for i in range(len(names))
    ]


def _widths(encoder: OneHotEncoder) -> list[int]:
    """How many columns each feature becomes: one per frequent level, and one for all infrequent ones together."""
    rare = encoder.infrequent_categories_
    return [
        len(all_) - (0 if few is None else len(few) - 1) for all_, few in zip(encoder.categories_, rare, strict=True)
    ]


def _level_term(encoder: OneHotEncoder, i: int, weights: Weights, mine: slice, field: str) -> LevelTerm:
    levels = [str(level) for level in encoder.categories_[i] if level is not None]
    asked: list[str | None] = [*levels, unseen_by(levels), None]
    rows: dict[str, list[str | None]] = {str(name): [None] * len(asked) for name in encoder.feature_names_in_}
    rows[str(encoder.feature_names_in_[i])] = asked
    encoded = encoder.transform(pl.DataFrame(rows, schema=dict.fromkeys(rows, pl.String)))[:, mine]
    found = (encoded @ weights[mine]).tolist()
    return LevelTerm(
        field=field,
        levels=tuple(levels),
        weights=tuple(found[:-2]),
        unseen_weight=found[-2],
        missing_weight=found[-1],
    )


def unseen_by(levels: Sequence[str]) -> str:
    """Return a text that is none of the levels.

    >>> unseen_by(["unseen"])
    'unseen+'
    """
    text = "unseen"
    while text in levels:
        text += "+"
    return text


def _number_terms(
    part: Pipeline, names: Sequence[str], weights: Weights, inputs: Mapping[str, Input]
) -> tuple[list[Term], float]:
    """Return one term per number, and what the indicators of missing values add to the intercept."""
    fills, indicator = part["fill"].statistics_, part["fill"].indicator_
    missing, added = {}, 0.0
    for place, feature in enumerate(indicator.features_ if indicator is not None else (), start=len(names)):
        present, absent = (_scaled(part, place, flag) * float(weights[place]) for flag in (0.0, 1.0))
        missing[int(feature)] = absent - present
        added += present
    terms = [_number_term(part, i, inputs[name], fill=fills[i], weight=weights[i]) for i, name in enumerate(names)]
    return [replace(term, missing_weight=missing.get(i, 0.0)) for i, term in enumerate(terms)], added


def _scaled(part: Pipeline, column: int, value: float) -> float:
    """What clipping and scaling make of a value in one column."""
    clip, scale = part["clip"], part["scale"]
    inside = min(max(value * clip.scale_[column] + clip.min_[column], 0.0), 1.0)
    return float((inside - scale.mean_[column]) / scale.scale_[column])


def _number_term(part: Pipeline, i: int, source: Input, *, fill: float, weight: float) -> NumberTerm:
    clip, scale = part["clip"], part["scale"]
    low, high = float(clip.data_min_[i]), float(clip.data_max_[i])
    return NumberTerm(
        input=source,
        fill=float(fill),
        centre=low + float(scale.mean_[i]) / float(clip.scale_[i]),
        scale=float(scale.scale_[i]) / float(clip.scale_[i]),
        weight=float(weight),
        low=low,
        high=high,
    )
