"""A plan as ONNX, for callers who load a model themselves: the same arithmetic in float64, thresholds to the bit.

Only the order of sums, and exponentials, are the runtime's own: scores agree within rounding (1e-15), and a forest that
adds in float32 (XGBoost's) within that of float32.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np

from mainstay.bundle.inspect import Contents
from mainstay.bundle.onnx_graph import Graph, Name, add, column, constant, finished, is_text, tensor
from mainstay.bundle.onnx_models import raw
from mainstay.domain.plan import Beta, Calibration, Input, Isotonic, Logistic, Plan, Temperature
from mainstay.domain.schema import Kind, Schema

NEAREST = 1e-12  # as in `serving.plan_math`: scores of 0 or 1 have no logit
SCORE, SCORES = "score", "scores"  # the output: one number a row, or one per class
TEXTS = (Kind.CATEGORY, Kind.BOOLEAN)


@dataclass(frozen=True, slots=True)
class Twin:
    """A model as an ONNX file. `texts` and `numbers` are its columns; `given` the numbers that a caller works out.

    Each is of shape (n_rows, 1): string ("" is missing) or double (NaN is missing, moments are UTC seconds).
    """

    data: bytes
    output: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    given: Mapping[str, Input]


def twin_of(contents: Contents) -> Twin:
    """Return a bundle's model as ONNX; raises `BundleError` for a model that is a rule, or packed.

    The output is `score`, shape (n_rows,), or `scores`, one column per class.
    """
    plan, graph = contents.plan, Graph()
    _declare_one(graph, contents.schema)
    raws = [raw(graph, model, plan) for model in plan.models]
    _drop_unread(graph)
    several, told = plan.task == "multiclass", _told(contents, graph)
    if several:
        output, called = _of_classes(graph, add(graph, "Concat", *raws, axis=1), plan), SCORES
    else:
        output = add(graph, "Reshape", _score(graph, raws[0], plan), constant(graph, [-1], np.int64))
        called = SCORE
    data = finished(graph, output, called=called, width=len(plan.classes) if several else None, told=told)
    columns = [name for name in graph.inputs if name not in graph.given]
    of_text = tuple(name for name in columns if is_text(graph, name))
    return Twin(data, called, of_text, tuple(name for name in columns if name not in of_text), dict(graph.given))


def _declare_one(graph: Graph, schema: Schema) -> None:
    """Declare a column, so that a model that reads none knows how many rows there are."""
    first = schema.fields[0]
    column(graph, first.name, is_text=first.kind in TEXTS)


def _drop_unread(graph: Graph) -> None:
    read = {name for node in graph.nodes for name in node.input}
    graph.inputs = {name: told for name, told in graph.inputs.items() if name in read}


def _told(contents: Contents, graph: Graph) -> dict[str, str]:
    plan = contents.plan
    facts: Mapping[str, object] = {
        "version": contents.manifest.version,
        "model_digest": contents.manifest.model_digest,
        "task": plan.task,
        "classes": list(plan.classes),
        "threshold": plan.threshold,
        "when_high": plan.when_high,
        "when_low": plan.when_low,
        "given": {name: msgspec.to_builtins(one) for name, one in graph.given.items()},
        "missing": "NaN in a number, an empty text in a category; moments are UTC seconds",
    }
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in facts.items()}


def _score(graph: Graph, raws: Name, plan: Plan) -> Name:
    calibration = plan.calibration
    if type(calibration) in RECALIBRATED:
        near = raws if plan.link == "logistic" else _log_odds(graph, raws)
        return add(graph, "Sigmoid", RECALIBRATED[type(calibration)](graph, calibration, near))
    linked = {"logistic": "Sigmoid", "exp": "Exp"}.get(plan.link)
    scores = raws if linked is None else add(graph, linked, raws)
    return _interpolated(graph, scores, calibration) if isinstance(calibration, Isotonic) else scores


def _of_classes(graph: Graph, raws: Name, plan: Plan) -> Name:
    calibration = plan.calibration
    if plan.link == "identity" and calibration is None:
        return raws
    near = raws
    if plan.link != "softmax":
        near = add(graph, "Log", add(graph, "Max", raws, constant(graph, NEAREST)))
    if isinstance(calibration, Temperature):
        near = add(graph, "Div", near, constant(graph, calibration.temperature))
    return add(graph, "Softmax", near, axis=1)


def _log_odds(graph: Graph, scores: Name) -> Name:
    least = add(graph, "Max", scores, constant(graph, NEAREST))
    inside = add(graph, "Min", least, constant(graph, 1.0 - NEAREST))
    rest = add(graph, "Sub", constant(graph, 1.0), inside)
    return add(graph, "Sub", add(graph, "Log", inside), add(graph, "Log", rest))


def _logistic(graph: Graph, calibration: Logistic, near: Name) -> Name:
    moved = add(graph, "Mul", near, constant(graph, calibration.slope))
    return add(graph, "Add", moved, constant(graph, calibration.intercept))


def _temperature(graph: Graph, calibration: Temperature, near: Name) -> Name:
    return add(graph, "Div", near, constant(graph, calibration.temperature))


def _beta(graph: Graph, calibration: Beta, near: Name) -> Name:
    """`a ln p - b ln(1 - p) + c`, with both logarithms from the log odds, so that neither loses precision."""
    small = add(graph, "Exp", add(graph, "Neg", add(graph, "Abs", near)))
    both = add(graph, "Log", add(graph, "Add", small, constant(graph, 1.0)))
    nought = constant(graph, 0.0)
    high, low = (
        add(graph, "Neg", add(graph, "Add", both, add(graph, "Max", side, nought)))
        for side in (add(graph, "Neg", near), near)
    )
    first = add(graph, "Mul", high, constant(graph, calibration.a))
    second = add(graph, "Mul", low, constant(graph, calibration.b))
    return add(graph, "Add", add(graph, "Sub", first, second), constant(graph, calibration.c))


RECALIBRATED: Mapping[type[Calibration] | type[None], Callable[..., Name]] = {
    Logistic: _logistic,
    Temperature: _temperature,
    Beta: _beta,
}


def _interpolated(graph: Graph, scores: Name, curve: Isotonic) -> Name:
    at, heights = np.array(curve.scores), np.array(curve.calibrated)
    if at.size == 1:
        return add(graph, "ConstantOfShape", add(graph, "Shape", scores), value=tensor(heights, np.float64))
    passed = add(graph, "Cast", add(graph, "GreaterOrEqual", scores, constant(graph, at[None])), to=7)  # int64
    count = add(graph, "ReduceSum", passed, constant(graph, [1], np.int64), keepdims=1)
    place = add(graph, "Sub", count, constant(graph, 1, np.int64))
    place = add(graph, "Max", place, constant(graph, 0, np.int64))
    place = add(graph, "Min", place, constant(graph, at.size - 2, np.int64))
    slopes = np.diff(heights) / np.diff(at)
    start, height, slope = (
        add(graph, "Gather", constant(graph, values), place, axis=0) for values in (at[:-1], heights[:-1], slopes)
    )
    step = add(graph, "Mul", add(graph, "Sub", scores, start), slope)
    between = add(graph, "Add", height, step)
    low, high = constant(graph, heights[0]), constant(graph, heights[-1])
    below = add(graph, "LessOrEqual", scores, constant(graph, at[0]))
    above = add(graph, "GreaterOrEqual", scores, constant(graph, at[-1]))
    return add(graph, "Where", below, low, add(graph, "Where", above, high, between))
