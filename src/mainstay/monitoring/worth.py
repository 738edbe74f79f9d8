"""What decisions are worth by the brief's value table: either way they may turn out, or as they did."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.brief.parts import ValueView
from mainstay.domain.estimates import VALUE_AHEAD, VALUE_OF_NEVER, VALUE_OF_RULE
from mainstay.domain.expression import Column, columns_of, decides_high, evaluate
from mainstay.domain.outcome import outcome_key
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Flags, Floats

CHAMPION = "champion"  # the arm of what the model itself decided
MONEY = "money"
RIGHT = "right"  # 1 where what was said came, else 0
WORTH = "worth"  # of the decision taken
IF_POSITIVE, IF_NEGATIVE = "worth_if_positive", "worth_if_negative"


def with_worth(decisions: pl.DataFrame, brief: Brief, *, columns: Mapping[str, str]) -> pl.DataFrame:
    """Add what the decision taken is worth if the outcome is positive and if it is negative; null where unknown.

    Beside it what others would have been: today's rule (`value_of_rule`, where the brief has one), nobody decided high
    (`value_of_never`), and how far the decision taken is ahead of the first of these that there is (`value_ahead`); the
    columns of each are `either`. `decisions` has `decision` (the words of the brief) and the inputs as used; `columns`
    says which column holds which field. Unit: the brief's currency per decision. Without a binary value table nothing
    is added. Raises `ExpressionError` if an expression reads a field that is not there.
    """
    worths = brief.value.outcomes
    if any(worth is None for worth in worths):
        return decisions
    high = (decisions["decision"] == brief.decision.when_high).fill_null(value=False).to_numpy()
    decided = (decisions["decision"].is_not_null()).to_numpy()
    money = [_money(worth, decisions, columns) for worth in worths if worth is not None]
    taken = _chosen(high, money)
    otherwise = {VALUE_OF_NEVER: _chosen(np.zeros_like(high), money)}
    if brief.today.rule is not None:
        otherwise[VALUE_OF_RULE] = _chosen(_ruled(brief.today.rule, decisions, columns), money)
    usual = otherwise.get(VALUE_OF_RULE, otherwise[VALUE_OF_NEVER])
    with np.errstate(invalid="ignore"):  # infinite less infinite is not known, as either is
        ahead = (taken[0] - usual[0], taken[1] - usual[1])
    every = {WORTH: taken, **otherwise, VALUE_AHEAD: ahead}
    return decisions.with_columns(
        _known(worth, decided).alias(column)
        for name, pair in every.items()
        for column, worth in zip(either(name), pair, strict=True)
    )


def with_right(decisions: pl.DataFrame, brief: Brief) -> pl.DataFrame:
    """Add whether the decision taken is right if the outcome is positive, and if it is negative: 1 or 0, or null."""
    said = decisions["decision"]
    high = (said == brief.decision.when_high).fill_null(value=False).cast(pl.Float64).to_numpy()
    pairs = zip(either(RIGHT), (high, 1 - high), strict=True)
    return decisions.with_columns(_known(right, said.is_not_null().to_numpy()).alias(column) for column, right in pairs)


def either(name: str) -> tuple[str, str]:
    """Return the columns of what a number is if the outcome is positive, and if it is negative.

    >>> either("worth")
    ('worth_if_positive', 'worth_if_negative')
    """
    return f"{name}_if_positive", f"{name}_if_negative"


def _chosen(high: Flags, money: list[Floats]) -> tuple[Floats, Floats]:
    """What a choice is worth if the outcome is positive, and if it is negative."""
    return np.where(high, money[0], money[2]), np.where(high, money[1], money[3])


def _ruled(rule: str, decisions: pl.DataFrame, columns: Mapping[str, str]) -> Flags:
    read = {name: _column(decisions[columns[name]]) for name in columns_of(rule) if name in columns}
    return decides_high(rule, read, n_rows=decisions.height)


def with_money(rows: pl.DataFrame, brief: Brief, *, task: str, columns: Mapping[str, str]) -> pl.DataFrame:
    """Add `money`: what each row that the model decided earned, given what came of it; null where that is not known.

    `rows` has `arm`, `decision`, `score` and `outcome`, or of several classes the text of the one that `came`. Unit:
    the brief's currency per decision. Without a value table of the task nothing is added.
    """
    if brief.value.task is None or brief.value.task != task:
        return rows
    earned = _of_amounts(rows, brief.value, columns) if task == Task.REGRESSION else _of_classes(rows, brief, columns)
    return rows.with_columns(_known(earned, (rows["arm"] == CHAMPION).to_numpy()).alias(MONEY))


def _of_amounts(rows: pl.DataFrame, view: ValueView, columns: Mapping[str, str]) -> Floats:
    predicted, actual = (_column(rows[name]) for name in ("score", "outcome"))
    if view.expression is not None:
        named = {name: _column(rows[columns[name]]) for name in columns_of(view.expression) if name in columns}
        read = named | {"predicted": predicted, "actual": actual}
        return np.asarray(evaluate(view.expression, read, n_rows=rows.height), dtype=np.float64)
    over, under = (_money(0.0 if worth is None else worth, rows, columns) for worth in (view.over, view.under))
    beyond = predicted - actual
    earned: Floats = np.where(beyond > 0, over * beyond, -under * beyond)
    return earned


def _of_classes(rows: pl.DataFrame, brief: Brief, columns: Mapping[str, str]) -> Floats:
    """What each decision was worth for the class that came; only the worths that are needed are evaluated."""
    earned = np.full(rows.height, np.nan)
    table = {
        (outcome_key(action), outcome_key(name)): worth
        for action, worths in (brief.value.matrix or {}).items()
        for name, worth in worths.items()
    }
    for decision, came in rows.select("decision", "came").drop_nulls().unique().iter_rows():
        worth = table.get((outcome_key(decision), outcome_key(came)))
        if worth is not None:
            mine = ((rows["decision"] == decision) & (rows["came"] == came)).fill_null(value=False)
            earned[mine.to_numpy()] = _money(worth, rows.filter(mine), columns)
    return earned


def _money(worth: float | str, decisions: pl.DataFrame, columns: Mapping[str, str]) -> Floats:
    if not isinstance(worth, str):
        return np.full(decisions.height, float(worth))
    read = {name: _column(decisions[columns[name]]) for name in columns_of(worth) if name in columns}
    return np.asarray(evaluate(worth, read, n_rows=decisions.height), dtype=np.float64)


def _column(values: pl.Series) -> Column:
    if values.dtype == pl.String:
        return np.array(values.to_list(), dtype=object)
    return values.cast(pl.Float64).to_numpy()


def _known(money: Floats, decided: Flags) -> pl.Series:
    return pl.Series(np.where(decided & np.isfinite(money), money, np.nan)).fill_nan(None)
