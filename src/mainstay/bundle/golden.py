"""Golden rows: synthetic inputs with the exact answers expected, so that any copy can prove it is the same model.

They are made from schema and plan alone, never from a person's row: typical values, edges, missing and unseen ones, and
numbers on and one float step beside the plan's own thresholds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import msgspec
import numpy as np

from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Forest, Linear, Number, NumberTerm, Plan
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.traffic import Value

N_TYPICAL = 24
N_THRESHOLDS = 24  # of all in the plan, drawn by seed; each gives three rows
FAR = 1e12
HUGE = 1e300  # a threshold beyond this parts what is known from what is missing; no number lies beside it
CLOSE = 1e-12  # how far a pipeline may be from its plan: rounding of sums taken in another order
UNSEEN = "a level nobody has seen"
DAY_S = 86_400.0

Row: TypeAlias = dict[str, Value]


class Golden(msgspec.Struct, frozen=True):
    """One used row, the exact score expected for it, and the decision."""

    used: Row
    score: float
    decision: str | None


class GoldenRows(msgspec.Struct, frozen=True, kw_only=True):
    """What `golden.json` holds."""

    format: int = 1
    rows: tuple[Golden, ...]


def golden_rows(schema: Schema, plan: Plan, *, seed: int) -> tuple[Row, ...]:
    """Return synthetic used rows, the same for the same schema, plan and seed."""
    random = np.random.default_rng(seed)
    typical = [{field.name: _typical(field, random) for field in schema.admitted} for _ in range(N_TYPICAL)]
    rows: list[Row] = [*typical, dict.fromkeys(typical[0])]
    for i, field in enumerate(schema.admitted):
        base = typical[i % N_TYPICAL]
        rows += [base | {field.name: value} for value in _odd(field)]
    for name, threshold in _thresholds(plan, random):
        base = typical[len(rows) % N_TYPICAL]
        beside = (threshold, math.nextafter(threshold, math.inf), math.nextafter(threshold, -math.inf))
        rows += [base | {name: value} for value in beside]
    return tuple(rows)


def golden(rows: Sequence[Row], scores: Sequence[float], plan: Plan) -> tuple[Golden, ...]:
    """Return the rows with their scores and the plan's decisions."""
    return tuple(Golden(row, float(score), decided(plan, score)) for row, score in zip(rows, scores, strict=True))


def decided(plan: Plan, score: float) -> str | None:
    """Return the plan's word for a score: `when_high` where it reaches the threshold."""
    if plan.threshold is None:
        return None
    return plan.when_high if score >= plan.threshold else plan.when_low


def require_equal(plan_scores: Sequence[float], pipeline_scores: Sequence[float]) -> None:
    """Refuse a plan that does not score rows as its pipeline does; raises `BundleError`."""
    for i, (of_plan, of_pipeline) in enumerate(zip(plan_scores, pipeline_scores, strict=True)):
        if not abs(of_plan - of_pipeline) <= CLOSE:  # NaN is not close either
            what = f"on golden row {i} the plan scores {of_plan!r}, its pipeline {of_pipeline!r}"
            raise BundleError(what, remedy="This is a fault of Mainstay: please report it with its versions.")


def verify(expected: Sequence[Golden], plan: Plan, score: Callable[[Mapping[str, Value]], float]) -> None:
    """Prove that `score` gives every golden row its exact score and decision; raises `BundleError` at the first not."""
    for i, row in enumerate(expected):
        got = score(row.used)
        if got != row.score or decided(plan, got) != row.decision:
            what = f"golden row {i} scores {got!r}; its bundle expects {row.score!r} ({row.decision})"
            raise BundleError(what, remedy="Do not serve this copy: its code or its plan is not what was judged.")


def _typical(field: Field, random: np.random.Generator) -> Value:
    if field.kind in (Kind.CATEGORY, Kind.BOOLEAN):
        return str(random.choice(field.levels)) if field.levels else None
    if field.kind is Kind.TEXT:
        return "a text"
    low, high = _range(field)
    value = low + (high - low) * float(random.random())
    return float(round(value)) if field.whole or field.kind is Kind.DATETIME else value


def _range(field: Field) -> tuple[float, float]:
    """Return a field's lowest and highest number, so near to zero that what lies between and beyond is finite."""
    low = _near(field.low if field.low is not None else 0.0)
    return low, max(_near(field.high if field.high is not None else low + 1.0), low)


def _near(number: float) -> float:
    return min(max(number, -HUGE), HUGE)


def _odd(field: Field) -> list[Value]:
    if field.kind is Kind.TEXT:
        return [None, ""]
    if field.kind in (Kind.CATEGORY, Kind.BOOLEAN):
        return [None, UNSEEN]
    low, high = _range(field)
    beyond = DAY_S if field.kind is Kind.DATETIME else FAR
    return [None, low, high, low - beyond, high + beyond]


def _thresholds(plan: Plan, random: np.random.Generator) -> list[tuple[str, float]]:
    found = sorted({pair for model in plan.models if isinstance(model, Forest) for pair in _cuts(model)})
    found += [
        (term.input.field, bound)
        for model in plan.models
        if isinstance(model, Linear)
        for term in model.terms
        if isinstance(term, NumberTerm) and isinstance(term.input, Number)
        for bound in (term.low, term.high)
        if bound is not None and abs(bound) < HUGE
    ]
    drawn = random.permutation(len(found))[:N_THRESHOLDS]
    return [found[i] for i in sorted(drawn.tolist())]


def _cuts(model: Forest) -> list[tuple[str, float]]:
    return [
        (source.field, threshold)
        for feature, threshold, levels in zip(model.feature, model.threshold, model.levels_left, strict=True)
        if feature >= 0 and levels is None and abs(threshold) < HUGE
        if isinstance(source := model.inputs[feature], Number)
    ]
