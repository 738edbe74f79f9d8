"""The serving plan: a fitted pipeline as data, from a row's values to a score and a decision.

Format 1. A plan is evaluated in float64 by `mainstay.serving.score`, which needs neither scikit-learn nor pandas.
"""

from __future__ import annotations

import msgspec

from mainstay.domain.canonical import canonical

FORMAT = 1


class Number(msgspec.Struct, frozen=True, tag="number"):
    """A number as it is; missing is NaN."""

    field: str


class Level(msgspec.Struct, frozen=True, tag="level"):
    """A category as the index of its level; unseen and missing are both NaN."""

    field: str
    levels: tuple[str, ...]


class DatePart(msgspec.Struct, frozen=True, tag="date_part"):
    """A part of a moment (UTC seconds in, a number out): `month`, `day`, `weekday` (Monday is 0), `hour` or `days`.

    `days` are days since 1970 in UTC, fractions included; the others are read off the wall clock of `time_zone`.
    """

    field: str
    part: str
    time_zone: str = "UTC"


Input = Number | Level | DatePart


class NumberTerm(msgspec.Struct, frozen=True, tag="number_term"):
    """Linear term of a number: `weight * ((x or fill) - centre) / scale`, plus `missing_weight` where it is missing.

    A number outside `low` to `high` counts as that bound: a line says nothing beyond the data it was drawn through.
    """

    input: Input
    fill: float
    centre: float
    scale: float
    weight: float
    missing_weight: float = 0.0
    low: float | None = None
    high: float | None = None


class LevelTerm(msgspec.Struct, frozen=True, tag="level_term"):
    """Linear term of a category: one weight per level, one for unseen levels and one for missing."""

    field: str
    levels: tuple[str, ...]
    weights: tuple[float, ...]
    unseen_weight: float = 0.0
    missing_weight: float = 0.0


class Linear(msgspec.Struct, frozen=True, tag="linear"):
    """Intercept plus the terms, added in order."""

    intercept: float
    terms: tuple[NumberTerm | LevelTerm, ...]


class Forest(msgspec.Struct, frozen=True, tag="forest"):
    """Additive decision trees over `inputs`, as flat node arrays; sums are taken in the order of `roots`.

    Node i is a leaf when `feature[i]` is -1: it adds `value[i]`; children come after their parent. Otherwise x is
    inputs[feature[i]]: NaN goes left when `missing_left[i]`; with `levels_left[i]` not None, x (then a level's index)
    goes left when it is in that list (a level the tree never saw is NaN already); else when `x <= threshold[i]`.
    """

    inputs: tuple[Input, ...]
    baseline: float
    roots: tuple[int, ...]
    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    missing_left: tuple[bool, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]
    levels_left: tuple[tuple[int, ...] | None, ...]


class Constant(msgspec.Struct, frozen=True, tag="constant"):
    """The same raw score for every row: the base rate."""

    raw: float


class Rule(msgspec.Struct, frozen=True, tag="rule"):
    """An expression over columns: true is score 1, false is score 0. `texts` are the columns of it that hold texts."""

    expression: str
    texts: tuple[str, ...] = ()


Model = Linear | Forest | Constant | Rule


class Logistic(msgspec.Struct, frozen=True, tag="logistic"):
    """Recalibration on the logit: `sigmoid(intercept + slope * logit(p))`; under a logistic link logit(p) is raw."""

    slope: float
    intercept: float


class Isotonic(msgspec.Struct, frozen=True, tag="isotonic"):
    """Recalibration by linear interpolation between the knots (ascending `scores`)."""

    scores: tuple[float, ...]
    calibrated: tuple[float, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """From values to a decision.

    `models` holds one model per output (binary and regression: one; multiclass: one per class in `classes`). `link` is
    `logistic`, `softmax` or `identity`. A score at or above `threshold` is decided `when_high`.
    """

    format: int = FORMAT
    task: str
    models: tuple[Model, ...]
    link: str
    calibration: Logistic | Isotonic | None = None
    threshold: float | None = None
    when_high: str | None = None
    when_low: str | None = None
    classes: tuple[str, ...] = ()


def plan_bytes(plan: Plan) -> bytes:
    """Return the canonical bytes of a plan: what the model digest covers and `plan.json` holds."""
    return canonical(msgspec.to_builtins(plan))


def read_plan(data: bytes) -> Plan:
    """Read a plan; raises `msgspec.ValidationError` for anything that is not one, and never runs code."""
    return msgspec.json.decode(data, type=Plan)
