"""The holdout rows that an evaluation keeps: what came, what the winner said and decided, and its money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth
from mainstay.training.prepared import Prepared
from mainstay.training.shown import Evidence, words_of

Named: TypeAlias = Mapping[str, npt.NDArray[Any] | None]


def rows_of(evidence: Evidence) -> pl.DataFrame:
    """Return the columns that `Evaluation.rows` promises for the task, one row per holdout row."""
    by_task = {Task.BINARY: _binary, Task.MULTICLASS: _multiclass, Task.REGRESSION: _regression}
    prepared = evidence.prepared
    columns = {**by_task[prepared.task](evidence), "at": _of_holdout(prepared.moments, prepared)}
    frame = pl.DataFrame({name: values for name, values in columns.items() if values is not None})
    if prepared.segments is None:
        return frame
    return frame.hstack(prepared.segments[prepared.holdout].select(pl.all().name.prefix("segment:")))


def _binary(evidence: Evidence) -> Named:
    prepared = evidence.prepared
    worth = prepared.worth if isinstance(prepared.worth, ActionWorth) else None
    low, high = (None, None) if worth is None else worth.amounts.T
    return {
        "outcome": evidence.outcomes,
        "score": evidence.winner.scores,
        "value_high": _of_holdout(high, prepared),
        "value_low": _of_holdout(low, prepared),
        "today": _of_holdout(prepared.today, prepared),
        **_views_of_actions(prepared),
    }


def _views_of_actions(prepared: Prepared) -> Named:
    """Return the money of rows decided high and low by each further value table."""
    found: dict[str, npt.NDArray[Any] | None] = {}
    for name, view in prepared.views.items():
        if isinstance(view, ActionWorth):
            low, high = view.amounts.T
            found |= {
                f"value_high:{name}": _of_holdout(high, prepared),
                f"value_low:{name}": _of_holdout(low, prepared),
            }
    return found


def _views_of_decisions(evidence: Evidence) -> Named:
    """Return the money of what the winner decided by each further value table."""
    prepared = evidence.prepared
    views = prepared.views.items()
    return {f"value:{name}": view.at(prepared.holdout, evidence.winner.decisions) for name, view in views}


def _multiclass(evidence: Evidence) -> Named:
    winner, classes = evidence.winner, evidence.prepared.schema.classes
    scores = np.zeros((evidence.outcomes.size, 0)) if winner.scores is None else winner.scores
    return {
        "outcome": np.array(classes)[evidence.outcomes.astype(np.int64)],
        "decided": np.array(words_of(evidence.prepared))[winner.decisions.astype(np.int64)],
        **{f"score:{name}": scores[:, k] for k, name in enumerate(classes[: scores.shape[1]])},
        "value": winner.money,
        **_views_of_decisions(evidence),
    }


def _regression(evidence: Evidence) -> Named:
    winner = evidence.winner
    today = _of_holdout(evidence.prepared.today, evidence.prepared)
    return {
        "outcome": evidence.outcomes,
        "score": winner.decisions,
        "value": winner.money,
        "today": today,
        **_views_of_decisions(evidence),
    }


def _of_holdout(values: npt.NDArray[Any] | None, prepared: Prepared) -> npt.NDArray[Any] | None:
    return None if values is None else values[prepared.holdout]
