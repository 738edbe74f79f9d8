"""Scoring with a plan: whole columns through `plan_math`, single rows through plain Python that gives the same bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec
import numpy as np

from mainstay.domain.expression import columns_of
from mainstay.domain.plan import Beta, Calibration, Constant, Isotonic, Linear, Logistic, Model, Plan, Rule, Temperature
from mainstay.serving import plan_math
from mainstay.serving.exact import exp_of, interpolate_of, log_odds_of, log_of, log_shares_of, sigmoid_of
from mainstay.serving.plan_forest import ForestTables
from mainstay.serving.plan_inputs import Columns, FloatArray, shared_name
from mainstay.serving.plan_math import NEAREST
from mainstay.serving.plan_walk import Walk
from mainstay.serving.row_inputs import OfRow, Used, reader_of_row
from mainstay.serving.row_models import forest_of_row, linear_of_row, walk_of_row
from mainstay.serving.rule import rule_values

Score: TypeAlias = float | tuple[float, ...]
Raws: TypeAlias = Callable[[Used], list[float]]


class Scorer:
    """A plan made ready once: scores of columns, or of one row, equal to the bit.

    Raises `ValueError` for a plan that this edition cannot score (a packed model, an unknown format).

    >>> from mainstay.domain.plan import Constant
    >>> scorer = Scorer(Plan(task="binary", models=(Constant(raw=0.0),), link="logistic"))
    >>> scorer.score_row({"age": 30.0}), scorer.scores({"age": [30.0, None]}).tolist()
    (0.5, [0.5, 0.5])
    """

    __slots__ = ("_of_class", "_of_raw", "_raws", "_ready", "plan")

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._ready = plan_math.prepare(msgspec.to_builtins(plan))
        self._raws = _raws_of_row(plan, self._ready)
        self._of_raw = _score_of_raw(plan.link, plan.calibration)
        self._of_class = _scores_of_raws(plan.link, plan.calibration)

    def scores(self, columns: Columns) -> FloatArray:
        """Return the calibrated scores of used columns; an absent column is missing in every row.

        Shape (n_rows,), or (n_rows, n_classes) of several classes.
        """
        return plan_math.scores(self._ready, columns, evaluate=rule_values)

    def raws(self, columns: Columns) -> FloatArray:
        """Return what the models say before link and calibration, shapes as in `scores`."""
        return plan_math.raw_scores(self._ready, columns, evaluate=rule_values)

    def of_raws(self, raws: FloatArray) -> FloatArray:
        """Return the calibrated scores of what the models say, shapes as in `scores`."""
        return plan_math.calibrated(self._ready, raws)

    def score_row(self, used: Used) -> float:
        """Return the calibrated score of one used row, of a plan that has one score; an absent field is missing."""
        return self._of_raw(self._raws(used)[0])

    def class_scores(self, used: Used) -> tuple[float, ...]:
        """Return the calibrated score of each class for one used row, of a plan of several classes."""
        return self._of_class(self._raws(used))

    def score_of(self, used: Used) -> Score:
        """Return the score of one used row, or the score of each class where there are several."""
        return self.class_scores(used) if self._ready.many else self.score_row(used)


def _raws_of_row(plan: Plan, ready: plan_math.Ready) -> Raws:
    """Return how to get the raw scores of a row: what models share is worked out once, and put beside the row."""
    if isinstance(plan.models[0], Rule):
        return _rule_of_row(plan.models[0])
    shared = [(shared_name(place), reader_of_row(source)) for place, source in enumerate(ready.plan["inputs"])]
    models = [_raw_of_row(model, forest) for model, forest in zip(plan.models, ready.forests, strict=True)]
    if not shared:
        return lambda used: [raw(used) for raw in models]

    def raws(used: Used) -> list[float]:
        row = dict(used)
        for name, read in shared:
            row[name] = read(row)
        return [raw(row) for raw in models]

    return raws


def _rule_of_row(model: Rule) -> Raws:
    rule, names = msgspec.to_builtins(model), columns_of(model.expression)

    def raws(used: Used) -> list[float]:
        found = rule_values(rule, {name: [used.get(name)] for name in names}, 1)
        values: list[float] = np.asarray(found, dtype=np.float64).ravel().tolist()
        return values

    return raws


def _raw_of_row(model: Model, forest: ForestTables | Walk | None) -> OfRow:
    if isinstance(forest, Walk):
        return walk_of_row(forest)
    if forest is not None:
        return forest_of_row(forest)
    if isinstance(model, Linear):
        return linear_of_row(model)
    if isinstance(model, Constant):
        return lambda used: model.raw
    raise ValueError(f"a model of type {type(model).__name__} cannot be scored here; wanted one that is data")


def _score_of_raw(link: str, calibration: Calibration | None) -> Callable[[float], float]:
    if isinstance(calibration, Logistic | Temperature | Beta):
        moved = _recalibrated(calibration)
        if link == "logistic":
            return lambda raw: sigmoid_of(moved(raw))
        return lambda score: sigmoid_of(moved(log_odds_of(min(max(score, NEAREST), 1.0 - NEAREST))))
    linked: Callable[[float], float] = {"logistic": sigmoid_of, "exp": exp_of}.get(link, float)
    if isinstance(calibration, Isotonic):
        return lambda raw: interpolate_of(linked(raw), calibration.scores, calibration.calibrated)
    return linked


def _recalibrated(calibration: Logistic | Temperature | Beta) -> Callable[[float], float]:
    """Return what calibration makes of log odds."""
    if isinstance(calibration, Logistic):
        slope, intercept = calibration.slope, calibration.intercept
        return lambda raw: intercept + slope * raw
    if isinstance(calibration, Temperature):
        return lambda raw: raw / calibration.temperature

    def beta(raw: float) -> float:
        high, low = log_shares_of(raw)
        return (calibration.a * high - calibration.b * low) + calibration.c

    return beta


def _scores_of_raws(link: str, calibration: Calibration | None) -> Callable[[list[float]], tuple[float, ...]]:
    temperature = calibration.temperature if isinstance(calibration, Temperature) else None
    if link == "identity" and temperature is None:
        return tuple

    def scores(raws: list[float]) -> tuple[float, ...]:
        near = raws if link == "softmax" else [log_of(max(raw, NEAREST)) for raw in raws]
        return _softmax(near if temperature is None else [raw / temperature for raw in near])

    return scores


def _softmax(raws: list[float]) -> tuple[float, ...]:
    highest = max(raws)
    parts = [exp_of(raw - highest) for raw in raws]
    total = 0.0
    for part in parts:
        total += part
    return tuple(part / total for part in parts)
