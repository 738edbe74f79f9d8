"""What an exam keeps for its readers beside the findings: importances, effects, places, groups and what is tested."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mainstay.domain.evaluation import Estimate

FAR, LEAST_NUMBERS = 2.0, 8  # further out than twice the span of all others; fewer numbers have no span to speak of


class InputShown(msgspec.Struct, frozen=True, kw_only=True):
    """What an input carries: a share of the skill, and money per decision where decisions have a worth."""

    name: str
    share: Estimate
    money: Estimate | None = None


class EffectShown(msgspec.Struct, frozen=True, kw_only=True):
    """How the score moves with one input. `of` is the class whose score it is, empty but for several classes.

    `values` are numbers ascending, or levels; `mean`, `low` and `high` the mean score of rows that are given each, and
    the 10th and 90th percentile over rows. `counts` says how many rows of the holdout hold each level, or a number
    between two of `edges`, which are one more; numbers far out are in no count.
    """

    name: str
    of: str = ""
    values: tuple[float | str, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    counts: tuple[int, ...]
    edges: tuple[float, ...] = ()


class PlaceShown(msgspec.Struct, frozen=True, kw_only=True):
    """Some rows of the holdout: what they are called, how many, and what a decision there gains over the baseline.

    `gain` is None below 30 rows; `total` is the gain of all of them; `is_worse`: a finding says so, surely.
    """

    name: str
    n: int
    gain: Estimate | None = None
    total: float | None = None
    is_worse: bool = False


class RuleShown(msgspec.Struct, frozen=True, kw_only=True):
    """A slice found by search: its conditions, and what was found of it."""

    conditions: tuple[str, ...]
    says: str
    gain: Estimate | None = None


class PlacesShown(msgspec.Struct, frozen=True, kw_only=True):
    """Where the version gains over the baseline that `over` names, in `unit`; segments by column, stretches in time."""

    over: str
    unit: str
    is_money: bool
    whole: Estimate | None = None
    segments: dict[str, tuple[PlaceShown, ...]] = msgspec.field(default_factory=dict)
    periods: tuple[PlaceShown, ...] = ()
    rules: tuple[RuleShown, ...] = ()
    is_searched: bool = False


class GroupShown(msgspec.Struct, frozen=True, kw_only=True):
    """One protected group: rows, the mean of what came and of what is decided, the brief's metric, and money."""

    name: str
    n: int
    came: Estimate | None = None
    decided: Estimate | None = None
    metric: Estimate | None = None
    money: Estimate | None = None


class RatioShown(msgspec.Struct, frozen=True, kw_only=True):
    """The first group over the second: the ratio of what came, and of what is decided."""

    first: str
    second: str
    came: Estimate
    decided: Estimate | None = None


class GroupsShown(msgspec.Struct, frozen=True, kw_only=True):
    """The groups of one protected column, the brief's limits, and what the exam says of their gaps.

    `verdict` is the worst of those findings: fail, warn, unknown or pass; empty where there is none.
    """

    column: str
    metric: str
    groups: tuple[GroupShown, ...]
    max_gap: float | None = None
    max_ratio: float | None = None
    ratio: RatioShown | None = None
    verdict: str = ""
    says: tuple[str, ...] = ()
    n_pooled: int = 0


class MetShown(msgspec.Struct, frozen=True, kw_only=True):
    """One of the 28 tests of the ML Test Score: what it asks, what meets it, its points, and what would raise them."""

    section: str
    asks: str
    by: str
    points: float
    raised_by: str = ""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a report draws of an exam; what could not be told, or is not asked for, is empty."""

    inputs: tuple[InputShown, ...] = ()
    n_inputs: int = 0
    effects: tuple[EffectShown, ...] = ()
    places: PlacesShown | None = None
    groups: tuple[GroupsShown, ...] = ()
    tests: tuple[MetShown, ...] = ()


def near(values: Sequence[float]) -> slice:
    """Return which of ascending numbers to draw: a single last one far out would press all others together.

    >>> near([0, 1, 2, 3, 4, 5, 6, 7, 1000])
    slice(0, 8, None)
    """
    if len(values) < LEAST_NUMBERS:
        return slice(0, len(values))
    span = values[-2] - values[1]
    first = 1 if values[1] - values[0] > FAR * span else 0
    last = len(values) - (1 if values[-1] - values[-2] > FAR * span else 0)
    return slice(first, last)


def shown_json(shown: Shown) -> object:
    """Return the form in which it is kept."""
    return msgspec.to_builtins(shown)


def read_shown(raw: bytes) -> Shown:
    """Read what an exam kept; raises `msgspec.DecodeError`.

    >>> read_shown(b'{"n_inputs": 3}').n_inputs
    3
    """
    return msgspec.json.decode(raw, type=Shown)
