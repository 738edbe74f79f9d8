"""From scores to decisions in the brief's words, whatever the task: the one place that says what a plan decides.

Needs nothing but numpy, because this text also travels inside bundles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.domain.expression import columns_of, evaluate

FloatArray: TypeAlias = npt.NDArray[np.float64]
Columns: TypeAlias = Mapping[str, "Sequence[Any] | npt.NDArray[Any]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """How a plan decides; the fields are those of `Plan`."""

    threshold: float | None
    when_high: str | None
    when_low: str | None
    classes: Sequence[str] = ()
    actions: Sequence[str] = ()
    payoffs: Sequence[Sequence[float | str]] = ()


def deciding(plan: Any) -> Deciding:
    """Return how a plan decides, from the plan itself or from its JSON form.

    >>> plan = {"threshold": 0.5, "when_high": "call", "when_low": "wait", "classes": (), "actions": (), "payoffs": ()}
    >>> decisions(deciding(plan), np.array([0.4, 0.5]), {})
    ['wait', 'call']
    """
    names = Deciding.__dataclass_fields__
    return Deciding(**{name: plan[name] if isinstance(plan, Mapping) else getattr(plan, name) for name in names})


def decisions(how: Deciding, scores: FloatArray, columns: Columns) -> list[str | None]:
    """Return the decision of every row; None where nothing is decided, or where a score is missing.

    `scores` has shape (n_rows,), or (n_rows, n_classes) of several classes; `columns` are the rows' used values, which
    worths may depend on. The action worth most is decided, or the likeliest class; of equals the first.
    """
    if not how.classes:
        return [_by_threshold(how, score) for score in scores.tolist()]
    worth = expected_worth(how, scores, columns) if how.payoffs else scores
    is_missing: npt.NDArray[np.bool_] = np.isnan(worth)
    best = np.argmax(np.where(is_missing, -np.inf, worth), axis=1)
    words = how.actions if how.payoffs else how.classes
    nothing = np.logical_and.reduce(is_missing, axis=1).tolist()
    return [None if none else words[place] for place, none in zip(best.tolist(), nothing, strict=True)]


def expected_worth(how: Deciding, scores: FloatArray, columns: Columns) -> FloatArray:
    """Return what each action is worth in each row before it is known which class it is, shape (n_rows, n_actions)."""
    return np.column_stack([_worth(row, scores, columns) for row in how.payoffs])


def _worth(row: Sequence[float | str], scores: FloatArray, columns: Columns) -> FloatArray:
    total = np.zeros(len(scores))
    for place, worth in enumerate(row):
        amount = _amounts(worth, columns, len(scores)) if isinstance(worth, str) else float(worth)
        total = total + scores[:, place] * amount
    return total


def _amounts(expression: str, columns: Columns, n_rows: int) -> FloatArray:
    read = {name: _column(columns.get(name, [None] * n_rows)) for name in columns_of(expression)}
    return evaluate(expression, read, n_rows=n_rows).astype(np.float64)


def _column(values: Any) -> npt.NDArray[Any]:
    """Texts as objects, None where missing; anything else as numbers, NaN where missing."""
    if any(isinstance(value, str) for value in values):
        return np.array([value if isinstance(value, str) else None for value in values], dtype=object)
    return np.asarray(values, dtype=np.float64)


def _by_threshold(how: Deciding, score: float) -> str | None:
    if how.threshold is None or score != score:  # noqa: PLR0124  # only NaN is not itself
        return None
    return how.when_high if score >= how.threshold else how.when_low
