"""Linear models behind imputation, scaling and one-hot encoding as the terms of linear plans.

What each level becomes is asked of the fitted encoder itself: nothing is assumed about how it groups rare levels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, RobustScaler, StandardScaler

from mainstay.bundle.compile_forest import index_count
from mainstay.bundle.compile_trees import Compiled
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Cross, CrossTerm, Input, Level, LevelTerm, Linear, NumberTerm

Weights: TypeAlias = npt.NDArray[np.float64]
Term: TypeAlias = NumberTerm | LevelTerm | CrossTerm

LOG_LINK = ("PoissonRegressor", "GammaRegressor")


def compile_linear(pipeline: Pipeline, inputs: Mapping[str, Input]) -> Compiled:
    """Return a fitted pipeline of columns and a linear model as linear models: one, or one per class.

    The columns are a `ColumnTransformer` of a `OneHotEncoder` (levels) and of a `Pipeline` of `SimpleImputer`, then
    `MinMaxScaler`, `StandardScaler` or both, where a `RobustScaler` may stand first (numbers).
    """
    model, (columns,) = pipeline[-1], (part for _, part in pipeline.steps[:-1])
    groups = list(_groups(columns))
    weights: Weights = np.atleast_2d(model.coef_)
    intercepts = np.broadcast_to(model.intercept_, weights.shape[:1]).tolist()
    models = tuple(_linear(groups, inputs, *line) for line in zip(weights, intercepts, strict=True))
    if hasattr(model, "classes_"):
        return Compiled(models, "logistic" if len(models) == 1 else "softmax")
    return Compiled(models, "exp" if type(model).__name__ in LOG_LINK else "identity")


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that go through one part together, and where what it makes of them stands in the model's matrix."""

    part: Any
    names: tuple[str, ...]
    made: slice


def _groups(columns: ColumnTransformer) -> Iterator[Group]:
    for name, part, names in columns.transformers_:
        if isinstance(part, OneHotEncoder | Pipeline):
            yield Group(part, tuple(names), columns.output_indices_[name])
        elif part != "drop":
            raise BundleError(f"{type(part).__name__} before a linear model cannot be written as a plan")


def _linear(groups: Sequence[Group], inputs: Mapping[str, Input], weights: Weights, intercept: float) -> Linear:
    terms: list[Term] = []
    for group in groups:
        mine, sources = weights[group.made], [inputs[name] for name in group.names]
        if isinstance(group.part, OneHotEncoder):
            terms += _index_terms(group.part, sources, mine)
        else:
            found, added = _number_terms(_steps(group.part), sources, mine)
            terms += found
            intercept += added
    return Linear(intercept=intercept, terms=tuple(terms))


def _index_terms(encoder: OneHotEncoder, sources: Sequence[Input], weights: Weights) -> list[Term]:
    starts = np.cumsum([0, *_widths(encoder)])
    return [
        _index_term(encoder, i, source, weights, slice(starts[i], starts[i + 1])) for i, source in enumerate(sources)
    ]


def _widths(encoder: OneHotEncoder) -> list[int]:
    """How many columns each feature becomes: one per frequent level, and one for all infrequent ones together."""
    if not encoder._infrequent_enabled:
        return [len(all_) for all_ in encoder.categories_]
    rare = encoder.infrequent_categories_
    return [
        len(all_) - (0 if few is None else len(few) - 1) for all_, few in zip(encoder.categories_, rare, strict=True)
    ]


def _index_term(encoder: OneHotEncoder, i: int, source: Input, weights: Weights, mine: slice) -> Term:
    if not isinstance(source, Level | Cross):
        raise BundleError("numbers taken for levels cannot be written as a plan")
    if isinstance(source, Level) and any(isinstance(known, str) for known in encoder.categories_[i]):
        return _text_term(encoder, i, source, weights, mine)
    *found, other = (
        _asked(encoder, i, [*map(float, range(index_count(source) or 0)), None], pl.Float64())[:, mine] @ weights[mine]
    )
    if isinstance(source, Cross):
        return CrossTerm(input=source, weights=tuple(map(float, found)), other_weight=float(other))
    missing = found.pop() if source.missing_is_level else other
    return LevelTerm(
        field=source.field,
        levels=source.levels,
        weights=tuple(map(float, found)),
        unseen_weight=float(other),
        missing_weight=float(missing),
    )


def _text_term(encoder: OneHotEncoder, i: int, source: Level, weights: Weights, mine: slice) -> LevelTerm:
    levels = [str(level) for level in encoder.categories_[i] if level is not None]
    found = (_asked(encoder, i, [*levels, unseen_by(levels), None], pl.String())[:, mine] @ weights[mine]).tolist()
    return LevelTerm(
        field=source.field,
        levels=tuple(levels),
        weights=tuple(found[:-2]),
        unseen_weight=found[-2],
        missing_weight=found[-1],
    )


def _asked(encoder: OneHotEncoder, i: int, values: Sequence[Any], dtype: pl.DataType) -> Weights:
    """What the encoder makes of values of its column `i`."""
    names = [str(name) for name in encoder.feature_names_in_]
    rows = {name: values if place == i else [None] * len(values) for place, name in enumerate(names)}
    made = encoder.transform(pl.DataFrame(rows, schema=dict.fromkeys(rows, dtype)))
    return np.asarray(made.todense() if hasattr(made, "todense") else made)


def unseen_by(levels: Sequence[str]) -> str:
    """Return a text that is none of the levels.

    >>> unseen_by(["unseen"])
    'unseen+'
    """
    text = "unseen"
    while text in levels:
        text += "+"
    return text


@dataclass(frozen=True, slots=True)
class Steps:
    """What happens to numbers, in this order; centring, clipping and scaling may be missing."""

    fill: SimpleImputer
    centre: RobustScaler | None = None
    clip: MinMaxScaler | None = None
    scale: StandardScaler | None = None


STEPS: Mapping[type[Any], str] = {
    SimpleImputer: "fill",
    RobustScaler: "centre",
    MinMaxScaler: "clip",
    StandardScaler: "scale",
}


def _steps(part: Pipeline) -> Steps:
    names = [STEPS.get(type(step)) for _, step in part.steps]
    if names[:1] != ["fill"] or names != [name for name in STEPS.values() if name in names]:
        came = ", ".join(type(step).__name__ for _, step in part.steps)
        raise BundleError(f"{came} before a linear model cannot be written as a plan")
    return Steps(**{name: step for name, (_, step) in zip(names, part.steps, strict=True) if name is not None})


def _number_terms(steps: Steps, sources: Sequence[Input], weights: Weights) -> tuple[list[Term], float]:
    """Return one term per number, and what the indicators of missing values add to the intercept."""
    fills, indicator = steps.fill.statistics_, steps.fill.indicator_
    missing, added = {}, 0.0
    for place, feature in enumerate(indicator.features_ if indicator is not None else (), start=len(sources)):
        present, absent = (_scaled(steps, place, flag) * float(weights[place]) for flag in (0.0, 1.0))
        missing[int(feature)] = absent - present
        added += present
    terms: list[Term] = []
    for i, source in enumerate(sources):
        line = _line(steps, i)
        missing_weight = missing.get(i, 0.0)
        terms.append(_number_term(line, source, float(fills[i]), weight=float(weights[i]), missing=missing_weight))
        added -= float(weights[i]) * line.rest
    return terms, added


def _scaled(steps: Steps, column: int, value: float) -> float:
    """What centring, clipping and scaling make of a value in one column."""
    if steps.centre is not None:
        value = (value - steps.centre.center_[column]) / steps.centre.scale_[column]
    if steps.clip is not None:
        raw = value * steps.clip.scale_[column] + steps.clip.min_[column]
        value = min(max(raw, 0.0), 1.0) if steps.clip.clip else raw
    if steps.scale is not None:
        value = (value - steps.scale.mean_[column]) / steps.scale.scale_[column]
    return float(value)


@dataclass(frozen=True, slots=True)
class Line:
    """What centring, clipping and scaling are together: `(x - centre) / scale - rest`, x kept within low and high."""

    centre: float
    scale: float
    rest: float
    low: float | None
    high: float | None


def _line(steps: Steps, i: int) -> Line:
    """Return the steps as one line; its centre is that of the first step, so that x loses what it loses there."""
    lines = list(_lines(steps, i))
    centre, scale = lines[0] if lines else (0.0, 1.0)
    rest = 0.0
    for mean, by in lines[1:]:
        rest, scale = (rest + mean) / by, scale * by
    low: float | None = None
    high: float | None = None
    if steps.clip is not None and steps.clip.clip:
        low, high = (_before_clipping(steps, i, float(end[i])) for end in (steps.clip.data_min_, steps.clip.data_max_))
    return Line(centre, scale, rest, low, high)


def _lines(steps: Steps, i: int) -> Iterator[tuple[float, float]]:
    """Yield the centre and the scale of each step, each of what the step before made."""
    if steps.centre is not None:
        yield float(steps.centre.center_[i]), float(steps.centre.scale_[i])
    if steps.clip is not None:
        yield float(steps.clip.data_min_[i]), 1.0 / float(steps.clip.scale_[i])
    if steps.scale is not None:
        yield float(steps.scale.mean_[i]), float(steps.scale.scale_[i])


def _before_clipping(steps: Steps, i: int, end: float) -> float:
    """Return the number that centring makes an end of the range of."""
    if steps.centre is None:
        return end
    return float(steps.centre.center_[i]) + end * float(steps.centre.scale_[i])


def _number_term(line: Line, source: Input, fill: float, *, weight: float, missing: float) -> NumberTerm:
    return NumberTerm(
        input=source,
        fill=fill,
        centre=line.centre,
        scale=line.scale,
        weight=weight,
        missing_weight=missing,
        low=line.low,
        high=line.high,
    )
