"""What decisions are worth, row by row, for every task: the value table of the brief over the rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mainstay.data.money import amounts, money, require_finite
from mainstay.data.outcome import Outcomes
from mainstay.domain.brief import Brief
from mainstay.domain.brief.parts import ValueView
from mainstay.domain.errors import DataError, ExpressionError, did_you_mean
from mainstay.domain.expression import Columns, columns_of, evaluate
from mainstay.domain.outcome import match_outcome, outcome_key
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth, AmountWorth, FloatArray, Rows, Worth

Judge: TypeAlias = Callable[[FloatArray, Rows], FloatArray]
OWN_NAMES = ("predicted", "actual")  # of value.expression; they come before columns of the same names


@dataclass(frozen=True, slots=True)
class Payoffs:
    """The value table of several classes: the actions, and what each is worth for each class, as the brief writes it.

    `worths` has a row per action and a column per class, in the order of the schema's classes.
    """

    actions: tuple[str, ...]
    worths: tuple[tuple[float | str, ...], ...]


def worth(columns: Columns, told: Outcomes, brief: Brief) -> Worth | None:
    """Return what decisions about rows are worth, or None without a value table.

    `columns` (see `columns_of`) and `told` have one entry per row, and every row has an outcome. Binary: the actions
    are `(when_low, when_high)`. Multiclass: those of `[value.matrix]`, in the order of the classes where they are the
    classes. Regression: money of predicted amounts, `over` and `under` per unit or the `expression`. Raises `DataError`
    for a table of another task or one that leaves out a class, and where money is not finite, with the count;
    `ExpressionError` for an unknown column.
    """
    return _by(brief.value, columns, told, brief, key="value")


def views(columns: Columns, told: Outcomes, brief: Brief) -> dict[str, Worth]:
    """Return what decisions are worth by each further table `[value.NAME]`, as `worth` does by the first.

    Several classes: what can be decided is what `[value.matrix]` says, so a view holds the same actions, or is refused.
    """
    found = {name: _by(view, columns, told, brief, key=f"value.{name}") for name, view in brief.value.views.items()}
    actions = words_decided(brief.value, told.classes)
    for name, each in found.items():
        if told.task is Task.MULTICLASS and isinstance(each, ActionWorth) and each.actions != actions:
            what = f"value.{name}.matrix: its decisions are not those that are taken"
            raise DataError(what, remedy=f"Give each of these a row: {', '.join(map(repr, actions[:5]))}.")
    return {name: each for name, each in found.items() if each is not None}


def _by(view: ValueView, columns: Columns, told: Outcomes, brief: Brief, *, key: str) -> Worth | None:
    if view.task is None:
        return None
    if view.task is not told.task:
        what = f"{key}: its keys are for {view.task.value!r} outcomes, and those of {brief.data.target!r} are"
        raise DataError(f"{what} {told.task.value!r}", remedy='Say which it is: data.task = "…", and its value table.')
    if told.task is Task.REGRESSION:
        return _amount_worth(columns, told.values, view, key=key)
    if told.task is Task.MULTICLASS:
        return _action_worth(columns, told, view, key=key)
    found, words = money(columns, told.values, view, key=key), brief.decision
    return ActionWorth((words.when_low, words.when_high), np.column_stack([found.low, found.high]))


def payoffs(view: ValueView, classes: Sequence[str], *, key: str = "value") -> Payoffs | None:
    """Return `[value.matrix]` (of the table that `key` names) in the order of the classes, or None where there is none.

    The actions stand in the order of the classes where they are the same words, else as the brief names them. Raises
    `DataError` for names that are no class, naming the nearest, and for classes without a worth.

    >>> payoffs(ValueView(matrix={"b": {"a": -1, "b": 1}, "a": {"a": 0, "b": "-x"}}), ("a", "b"))
    Payoffs(actions=('a', 'b'), worths=((0.0, '-x'), (-1.0, 1.0)))
    """
    if view.matrix is None:
        return None
    rows = {action: _by_class(f"{key}.matrix.{action}", worths, classes) for action, worths in view.matrix.items()}
    own = {outcome_key(action): action for action in rows}
    if set(own) == {outcome_key(name) for name in classes}:
        rows = {name: rows[own[outcome_key(name)]] for name in classes}
    return Payoffs(tuple(rows), tuple(rows.values()))


def words_decided(view: ValueView, classes: Sequence[str]) -> tuple[str, ...]:
    """Return what can be decided about several classes: the actions of the value table, else the classes themselves."""
    found = payoffs(view, classes)
    return found.actions if found else tuple(classes)


def _by_class(key: str, worths: Mapping[str, float | str], classes: Sequence[str]) -> tuple[float | str, ...]:
    found: dict[str, float | str] = {}
    for name, amount in worths.items():
        known = match_outcome(name, classes)
        if known is None:
            raise DataError(f"{key}: {name!r} is no class of the target", remedy=did_you_mean(name, classes))
        found[known] = amount
    lacking = [name for name in classes if name not in found]
    if lacking:
        what = f"{key}: no worth for the class {', '.join(map(repr, lacking[:5]))}"
        raise DataError(what, remedy="Every decision needs a worth for every class; 0 is a worth.")
    return tuple(found[name] for name in classes)


def _action_worth(columns: Columns, told: Outcomes, view: ValueView, *, key: str) -> ActionWorth:
    """Money of actions for the class that came, and for every class that could have come."""
    table = payoffs(view, told.classes, key=key)
    assert table is not None  # a value table of several classes is a matrix
    n_rows, everywhere = told.values.size, np.ones(told.values.size, dtype=np.bool_)
    depends = any(isinstance(amount, str) for row in table.worths for amount in row)
    paid = np.empty((n_rows if depends else 1, len(table.actions), len(told.classes)))
    for i, (action, row) in enumerate(zip(table.actions, table.worths, strict=True)):
        for j, (name, amount) in enumerate(zip(told.classes, row, strict=True)):
            found = amounts(amount, columns, n_rows=n_rows)
            require_finite(found, everywhere, f"{key}.matrix.{action}.{name}", amount)
            paid[:, i, j] = found if depends else found[:1]
    came = told.values.astype(np.int64)
    if depends:
        return ActionWorth(table.actions, paid[np.arange(n_rows), :, came], paid)
    return ActionWorth(table.actions, paid[0].T[came], paid[0])


def _amount_worth(columns: Columns, actual: FloatArray, view: ValueView, *, key: str) -> AmountWorth:
    made = _per_unit if view.expression is None else _expressed
    judge = made(columns, actual, view, key)
    everywhere = np.arange(actual.size)
    for predicted in (actual, np.full(actual.size, np.median(actual))):  # what cannot be reckoned is refused now
        judge(predicted, everywhere)
    return AmountWorth(judge)


def _per_unit(columns: Columns, actual: FloatArray, view: ValueView, key: str) -> Judge:
    over, under = (amounts(each, columns, n_rows=actual.size) for each in (view.over, view.under))
    everywhere = np.ones(actual.size, dtype=np.bool_)
    require_finite(over, everywhere, f"{key}.over", view.over)
    require_finite(under, everywhere, f"{key}.under", view.under)

    def judge(predicted: FloatArray, rows: Rows) -> FloatArray:
        error = predicted - actual[rows]
        return np.where(error > 0, over[rows] * error, -under[rows] * error)

    return judge


def _expressed(columns: Columns, actual: FloatArray, view: ValueView, key: str) -> Judge:
    text = view.expression or ""
    named = [name for name in columns_of(text) if name not in OWN_NAMES]
    for name in named:
        if name not in columns:
            raise ExpressionError(
                f"{key}.expression: there is no column {name!r}", remedy=did_you_mean(name, (*columns, *OWN_NAMES))
            )
    read = {name: columns[name] for name in named}

    def judge(predicted: FloatArray, rows: Rows) -> FloatArray:
        some = {name: values[rows] for name, values in read.items()} | {"predicted": predicted, "actual": actual[rows]}
        found = evaluate(text, some, n_rows=rows.size).astype(np.float64)
        require_finite(found, np.ones(rows.size, dtype=np.bool_), f"{key}.expression", text)
        return found

    return judge
