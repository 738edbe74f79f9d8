"""Scoring with a plan: whole columns through `plan_math`, single rows through plain Python that gives the same bits."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from mainstay.domain.expression import columns_of
from mainstay.domain.plan import Isotonic, LevelTerm, Linear, Logistic, NumberTerm, Plan, Rule
from mainstay.domain.traffic import Value
from mainstay.domain.wall_clock import DAY_S, FIRST_MOMENT_S, LAST_MOMENT_S, offset_at
from mainstay.serving import plan_math
from mainstay.serving.plan_forest import ForestTables, Table
from mainstay.serving.plan_inputs import Columns, FloatArray, Json
from mainstay.serving.rule import rule_values

Used: TypeAlias = Mapping[str, Value]
OfRow: TypeAlias = Callable[[Used], float]

EPOCH_DAY = date(1970, 1, 1).toordinal()
NAN = float("nan")


class Scorer:
    """A plan made ready once: scores of columns, or of one row, equal to the bit.

    Raises `ValueError` for a plan that this edition cannot score (more than one model, an unknown format).

    >>> from mainstay.domain.plan import Constant
    >>> scorer = Scorer(Plan(task="binary", models=(Constant(raw=0.0),), link="logistic"))
    >>> scorer.score_row({"age": 30.0}), scorer.scores({"age": [30.0, None]}).tolist()
    (0.5, [0.5, 0.5])
    """

    __slots__ = ("_of_raw", "_raw", "_ready", "plan")

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._ready = plan_math.prepare(msgspec.to_builtins(plan))
        self._raw = _raw_of_row(plan, self._ready.forest)
        self._of_raw = _score_of_raw(plan)

    def scores(self, columns: Columns) -> FloatArray:
        """Return the calibrated scores of used columns, shape (n_rows,); an absent column is missing in every row."""
        return plan_math.scores(self._ready, columns, evaluate=rule_values)

    def score_row(self, used: Used) -> float:
        """Return the calibrated score of one used row; an absent field is missing."""
        return self._of_raw(self._raw(used))


def _raw_of_row(plan: Plan, forest: ForestTables | None) -> OfRow:
    model = plan.models[0]
    if forest is not None:
        return _forest_of_row(forest)
    if isinstance(model, Linear):
        return _linear_of_row(model)
    if isinstance(model, Rule):
        return _rule_of_row(model)
    constant = float(plan_math.raw_scores(plan_math.prepare(msgspec.to_builtins(plan)), {"": [None]})[0])
    return lambda used: constant


def _rule_of_row(model: Rule) -> OfRow:
    rule, names = msgspec.to_builtins(model), columns_of(model.expression)

    def raw(used: Used) -> float:
        truth = float(rule_values(rule, {name: [used.get(name)] for name in names}, 1)[0])
        return float(truth != 0.0 and not math.isnan(truth))

    return raw


def _linear_of_row(model: Linear) -> OfRow:
    terms = [_number_of_row(t) if isinstance(t, NumberTerm) else _level_of_row(t) for t in model.terms]
    intercept = model.intercept

    def raw(used: Used) -> float:
        total = intercept
        for term in terms:
            total += term(used)
        return total

    return raw


def _number_of_row(term: NumberTerm) -> OfRow:
    number = _number(msgspec.to_builtins(term.input))
    low = -math.inf if term.low is None else term.low
    high = math.inf if term.high is None else term.high

    def part(used: Used) -> float:
        x = number(used)
        is_missing = math.isnan(x)
        x = min(max(term.fill if is_missing else x, low), high)
        value = term.weight * ((x - term.centre) / term.scale)
        return value + term.missing_weight if is_missing else value

    return part


def _level_of_row(term: LevelTerm) -> OfRow:
    weights = dict(zip(term.levels, term.weights, strict=True))

    def part(used: Used) -> float:
        level = used.get(term.field)
        return weights.get(level, term.unseen_weight) if isinstance(level, str) else term.missing_weight

    return part


def _number(source: Json) -> OfRow:
    """Return how to read one input of a row as a number (NaN where missing or unseen)."""
    name = source["field"]
    if source["type"] == "level":
        index = {level: float(i) for i, level in enumerate(source["levels"])}
        return lambda used: index.get(used.get(name), NAN)
    if source["type"] == "number":
        return lambda used: _float(used.get(name))
    part, zone = source["part"], source["time_zone"]
    place = None if zone == "UTC" else ZoneInfo(zone)
    return lambda used: _date_part(_float(used.get(name)), part, place)


def _float(value: Value) -> float:
    return NAN if value is None else float(value)


def _date_part(moment: float, part: str, zone: ZoneInfo | None) -> float:
    if not FIRST_MOMENT_S <= moment < LAST_MOMENT_S:
        return NAN
    if part == "days":
        return moment / DAY_S
    second = math.floor(moment)
    wall = second if zone is None else int(second + offset_at(second, zone))
    if part == "hour":
        return float(wall % DAY_S // 3600)
    if part == "minute":
        return float(wall % DAY_S // 60)
    day = date.fromordinal(EPOCH_DAY + wall // DAY_S)
    return float(day.weekday() if part == "weekday" else day.month if part == "month" else day.day)


def _forest_of_row(forest: ForestTables) -> OfRow:
    masks = [_mask_of_row(table) for table in forest.tables]
    n_bytes, n_leaves = -(-forest.values.size // 64) * 8, forest.values.size
    everything, baseline = (1 << n_leaves) - 1, forest.values.dtype.type(forest.baseline)

    def raw(used: Used) -> float:
        left = everything
        for mask in masks:
            left &= mask(used)
        bits = np.unpackbits(np.frombuffer(left.to_bytes(n_bytes, "little"), dtype=np.uint8), bitorder="little")
        leaves = forest.values[bits.nonzero()[0]]
        leaves[0] += baseline
        return float(np.add.accumulate(leaves)[-1]) / forest.divisor

    return raw if forest.n_trees else lambda used: forest.baseline / forest.divisor


def _mask_of_row(table: Table) -> Callable[[Used], int]:
    masks = [int.from_bytes(row.tobytes(), "little") for row in table.masks]
    missing, source = masks[-1], table.input
    if source["type"] == "level":
        by_level = dict(zip(source["levels"], masks, strict=False))
        name = source["field"]
        return lambda used: by_level.get(used.get(name), missing)
    number, thresholds = _number(source), table.thresholds.tolist()

    def mask(used: Used) -> int:
        x = number(used)
        return missing if math.isnan(x) else masks[bisect_left(thresholds, x)]

    return mask


def _score_of_raw(plan: Plan) -> Callable[[float], float]:
    calibration = plan.calibration
    if isinstance(calibration, Logistic):
        slope, intercept = calibration.slope, calibration.intercept
        return lambda raw: _sigmoid(intercept + slope * raw)
    link = _sigmoid if plan.link == "logistic" else float
    if isinstance(calibration, Isotonic):
        return lambda raw: _interpolate(link(raw), calibration)
    return link


def _sigmoid(raw: float) -> float:
    small = _exp_of_negative(-abs(raw))
    return (1.0 if raw >= 0 else small) / (1.0 + small)


def _exp_of_negative(x: float) -> float:
    clipped = max(x, plan_math.LOWEST_EXP)
    power = round(clipped / plan_math.LN_2)
    rest = (clipped - power * plan_math.LN_2_HIGH) - power * plan_math.LN_2_LOW
    total = plan_math.EXP_TERMS[0]
    for term in plan_math.EXP_TERMS[1:]:
        total = total * rest + term
    return math.ldexp(total, power)


def _interpolate(x: float, curve: Isotonic) -> float:
    at, height = curve.scores, curve.calibrated
    if len(at) == 1 or x <= at[0]:
        return height[0]
    if x >= at[-1]:
        return height[-1]
    i = bisect_right(at, x) - 1
    return height[i] + (x - at[i]) / (at[i + 1] - at[i]) * (height[i + 1] - height[i])
