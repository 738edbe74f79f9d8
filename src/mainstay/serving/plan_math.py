"""The arithmetic of a serving plan in float64, for whole columns: numbers in, scores out.

Needs nothing but numpy, because this text also travels inside bundles. Every step is an IEEE operation in a fixed order
(sums one by one, exponentials of our own), so that a score is the same to the bit on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.serving.exact import FloatArray, exp, interpolate, log, log_odds, log_shares, sigmoid
from mainstay.serving.plan_forest import ForestTables, forest_scores
from mainstay.serving.plan_inputs import Columns, Json, Read, reader, with_shared
from mainstay.serving.plan_lines import Lines, line_scores, lines_of
from mainstay.serving.plan_walk import Walk, ready_forest, walked_scores

Evaluate: TypeAlias = Callable[[Json, Columns, int], npt.NDArray[Any]]

NEAREST = 1e-12  # scores of exactly 0 or 1 have no logit; this far inside they still weigh as near-certain
LINKS = {"binary": ("logistic", "identity"), "regression": ("identity", "exp"), "multiclass": ("softmax", "identity")}
CALIBRATIONS = {
    "binary": ("logistic", "isotonic", "beta", "temperature"),
    "regression": ("isotonic",),
    "multiclass": ("temperature",),
}


@dataclass(frozen=True, slots=True)
class Ready:
    """A plan made ready for scoring: its JSON form, the inputs its models share, and what its models became.

    `forests` and `lines` have an entry per model, None where it is no forest, or no linear model.
    """

    plan: Json
    shared: tuple[Read, ...]
    forests: tuple[ForestTables | Walk | None, ...]
    lines: tuple[Lines | None, ...]

    @property
    def models(self) -> Sequence[Json]:
        """The JSON forms of the models."""
        found: Sequence[Json] = self.plan["models"]
        return found

    @property
    def many(self) -> bool:
        """Whether there is a score per class."""
        return bool(self.plan["task"] == "multiclass")


def prepare(plan: Json) -> Ready:
    """Make a plan (its JSON form, format 1) ready; raises `ValueError` for what this edition cannot score.

    >>> plan = {"format": 1, "task": "binary", "models": [{"type": "constant", "raw": 0.0}], "link": "logistic"}
    >>> scores(prepare(plan), {"age": [1.0, 2.0]}).tolist()
    [0.5, 0.5]
    """
    _require_known(plan)
    sources = plan.get("inputs", ())
    forests = (ready_forest(model, sources) if model["type"] == "forest" else None for model in plan["models"])
    lines = (lines_of(model) if model["type"] == "linear" else None for model in plan["models"])
    return Ready(plan, tuple(reader(source) for source in sources), tuple(forests), tuple(lines))


def _require_known(plan: Json) -> None:
    task, link, n_models = plan["task"], plan["link"], len(plan["models"])
    if plan.get("format") != 1 or link not in LINKS.get(task, ()):
        came = f"format {plan.get('format')}, task {task!r}, link {link!r}"
        raise ValueError(f"a plan with {came}; wanted format 1 and a link of {LINKS}")
    n_wanted = len(plan.get("classes", ())) if task == "multiclass" else 1
    gives_all = n_models == 1 and plan["models"][0]["type"] in ("packed", "rule")
    if n_models != n_wanted and not gives_all:
        raise ValueError(f"a plan of {n_models} models for task {task!r}; wanted {n_wanted}, one per score")
    calibration = plan.get("calibration")
    if calibration is not None and calibration["type"] not in CALIBRATIONS[task]:
        raise ValueError(f"{calibration['type']} calibration of task {task!r}; wanted one of {CALIBRATIONS[task]}")


def scores(ready: Ready, columns: Columns, *, evaluate: Evaluate | None = None) -> FloatArray:
    """Return the calibrated score of every row; a column that is absent is missing in every row.

    Shape (n_rows,), or (n_rows, n_classes) of several classes. `evaluate(rule, columns, n_rows)` is needed where a
    model is a rule.
    """
    return calibrated(ready, raw_scores(ready, columns, evaluate=evaluate))


def calibrated(ready: Ready, raw: FloatArray) -> FloatArray:
    """Return scores from what models say: by the link, and as calibration has it. Shapes as in `scores`."""
    link, calibration = ready.plan["link"], ready.plan.get("calibration")
    if ready.many:
        return _of_classes(raw, link, calibration)
    if calibration is not None and calibration["type"] in RECALIBRATED:
        near = raw if link == "logistic" else log_odds(np.minimum(np.maximum(raw, NEAREST), 1.0 - NEAREST))
        return sigmoid(RECALIBRATED[calibration["type"]](calibration, near))
    linked = {"logistic": sigmoid, "exp": exp}.get(link, np.asarray)(raw)
    return linked if calibration is None else interpolate(linked, calibration["scores"], calibration["calibrated"])


def _beta(calibration: Json, raw: FloatArray) -> FloatArray:
    high, low = log_shares(raw)
    moved: FloatArray = (calibration["a"] * high - calibration["b"] * low) + calibration["c"]
    return moved


# What calibration makes of log odds.
RECALIBRATED: Mapping[str, Callable[[Json, FloatArray], FloatArray]] = {
    "logistic": lambda calibration, raw: calibration["intercept"] + calibration["slope"] * raw,
    "temperature": lambda calibration, raw: raw / calibration["temperature"],
    "beta": _beta,
}


def _of_classes(raw: FloatArray, link: str, calibration: Json | None) -> FloatArray:
    if link == "identity" and calibration is None:
        return raw
    near = raw if link == "softmax" else log(np.maximum(raw, NEAREST))
    return softmax(near if calibration is None else near / calibration["temperature"])


def softmax(raw: FloatArray) -> FloatArray:
    """Return the share of each class in each row, shape (n_rows, n_classes); sums are taken in the order of classes.

    >>> softmax(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    """
    parts = exp(raw - raw.max(axis=1, keepdims=True))
    shares: FloatArray = parts / np.add.accumulate(parts, axis=1)[:, -1:]
    return shares


def raw_scores(ready: Ready, columns: Columns, *, evaluate: Evaluate | None = None) -> FloatArray:
    """Return what the models say before link and calibration; shapes as in `scores`."""
    n_rows = max((len(column) for column in columns.values()), default=0)
    given = with_shared(ready.shared, columns, n_rows) if ready.shared else columns
    made = (forest or lines for forest, lines in zip(ready.forests, ready.lines, strict=True))
    of_model = [_raw(model, each, given, n_rows, evaluate) for model, each in zip(ready.models, made, strict=True)]
    return np.column_stack(of_model) if len(of_model) > 1 else of_model[0]


def _raw(
    model: Json, made: ForestTables | Walk | Lines | None, columns: Columns, n_rows: int, evaluate: Evaluate | None
) -> FloatArray:
    if isinstance(made, Walk):
        return walked_scores(made, columns, n_rows)
    if isinstance(made, ForestTables):
        return forest_scores(made, columns, n_rows)
    if isinstance(made, Lines):
        return line_scores(made, columns, n_rows)
    match model["type"]:
        case "constant":
            return np.full(n_rows, float(model["raw"]))
        case "rule" if evaluate is not None:
            return np.asarray(evaluate(model, columns, n_rows), dtype=np.float64)
    raise ValueError(f"a model of type {model['type']!r} cannot be scored here")
