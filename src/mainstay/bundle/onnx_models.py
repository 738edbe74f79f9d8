"""The models of a plan as ONNX: raw scores in float64, shape (n_rows, 1). Thresholds are the plan's, to the bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mainstay.bundle.onnx_graph import ML, Graph, Name, add, constant, tensor
from mainstay.bundle.onnx_inputs import cannot, filled, looked_up, rows_of, source
from mainstay.domain.plan import (
    Constant,
    CrossTerm,
    Forest,
    Input,
    Level,
    LevelTerm,
    Linear,
    Model,
    NumberTerm,
    Plan,
    Shared,
)

LEQ = 0  # the mode of a node that asks whether x is at most its threshold
SUM = 1


def raw(graph: Graph, model: Model, plan: Plan) -> Name:
    """Return what a model says before link and calibration; raises `BundleError` for one that is no arithmetic."""
    if type(model) not in MODELS:
        raise cannot(f"a model that is a {type(model).__name__.lower()}")
    return MODELS[type(model)](graph, model, plan)


def _constant(graph: Graph, model: Constant, plan: Plan) -> Name:
    shape = add(graph, "Shape", next(iter(graph.inputs)))
    return add(graph, "ConstantOfShape", shape, value=tensor([model.raw], np.float64))


def _linear(graph: Graph, model: Linear, plan: Plan) -> Name:
    numbers = [term for term in model.terms if isinstance(term, NumberTerm)]
    parts = [_number_terms(graph, numbers, plan)] if numbers else []
    parts += [_index_term(graph, term, plan) for term in model.terms if not isinstance(term, NumberTerm)]
    if not parts:
        return _constant(graph, Constant(raw=model.intercept), plan)
    return add(graph, "Add", _added(graph, parts), constant(graph, model.intercept))


def _added(graph: Graph, parts: Sequence[Name]) -> Name:
    side_by_side = add(graph, "Concat", *parts, axis=1)
    return add(graph, "ReduceSum", side_by_side, constant(graph, [1], np.int64), keepdims=1)


def _number_terms(graph: Graph, terms: Sequence[NumberTerm], plan: Plan) -> Name:
    """Return all terms of numbers side by side, shape (n_rows, n_terms)."""

    def row(values: Sequence[float]) -> Name:
        return constant(graph, [values])

    values = add(graph, "Concat", *[source(graph, term.input, plan) for term in terms], axis=1)
    x = filled(graph, values, row([term.fill for term in terms]))
    x = add(graph, "Max", x, row([-np.inf if term.low is None else term.low for term in terms]))
    x = add(graph, "Min", x, row([np.inf if term.high is None else term.high for term in terms]))
    x = add(graph, "Div", add(graph, "Sub", x, row([t.centre for t in terms])), row([t.scale for t in terms]))
    part = add(graph, "Mul", x, row([term.weight for term in terms]))
    more = add(graph, "Add", part, row([term.missing_weight for term in terms]))
    return add(graph, "Where", add(graph, "IsNaN", values), more, part)


def _index_term(graph: Graph, term: LevelTerm | CrossTerm, plan: Plan) -> Name:
    if isinstance(term, CrossTerm):
        table = constant(graph, [[weight] for weight in (*term.weights, term.other_weight)])
        return rows_of(graph, source(graph, term.input, plan), table, len(term.weights) + 1)
    missing, unseen = term.missing_weight, term.unseen_weight
    return looked_up(graph, term.field, term.levels, term.weights, missing=missing, unseen=unseen)


def _forest(graph: Graph, model: Forest, plan: Plan) -> Name:
    asked = _asked(graph, model, plan)
    if not model.roots or not any(feature >= 0 for feature in model.feature):
        alone = model.baseline + sum(model.value[root] for root in model.roots)
        return _constant(graph, Constant(raw=alone / model.divisor), plan)
    values = add(graph, "Concat", *asked.columns, axis=1)
    trees = add(graph, "TreeEnsemble", values, domain=ML, **_nodes(model, asked.place))
    total = add(graph, "Add", trees, constant(graph, model.baseline))
    return total if model.divisor == 1.0 else add(graph, "Div", total, constant(graph, model.divisor))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the nodes of a forest ask: columns of numbers side by side, and by node which of them."""

    columns: list[Name] = field(default_factory=list)
    place: dict[int, int] = field(default_factory=dict)


def _asked(graph: Graph, model: Forest, plan: Plan) -> _Asked:
    """Gather the columns that nodes ask: numbers as they are; of levels, for each set of them whether it holds one."""
    found, n_columns = _Asked(), 0
    for feature, one in enumerate(model.inputs):
        nodes = [node for node, each in enumerate(model.feature) if each == feature]
        sets = list(dict.fromkeys(levels for node in nodes if (levels := model.levels_left[node]) is not None))
        if any(model.levels_left[node] is None for node in nodes):
            found.columns.append(source(graph, one, plan))
            found.place.update({node: n_columns for node in nodes if model.levels_left[node] is None})
            n_columns += 1
        if sets:
            found.columns.append(_outside(graph, one, sets, plan))
            place = {levels: n_columns + i for i, levels in enumerate(sets)}
            asking = {node: levels for node in nodes if (levels := model.levels_left[node]) is not None}
            found.place.update({node: place[levels] for node, levels in asking.items()})
            n_columns += len(sets)
    return found


def _outside(graph: Graph, one: Input, sets: Sequence[tuple[int, ...]], plan: Plan) -> Name:
    """Return for each set of places 0 where it holds the input, else 1, NaN where it is missing: (n_rows, n_sets)."""
    n_places = _n_places(one, plan)
    table = np.ones((n_places + 1, len(sets)))
    for i, places in enumerate(sets):
        table[list(places), i] = 0.0
    table[-1] = np.nan
    return rows_of(graph, source(graph, one, plan), constant(graph, table), n_places + 1)


def _n_places(one: Input, plan: Plan) -> int:
    if isinstance(one, Shared):
        return _n_places(plan.inputs[one.place], plan)
    levels: Sequence[object] = getattr(one, "levels", ())
    return len(levels) + (isinstance(one, Level) and one.missing_is_level)


def _nodes(model: Forest, place: Mapping[int, int]) -> dict[str, object]:
    """Return the attributes of the trees: nodes that ask and leaves apart; a tree that is a leaf asks for nothing."""
    asking = [node for node, feature in enumerate(model.feature) if feature >= 0]
    leaves = [node for node, feature in enumerate(model.feature) if feature < 0]
    node_at, leaf_at = ({node: i for i, node in enumerate(chosen)} for chosen in (asking, leaves))
    lonely = [root for root in model.roots if root in leaf_at]
    root_at = node_at | {root: len(asking) + i for i, root in enumerate(lonely)}
    lefts = [*[model.left[node] for node in asking], *lonely]
    rights = [*[model.right[node] for node in asking], *lonely]
    cuts = [model.threshold[node] if model.levels_left[node] is None else 0.5 for node in asking]
    none = [0] * len(lonely)
    return {
        "n_targets": 1,
        "aggregate_function": SUM,
        "post_transform": 0,
        "tree_roots": [root_at[root] for root in model.roots],
        "nodes_modes": tensor([LEQ] * len(lefts), np.uint8),
        "nodes_featureids": [*[place[node] for node in asking], *none],
        "nodes_splits": tensor([*cuts, *none], np.float64),
        "nodes_truenodeids": [leaf_at.get(node, node_at.get(node, 0)) for node in lefts],
        "nodes_trueleafs": [int(node in leaf_at) for node in lefts],
        "nodes_falsenodeids": [leaf_at.get(node, node_at.get(node, 0)) for node in rights],
        "nodes_falseleafs": [int(node in leaf_at) for node in rights],
        "nodes_missing_value_tracks_true": [*[int(model.missing_left[node]) for node in asking], *none],
        "leaf_targetids": [0] * len(leaves),
        "leaf_weights": tensor([model.value[node] for node in leaves], np.float64),
    }


MODELS: Mapping[type, Callable[..., Name]] = {Constant: _constant, Linear: _linear, Forest: _forest}
