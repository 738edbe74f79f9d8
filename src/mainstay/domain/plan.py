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
    """A category as the index of its level; unseen is NaN, and so is missing unless it is a level of its own.

    With `missing_is_level` a missing value has the index after the last level.
    """

    field: str
    levels: tuple[str, ...]
    missing_is_level: bool = False


class DatePart(msgspec.Struct, frozen=True, tag="date_part"):
    """A part of a moment (UTC seconds in, a number out): one of `PARTS` of `domain.wall_clock`.

    `days` are days since 1970 in UTC, fractions included; the others are read off the wall clock of `time_zone`.
    """

    field: str
    part: str
    time_zone: str = "UTC"


class LevelNumber(msgspec.Struct, frozen=True, tag="level_number"):
    """A category as a number learned for each level (such as the smoothed mean outcome of its rows)."""

    field: str
    levels: tuple[str, ...]
    numbers: tuple[float, ...]
    unseen: float
    missing: float


class TextPart(msgspec.Struct, frozen=True, tag="text_part"):
    """A plain fact about a free text: `characters`, `words`, `digits` or `capitals` (shares of its characters)."""

    field: str
    part: str


class TextScore(msgspec.Struct, frozen=True, tag="text_score"):
    """A free text as one number: a linear score of its terms, which are words and pairs of adjacent words.

    Words are the maximal runs of Unicode letters, digits and underscores of the lower-cased text, two or more long;
    a pair is joined by one space. With c the count of a known term, t = (1 + ln c) * rarity, the score is
    `intercept + sum(t * weight) / sqrt(sum(t²))`; a text without known terms scores `intercept`. Missing: `missing`.
    """

    field: str
    terms: tuple[str, ...]
    rarities: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    missing: float


class Product(msgspec.Struct, frozen=True, tag="product"):
    """Two numbers that matter together: `((x or fill) - centre) * ((y or fill) - centre)`, each kept within its range.

    `left` and `right` are inputs; the tuples hold their (fill, centre, low, high). A level counts as its index.
    """

    left: Single
    right: Single
    left_range: tuple[float, float, float, float]
    right_range: tuple[float, float, float, float]


class Difference(msgspec.Struct, frozen=True, tag="difference"):
    """One number less another, each in units of its own spread: `x / left_scale - y / right_scale`.

    NaN where either is missing, or where the result is beyond what a number can hold. A level counts as its index.
    """

    left: Single
    right: Single
    left_scale: float
    right_scale: float


class Cross(msgspec.Struct, frozen=True, tag="cross"):
    """Two categories that matter together, as the index of the pair in `levels`; any other pair is NaN."""

    left: str
    right: str
    levels: tuple[tuple[str, str], ...]


class Shared(msgspec.Struct, frozen=True, tag="shared"):
    """An input that stands in the plan's `inputs`, at `place`: written and worked out once for all that read it."""

    place: int


Single = Number | Level | DatePart | LevelNumber | TextPart | TextScore | Shared
Input = Single | Product | Difference | Cross


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


class CrossTerm(msgspec.Struct, frozen=True, tag="cross_term"):
    """Linear term of an input that is an index: one weight per index, and one for what has none."""

    input: Input
    weights: tuple[float, ...]
    other_weight: float = 0.0


class Linear(msgspec.Struct, frozen=True, tag="linear"):
    """Intercept plus the terms, added in order."""

    intercept: float
    terms: tuple[NumberTerm | LevelTerm | CrossTerm, ...]


class Forest(msgspec.Struct, frozen=True, tag="forest"):
    """Additive decision trees over `inputs`, as flat node arrays; sums are taken in the order of `roots`.

    Node i is a leaf when `feature[i]` is -1: it adds `value[i]`; children come after their parent. Otherwise x is
    inputs[feature[i]]: NaN goes left when `missing_left[i]`; with `levels_left[i]` not None, x (then a level's index)
    goes left when it is in that list (a level the tree never saw is NaN already); else when `x <= threshold[i]`.
    The sum of baseline and leaves is divided by `divisor`; with `single` it is taken in float32, as XGBoost does.
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
    divisor: float = 1.0
    single: bool = False


class Constant(msgspec.Struct, frozen=True, tag="constant"):
    """The same raw score for every row: the base rate."""

    raw: float


class Rule(msgspec.Struct, frozen=True, tag="rule"):
    """An expression over columns. `texts` are the columns of it that hold texts.

    Binary: true is score 1, false is score 0. Regression: the amount. Several classes: of `words` the one that it gives
    has score 1, the others 0; NaN where it gives none of them.
    """

    expression: str
    texts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class Raw(msgspec.Struct, frozen=True):
    """A used column as a recipe of one's own gets it; `kind` is `number`, `category`, `moment` or `text`.

    A category's level that is not in `levels` is missing; a moment is UTC seconds before it is made a date.
    """

    field: str
    kind: str
    levels: tuple[str, ...] = ()


class Packed(msgspec.Struct, frozen=True, tag="packed"):
    """A model that is not written as data: the bundle's `model.skops` scores a `frame` (pandas or polars) of `columns`.

    It gives one raw score per class at once, in the plan's link: logits, logarithms of shares, or amounts. `types` are
    the types of one's own that the file may construct: those of the bundle's `code/recipe.py`, and no others. `digest`
    is that of the file.
    """

    frame: str
    columns: tuple[Raw, ...]
    digest: str
    types: tuple[str, ...] = ()


Model = Linear | Forest | Constant | Rule | Packed


class Logistic(msgspec.Struct, frozen=True, tag="logistic"):
    """Recalibration on the logit: `sigmoid(intercept + slope * logit(p))`; under a logistic link logit(p) is raw."""

    slope: float
    intercept: float


class Isotonic(msgspec.Struct, frozen=True, tag="isotonic"):
    """Recalibration by linear interpolation between the knots (ascending `scores`)."""

    scores: tuple[float, ...]
    calibrated: tuple[float, ...]


class Beta(msgspec.Struct, frozen=True, tag="beta"):
    """Beta calibration: `sigmoid(a * ln p - b * ln(1 - p) + c)`. Source: Kull, Silva Filho and Flach (2017)."""

    a: float
    b: float
    c: float


class Temperature(msgspec.Struct, frozen=True, tag="temperature"):
    """Raw scores divided by `temperature` before softmax. Source: Guo and others (2017)."""

    temperature: float


Calibration = Logistic | Isotonic | Beta | Temperature


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """From values to a decision.

    `models` holds one model per output (binary and regression: one; multiclass: one per class in `classes`). `link` is
    `logistic`, `softmax`, `identity` or `exp` (a positive amount). Binary: a score at or above `threshold` is decided
    `when_high`. Regression: so too where there is a threshold, else nothing is decided. Multiclass: the action worth
    most under the scores, by `payoffs` (a row of worths, numbers or expressions, per action, in the order of
    `classes`); without `payoffs` the likeliest class. `inputs` are those that models share; each reads none but
    earlier ones.
    """

    format: int = FORMAT
    task: str
    models: tuple[Model, ...]
    inputs: tuple[Input, ...] = ()
    link: str
    calibration: Calibration | None = None
    threshold: float | None = None
    when_high: str | None = None
    when_low: str | None = None
    classes: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    payoffs: tuple[tuple[float | str, ...], ...] = ()


def fields_of(source: Input, shared: tuple[Input, ...] = ()) -> tuple[str, ...]:
    """Return the fields that an input is made of, in order; `shared` are the plan's own inputs.

    >>> fields_of(Product(left=Number("b"), right=Number("a"), left_range=(0, 0, 0, 0), right_range=(0, 0, 0, 0)))
    ('a', 'b')
    """
    if isinstance(source, Shared):
        return fields_of(shared[source.place], shared)
    if isinstance(source, Product | Difference):
        return tuple(sorted({*fields_of(source.left, shared), *fields_of(source.right, shared)}))
    if isinstance(source, Cross):
        return tuple(sorted({source.left, source.right}))
    return (source.field,)


def fields_read(model: Linear | Forest, shared: tuple[Input, ...] = ()) -> list[tuple[str, ...]]:
    """Return the fields behind each term of a linear model, or behind each input of a forest."""
    if isinstance(model, Forest):
        return [fields_of(source, shared) for source in model.inputs]
    return [(term.field,) if isinstance(term, LevelTerm) else fields_of(term.input, shared) for term in model.terms]


def plan_bytes(plan: Plan) -> bytes:
    """Return the canonical bytes of a plan: what the model digest covers and `plan.json` holds."""
    return canonical(msgspec.to_builtins(plan))


def read_plan(data: bytes) -> Plan:
    """Read a plan; raises `msgspec.ValidationError` for anything that is not one, and never runs code."""
    return msgspec.json.decode(data, type=Plan)
