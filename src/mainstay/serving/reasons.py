"""What moved a score: what each field of a row added to what is usual, on the raw scale, adding up exactly.

Linear models: each term less its mean over training rows. Forests: Shapley values along the paths of the trees, by the
shares of training rows that took them. They speak of the model, not of the world: what correlated fields share goes to
those that the model reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from mainstay.domain.plan import Constant, Forest, Linear, Model, Plan, fields_read
from mainstay.domain.usual import Usual
from mainstay.serving.plan_inputs import Columns, FloatArray, Read, reader, with_shared
from mainstay.serving.plan_lines import part_of
from mainstay.stats.trees import leaves_of, left_shares, sum_shares, trees_of, usual_sum, went_left

MOST_LEAVES = 30_000  # of a plan's forests: beyond it one row would hold a worker for a tenth of a second


@dataclass(frozen=True, slots=True)
class Parts:
    """What moved rows: `usual + parts.sum(axis=1)` is the raw score; `fields[i]` are those that part i came from.

    `parts` has shape (n_rows, n_fields).
    """

    fields: tuple[tuple[str, ...], ...]
    parts: FloatArray
    usual: float


@dataclass(frozen=True, slots=True)
class Side:
    """A model made ready to be explained: its parts by term or by input, and its raw score where nothing is known."""

    parts: Read
    usual: float


class Explainer:
    """The reasons of one plan; its models are made ready when they are first asked, which most never are."""

    __slots__ = ("_plan", "_shared", "_sides", "_usual")

    def __init__(self, plan: Plan, usual: Usual) -> None:
        self._plan, self._usual = plan, usual
        self._shared = [reader(msgspec.to_builtins(source)) for source in plan.inputs]
        self._sides: dict[int, Side] = {}

    def parts(self, columns: Columns, n_rows: int, *, output: int = 0) -> Parts:
        """Return what moved used rows; `output` is the class, of several."""
        model, side = self._plan.models[output], self._side(output)
        names = fields_read(model, self._plan.inputs) if isinstance(model, Linear | Forest) else []
        return _by_field(names, side.parts(with_shared(self._shared, columns, n_rows), n_rows), side.usual)

    def usual(self) -> FloatArray:
        """Return the raw score of each model for a row of which nothing is known, shape (n_models,)."""
        return np.array([self._side(output).usual for output in range(len(self._plan.models))])

    def _side(self, output: int) -> Side:
        side = self._sides.get(output)
        if side is None:
            side = self._sides[output] = _side(self._plan.models[output], self._usual.models[output])
        return side


def unexplained(plan: Plan, usual: Usual | None) -> str:
    """Return why the answers of a plan have no reasons that add up; empty where they have.

    >>> from mainstay.domain.plan import Rule
    >>> unexplained(Plan(task="binary", models=(Rule("late > 2"),), link="identity"), None)
    'a rule decides: late > 2'
    """
    model = plan.models[0]
    if hasattr(model, "expression"):
        return f"a rule decides: {model.expression}"
    if not all(isinstance(each, Linear | Forest | Constant) for each in plan.models):
        return "the model is not written as terms or trees, and its answers have no reasons that add up"
    if usual is None:
        return "this version was packed before reasons were: train it again"
    n_leaves = sum(each.feature.count(-1) for each in plan.models if isinstance(each, Forest))
    return f"its trees have {n_leaves:,} leaves, too many while a caller waits" if n_leaves > MOST_LEAVES else ""


def usual_of(plan: Plan, columns: Columns) -> Usual:
    """Return what is usual by some training rows (used columns)."""
    n_rows = max((len(column) for column in columns.values()), default=0)
    given = with_shared([reader(msgspec.to_builtins(source)) for source in plan.inputs], columns, n_rows)
    found: list[tuple[float, ...]] = []
    for model in plan.models:
        if isinstance(model, Linear):
            found.append(tuple(_terms(model)(given, n_rows).mean(axis=0).tolist()))
        elif isinstance(model, Forest):
            trees = trees_of(msgspec.structs.asdict(model))
            found.append(tuple(left_shares(trees, _values(model)(given, n_rows)).tolist()))
        else:
            found.append(())
    return Usual(tuple(found))


def _side(model: Model, usual: Sequence[float]) -> Side:
    if isinstance(model, Linear):
        return _linear(model, usual)
    if isinstance(model, Forest):
        return _forest(model, usual)
    if isinstance(model, Constant):
        return Side(_beside([]), model.raw)
    raise TypeError(f"a model of type {type(model).__name__} has no reasons; ask `unexplained` first")


def _linear(model: Linear, usual: Sequence[float]) -> Side:
    terms, means = _terms(model), np.array(usual, dtype=np.float64)
    base = model.intercept + float(means.sum())
    return Side(lambda columns, n_rows: terms(columns, n_rows) - means, base)


def _forest(model: Forest, usual: Sequence[float]) -> Side:
    trees, values, n_inputs = trees_of(msgspec.structs.asdict(model)), _values(model), len(model.inputs)
    leaves = leaves_of(trees, np.array(usual, dtype=np.float64))
    base = (model.baseline + usual_sum(leaves)) / model.divisor

    def parts(columns: Columns, n_rows: int) -> FloatArray:
        return sum_shares(leaves, went_left(trees, values(columns, n_rows)), n_inputs) / model.divisor

    return Side(parts, base)


def _terms(model: Linear) -> Read:
    """Return how to read the terms of a linear model, shape (n_rows, n_terms)."""
    terms: list[dict[str, Any]] = [msgspec.to_builtins(term) for term in model.terms]
    return _beside([part_of(term) for term in terms])


def _values(model: Forest) -> Read:
    """Return how to read the inputs of a forest, shape (n_rows, n_inputs)."""
    return _beside([reader(msgspec.to_builtins(source)) for source in model.inputs])


def _beside(reads: Sequence[Read]) -> Read:
    return lambda columns, n_rows: np.column_stack([np.zeros((n_rows, 0)), *(read(columns, n_rows) for read in reads)])


def _by_field(names: Sequence[tuple[str, ...]], parts: FloatArray, base: float) -> Parts:
    """Add up what inputs made of one field said, such as the parts of a date."""
    distinct = tuple(dict.fromkeys(names))
    place = {name: i for i, name in enumerate(distinct)}
    found = np.zeros((parts.shape[0], len(distinct)))
    for at, name in enumerate(names):
        found[:, place[name]] += parts[:, at]
    return Parts(distinct, found, base)
