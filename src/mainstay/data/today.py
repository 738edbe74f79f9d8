"""What today's rule decides, row by row, whatever the task."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mainstay.domain.brief import Brief
from mainstay.domain.errors import DataError, did_you_mean
from mainstay.domain.expression import Column, Columns, decides_high, evaluate_any
from mainstay.domain.outcome import match_outcome
from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray

SAY_FOR_MISSING = "Say what is decided there: where(missing(COLUMN), …, …)."
MAX_NAMED = 5


def today(columns: Columns, brief: Brief, *, n_rows: int) -> BoolArray | None:
    """Return where today's rule decides high (binary), shape (n_rows,), or None where the brief has no rule.

    A rule that gives a number decides high where it is neither zero nor missing.
    """
    rule = brief.today.rule
    if rule is None:
        return None
    return decides_high(rule, columns, n_rows=n_rows)


def todays(
    columns: Columns, brief: Brief, *, task: Task, words: Sequence[str], n_rows: int
) -> BoolArray | FloatArray | None:
    """Return what today's rule decides, shape (n_rows,), or None where the brief has no rule.

    Binary: true for high. Regression: the amount. Multiclass: the place in `words` (the actions of the value table, or
    the classes where it has none) of the text or number that the rule gives. Raises `ExpressionError` for a rule that
    cannot be evaluated, and `DataError`, counting rows, where it gives no amount or none of the words.

    >>> from mainstay.domain.brief import parse_brief
    >>> said = "[model]\\nname='m'\\n[data]\\ntarget='t'\\n[today]\\nrule = \\"where(x > 1, 'b', 'a')\\""
    >>> brief = parse_brief(said)
    >>> todays({"x": np.array([1.0, 2.0])}, brief, task=Task.MULTICLASS, words=("a", "b"), n_rows=2).tolist()
    [0.0, 1.0]
    """
    rule = brief.today.rule
    if rule is None:
        _require_none_needed(brief, task)
        return None
    if task is Task.BINARY:
        return today(columns, brief, n_rows=n_rows)
    decided = evaluate_any(rule, columns, n_rows=n_rows)
    return _amounts(decided, rule) if task is Task.REGRESSION else _places(decided, rule, words)


def _require_none_needed(brief: Brief, task: Task) -> None:
    """Refuse a control, or a fallback, by a rule that is not there; of two outcomes it is then the low decision."""
    if task is Task.BINARY:
        return
    needs = {
        "decision.control_share": brief.decision.control_share > 0,
        "decision.fallback": brief.decision.fallback == "rule",
    }
    for key, is_set in needs.items():
        if is_set:
            what = f"{key}: it needs today's rule, and the brief has none ({brief.data.target!r} is {task.value})"
            raise DataError(what, remedy=f"Say what is foretold today, in today.rule, or leave {key} out.")


def _amounts(decided: Column, rule: str) -> FloatArray:
    if decided.dtype.kind != "f":
        gives = "true or false" if decided.dtype == bool else "texts"
        raise DataError(f"today.rule: {rule!r} gives {gives}; wanted an amount", remedy="Write what is foretold today.")
    wrong = ~np.isfinite(decided)
    if wrong.any():
        what = f"today.rule: {rule!r} gives no amount in {int(wrong.sum())} of {decided.size} rows"
        raise DataError(what, remedy=SAY_FOR_MISSING)
    return decided.astype(np.float64)


def _places(decided: Column, rule: str, words: Sequence[str]) -> FloatArray:
    said = [None if isinstance(value, float) and math.isnan(value) else value for value in decided.tolist()]
    place_of = {value: _place(value, words) for value in set(said)}
    if None in place_of:
        what = f"today.rule: {rule!r} gives nothing in {said.count(None)} of {len(said)} rows"
        raise DataError(what, remedy=SAY_FOR_MISSING)
    strange = sorted(str(value) for value, place in place_of.items() if place is None)
    if strange:
        what = f"today.rule: it gives {', '.join(map(repr, strange[:MAX_NAMED]))}, which is no decision"
        raise DataError(what, remedy=did_you_mean(strange[0], words))
    return np.array([place_of[value] for value in said], dtype=np.float64)


def _place(value: object, words: Sequence[str]) -> int | None:
    word = match_outcome(value, words)
    return None if word is None else words.index(word)
