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

from mainstay.bundle.share import inputs_of
from mainstay.domain.deciding import deciding, decisions
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Difference, Forest, Linear, Number, NumberTerm, Packed, Plan, Product, TextScore
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.traffic import Value

N_TYPICAL = 24
N_THRESHOLDS = 24  # of all in the plan, drawn by seed; each gives three rows
N_ODD = 100  # groups of fields that are odd together: one field each, unless there are more fields
FAR = 1e12
HUGE = 1e300  # a threshold beyond this parts what is known from what is missing; no number lies beside it
CLOSE = 1e-12  # how far a pipeline may be from its plan: rounding of sums taken in another order
CLOSE_PACKED = 1e-9  # how far a packed model may be from itself, on another machine
CERTAIN = 1e-4  # nearer to nought or one than this, a share does not tell its odds to twelve digits
UNSEEN = "a level nobody has seen"
TEXT = "A text."
N_TERMS = 6  # of a typical text
DAY_S = 86_400.0

Row: TypeAlias = dict[str, Value]
Score: TypeAlias = float | tuple[float, ...]
Cut: TypeAlias = tuple[str, float]


class Golden(msgspec.Struct, frozen=True):
    """One used row, the exact score expected for it (one per class where there are several), and the decision."""

    used: Row
    score: Score
    decision: str | None


class GoldenRows(msgspec.Struct, frozen=True, kw_only=True):
    """What `golden.json` holds."""

    format: int = 1
    rows: tuple[Golden, ...]


def golden_rows(schema: Schema, plan: Plan, *, seed: int) -> tuple[Row, ...]:
    """Return synthetic used rows, the same for the same schema, plan and seed."""
    random = np.random.default_rng(seed)
    terms = _terms(plan)
    typical = [{field.name: _typical(field, terms, random) for field in schema.admitted} for _ in range(N_TYPICAL)]
    rows: list[Row] = [*typical, dict.fromkeys(typical[0])]
    for i in range(min(len(schema.admitted), N_ODD)):
        rows += _odd_rows(schema.admitted[i::N_ODD], typical[i % N_TYPICAL])
    for name, threshold in _drawn(_thresholds(plan), N_THRESHOLDS, random):
        rows += _beside(typical[len(rows) % N_TYPICAL], name, threshold)
    return tuple(rows)


def rows_beside(schema: Schema, plan: Plan, *, most: int) -> tuple[Row, ...]:
    """Return synthetic used rows on and one step beside the plan's thresholds, as many as there are up to `most`."""
    random = np.random.default_rng(0)
    terms = _terms(plan)
    typical = [{field.name: _typical(field, terms, random) for field in schema.admitted} for _ in range(N_TYPICAL)]
    cuts = _drawn(_thresholds(plan), most // 3, random)
    return tuple(row for i, cut in enumerate(cuts) for row in _beside(typical[i % N_TYPICAL], *cut))


def _beside(base: Row, name: str, threshold: float) -> list[Row]:
    beside = (threshold, math.nextafter(threshold, math.inf), math.nextafter(threshold, -math.inf))
    return [base | {name: value} for value in beside]


def golden(rows: Sequence[Row], scores: Sequence[Score], plan: Plan) -> tuple[Golden, ...]:
    """Return the rows with their scores and the plan's decisions; rows that have no score (a rule's) are left out."""
    told = zip(rows, scores, decided(plan, scores, rows), strict=True)
    return tuple(Golden(row, _plain(score), decision) for row, score, decision in told if np.isfinite(score).all())


def _plain(score: Score) -> Score:
    return float(score) if isinstance(score, int | float) else tuple(float(each) for each in score)


def decided(plan: Plan, scores: Sequence[Score], rows: Sequence[Mapping[str, Value]]) -> list[str | None]:
    """Return what the plan decides for the scores of rows, in its own words."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    return decisions(deciding(plan), np.array(scores, dtype=np.float64), columns)


def require_equal(plan_scores: Sequence[Score], pipeline_scores: Sequence[Score]) -> None:
    """Refuse a plan that does not score rows as its pipeline does; raises `BundleError`.

    Scores are numbers, or one number per class. Both sides may have none (NaN), of a rule.
    """
    for i, (of_plan, of_pipeline) in enumerate(zip(plan_scores, pipeline_scores, strict=True)):
        if not np.allclose(of_plan, of_pipeline, rtol=CLOSE, atol=CLOSE, equal_nan=True):
            what = f"on golden row {i} the plan scores {of_plan!r}, its pipeline {of_pipeline!r}"
            raise BundleError(what, remedy="This is a fault of Mainstay: please report it with its versions.")


def far_from_certain(raw: Sequence[Score]) -> list[int]:
    """Return which rows have scores before calibration that keep clear of nought and one.

    Nearer, the share itself has too few digits left for what calibration makes of its odds.

    >>> far_from_certain([0.3, 1 - 1e-13, (0.5, 0.5), (1.0, 0.0)])
    [0, 2]
    """
    return [
        i for i, score in enumerate(raw) if bool(np.all((np.array(score) > CERTAIN) & (np.array(score) < 1 - CERTAIN)))
    ]


def verify(expected: Sequence[Golden], plan: Plan, score: Callable[[Mapping[str, Value]], Score]) -> None:
    """Prove that `score` gives every golden row its exact score and decision; raises `BundleError` at the first not."""
    got = [_plain(score(row.used)) for row in expected]
    told = decided(plan, got, [row.used for row in expected]) if got else []
    for i, (row, mine, decision) in enumerate(zip(expected, got, told, strict=True)):
        if not _agree(plan, mine, row.score) or decision != row.decision:
            what = f"golden row {i} scores {mine!r}; its bundle expects {row.score!r} ({row.decision})"
            raise BundleError(what, remedy="Do not serve this copy: its code or its plan is not what was judged.")


def _agree(plan: Plan, mine: Score, expected: Score) -> bool:
    """Plans give the very same scores anywhere; a packed model's libraries may add in another order elsewhere."""
    if any(isinstance(model, Packed) for model in plan.models):
        return bool(np.allclose(mine, expected, rtol=CLOSE_PACKED, atol=CLOSE_PACKED))
    return mine == expected


def _terms(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return the terms that the plan knows of each text."""
    sources = [*plan.inputs, *(source for model in plan.models for source in inputs_of(model))]
    inside = [side for each in sources if isinstance(each, Product | Difference) for side in (each.left, each.right)]
    return {source.field: source.terms for source in (*sources, *inside) if isinstance(source, TextScore)}


def _typical(field: Field, terms: Mapping[str, Sequence[str]], random: np.random.Generator) -> Value:
    if field.kind in (Kind.CATEGORY, Kind.BOOLEAN):
        return str(random.choice(field.levels)) if field.levels else None
    if field.kind is Kind.TEXT:
        known = terms.get(field.name, ())
        drawn = random.integers(len(known), size=N_TERMS).tolist() if known else []
        return " ".join([TEXT, *(known[i] for i in drawn)])
    low, high = _range(field)
    value = low + (high - low) * float(random.random())
    return float(round(value)) if field.whole or field.kind is Kind.DATETIME else value


def _range(field: Field) -> tuple[float, float]:
    """Return a field's lowest and highest number, so near to zero that what lies between and beyond is finite."""
    low = _near(field.low if field.low is not None else 0.0)
    return low, max(_near(field.high if field.high is not None else low + 1.0), low)


def _near(number: float) -> float:
    return min(max(number, -HUGE), HUGE)


def _odd_rows(fields: Sequence[Field], base: Row) -> list[Row]:
    """Rows in which these fields are odd, all at once, each value of each at least once."""
    odd = {field.name: _odd(field) for field in fields}
    n_rows = max(len(values) for values in odd.values())
    return [base | {name: values[min(i, len(values) - 1)] for name, values in odd.items()} for i in range(n_rows)]


def _odd(field: Field) -> list[Value]:
    if field.kind is Kind.TEXT:
        return [None, "", UNSEEN, "É" * 3, "twice " * 2]
    if field.kind in (Kind.CATEGORY, Kind.BOOLEAN):
        return [None, UNSEEN]
    low, high = _range(field)
    beyond = DAY_S if field.kind is Kind.DATETIME else FAR
    return [None, low, high, low - beyond, high + beyond]


def _thresholds(plan: Plan) -> list[tuple[str, float]]:
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
    return found


def _drawn(found: Sequence[Cut], most: int, random: np.random.Generator) -> list[Cut]:
    drawn = random.permutation(len(found))[:most]
    return [found[i] for i in sorted(drawn.tolist())]


def _cuts(model: Forest) -> list[tuple[str, float]]:
    return [
        (source.field, threshold)
        for feature, threshold, levels in zip(model.feature, model.threshold, model.levels_left, strict=True)
        if feature >= 0 and levels is None and abs(threshold) < HUGE
        if isinstance(source := model.inputs[feature], Number)
    ]
