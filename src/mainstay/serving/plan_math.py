"""The arithmetic of a serving plan in float64, for whole columns: numbers in, scores out.

Needs nothing but numpy, because this text also travels inside bundles. Every step is an IEEE operation in a fixed order
(sums one by one, exponentials from a polynomial of our own), so that a score is the same to the bit on any machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.serving.plan_forest import ForestTables, forest_scores, forest_tables
from mainstay.serving.plan_inputs import Columns, FloatArray, Json, input_numbers, level_numbers

Evaluate: TypeAlias = Callable[[Json, Columns, int], npt.NDArray[Any]]

LN_2 = float.fromhex("0x1.62e42fefa39efp-1")
LN_2_HIGH, LN_2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")  # add up to ln 2
EXP_TERMS = tuple(1.0 / math.factorial(n) for n in range(13, -1, -1))
LOWEST_EXP = -745.0  # exp() of less is 0


@dataclass(frozen=True, slots=True)
class Ready:
    """A plan made ready for scoring. `model` is the JSON form; `forest` its tables where it is a forest."""

    model: Json
    forest: ForestTables | None
    link: str
    calibration: Json | None


def prepare(plan: Json) -> Ready:
    """Make a plan (its JSON form, format 1) ready; raises `ValueError` for what this edition cannot score.

    >>> constant = {"format": 1, "models": [{"type": "constant", "raw": 0.0}], "link": "logistic", "calibration": None}
    >>> scores(prepare(constant), {"age": [1.0, 2.0]}).tolist()
    [0.5, 0.5]
    """
    models, link, calibration = plan["models"], plan["link"], plan.get("calibration")
    if plan.get("format") != 1 or len(models) != 1 or link not in ("logistic", "identity"):
        came = f"format {plan.get('format')}, {len(models)} models, link {link!r}"
        raise ValueError(f"a plan with {came}; wanted format 1, one model, link 'logistic' or 'identity'")
    if calibration is not None and calibration["type"] == "logistic" and link != "logistic":
        raise ValueError(f"logistic calibration with link {link!r}; wanted link 'logistic'")
    model = models[0]
    return Ready(model, forest_tables(model) if model["type"] == "forest" else None, link, calibration)


def scores(ready: Ready, columns: Columns, *, evaluate: Evaluate | None = None) -> FloatArray:
    """Return the calibrated score of every row, shape (n_rows,); a column that is absent is missing in every row.

    `evaluate(rule, columns, n_rows)` is needed where the model is a rule.
    """
    raw = raw_scores(ready, columns, evaluate=evaluate)
    calibration = ready.calibration
    if calibration is not None and calibration["type"] == "logistic":
        return sigmoid(calibration["intercept"] + calibration["slope"] * raw)
    linked = sigmoid(raw) if ready.link == "logistic" else raw
    return linked if calibration is None else interpolate(linked, calibration["scores"], calibration["calibrated"])


def raw_scores(ready: Ready, columns: Columns, *, evaluate: Evaluate | None = None) -> FloatArray:
    """Return what the model says before link and calibration, shape (n_rows,)."""
    n_rows = max((len(column) for column in columns.values()), default=0)
    if ready.forest is not None:
        return forest_scores(ready.forest, columns, n_rows)
    match ready.model["type"]:
        case "linear":
            return _linear(ready.model, columns, n_rows)
        case "constant":
            return np.full(n_rows, float(ready.model["raw"]))
        case "rule" if evaluate is not None:
            truth = np.asarray(evaluate(ready.model, columns, n_rows))
            return np.where(np.isnan(truth), 0.0, truth != 0).astype(np.float64)
    raise ValueError(f"a model of type {ready.model['type']!r} cannot be scored here")


def sigmoid(raw: FloatArray) -> FloatArray:
    """Return `1 / (1 + exp(-raw))`, the same bits on every machine.

    >>> sigmoid(np.array([0.0, 800.0])).tolist()
    [0.5, 1.0]
    """
    small = exp_of_negative(-np.abs(raw))
    return np.where(raw >= 0, 1.0, small) / (1.0 + small)


def exp_of_negative(x: FloatArray) -> FloatArray:
    """Return `exp(x)` for x <= 0 within two units in the last place: a power of two times a Taylor polynomial."""
    clipped = np.maximum(x, LOWEST_EXP)
    power = np.rint(clipped / LN_2)
    rest = (clipped - power * LN_2_HIGH) - power * LN_2_LOW
    total = np.full_like(rest, EXP_TERMS[0])
    for term in EXP_TERMS[1:]:
        total = total * rest + term
    return np.ldexp(total, power.astype(np.int64))


def interpolate(x: FloatArray, knots: Sequence[float], heights: Sequence[float]) -> FloatArray:
    """Return the heights at x, linear between ascending knots and level beyond them.

    >>> interpolate(np.array([0.0, 0.5, 2.0]), [0.0, 1.0], [0.1, 0.3]).tolist()
    [0.1, 0.2, 0.3]
    """
    if len(knots) == 1:
        return np.full_like(x, heights[0])
    at, height = np.asarray(knots, dtype=np.float64), np.asarray(heights, dtype=np.float64)
    i = np.clip(np.searchsorted(at, x, side="right") - 1, 0, at.size - 2)
    between = height[i] + (x - at[i]) / (at[i + 1] - at[i]) * (height[i + 1] - height[i])
    return np.where(x <= at[0], height[0], np.where(x >= at[-1], height[-1], between))


def _linear(model: Json, columns: Columns, n_rows: int) -> FloatArray:
    total = np.full(n_rows, float(model["intercept"]))
    for term in model["terms"]:
        part = _number_term if term["type"] == "number_term" else _level_term
        total = total + part(term, columns, n_rows)
    return total


def _number_term(term: Json, columns: Columns, n_rows: int) -> FloatArray:
    values = input_numbers(term["input"], columns, n_rows)
    is_missing = np.isnan(values)
    x = np.where(is_missing, term["fill"], values)
    if term["low"] is not None:
        x = np.maximum(x, term["low"])
    if term["high"] is not None:
        x = np.minimum(x, term["high"])
    part: FloatArray = term["weight"] * ((x - term["centre"]) / term["scale"])
    return np.where(is_missing, part + term["missing_weight"], part)


def _level_term(term: Json, columns: Columns, n_rows: int) -> FloatArray:
    index = level_numbers(columns, term["field"], term["levels"], n_rows)
    weights = np.array([*term["weights"], term["missing_weight"], term["unseen_weight"]], dtype=np.float64)
    return weights[index]  # -1 and -2 count from the end
