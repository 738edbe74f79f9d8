"""What the winner says of the rows it was not fitted on, and what came of them: what the watch will compare with."""

from __future__ import annotations

import numpy as np
import polars as pl

from mainstay.domain.deciding import deciding, decisions
from mainstay.domain.expression import columns_of
from mainstay.domain.plan import Plan
from mainstay.domain.signature import OUTCOME
from mainstay.domain.task import Task
from mainstay.monitoring.outcomes import ERROR, MISS, squared
from mainstay.monitoring.reference import Scored
from mainstay.monitoring.worth import MONEY, RIGHT
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.candidate import calibrated
from mainstay.training.prepared import Prepared
from mainstay.training.shown import words_of
from mainstay.training.train import Trained
from mainstay.training.views import view_of


def scored(trained: Trained, prepared: Prepared, plan: Plan, taken: IntArray) -> Scored:
    """Return what the winner says of the rows `taken`: of those alone that it was not fitted on."""
    parts = [prepared.calibration, prepared.holdout]
    rows = taken if trained.winner.rule is not None else np.sort(np.concatenate(parts))
    scores = calibrated(trained.winner, view_of(prepared, rows))
    if prepared.task is Task.MULTICLASS:
        return _of_classes(trained, prepared, (plan, rows, taken), scores)
    measured = {}
    if prepared.task is Task.BINARY and trained.winner.rule is not None:
        measured = {OUTCOME: prepared.outcomes[rows]}  # a rule's 0 and 1 are no chances
    elif prepared.task is Task.BINARY:
        came = _placed(prepared.outcomes[rows], rows, taken)
        return Scored(_placed(scores, rows, taken), outcomes=came)
    if prepared.task is Task.REGRESSION:
        error = prepared.outcomes[rows] - scores
        measured = {ERROR: error, MISS: np.abs(error), squared(MISS): error**2} | _money(prepared, rows, scores)
    return Scored(_placed(scores, rows, taken), measured=_all_placed(measured, rows, taken))


def _of_classes(
    trained: Trained, prepared: Prepared, where: tuple[Plan, IntArray, IntArray], scores: FloatArray
) -> Scored:
    """Of several classes: how likely the likeliest is, what is decided, and whether the class said came."""
    plan, rows, taken = where
    words = words_of(prepared)
    if trained.winner.rule is not None and prepared.today is not None:
        decided = prepared.today[rows].astype(np.int64)
    else:
        texts = [worth for row in plan.payoffs for worth in row if isinstance(worth, str)]
        names = {name for text in texts for name in columns_of(text)}
        columns = {name: prepared.used[name][rows].to_list() for name in names}
        said = decisions(deciding(plan), scores, columns)
        decided = np.array([-1 if word is None else words.index(word) for word in said], dtype=np.int64)
    measured = {name: np.where(decided < 0, np.nan, paid) for name, paid in _money(prepared, rows, decided).items()}
    if words == prepared.schema.classes or trained.winner.rule is None:
        named = decided if words == prepared.schema.classes else scores.argmax(axis=1)
        right = (named == prepared.outcomes[rows]).astype(np.float64)
        measured |= {RIGHT: right, squared(RIGHT): right}
    every = np.full(taken.size, -1)
    every[np.searchsorted(taken, rows)] = decided
    named_words = pl.Series([None if place < 0 else words[place] for place in every.tolist()], dtype=pl.String)
    return Scored(_placed(scores.max(axis=1), rows, taken), named_words, words, _all_placed(measured, rows, taken))


def _money(prepared: Prepared, rows: IntArray, decided: FloatArray | IntArray) -> dict[str, FloatArray]:
    if prepared.worth is None:
        return {}
    money = prepared.worth.at(rows, decided)
    return {MONEY: money, squared(MONEY): money**2}


def _all_placed(measured: dict[str, FloatArray], rows: IntArray, taken: IntArray) -> dict[str, FloatArray]:
    return {name: _placed(values, rows, taken) for name, values in measured.items()}


def _placed(values: FloatArray, rows: IntArray, taken: IntArray) -> FloatArray:
    """Values of some rows among all that were taken (both ascending), NaN elsewhere."""
    every = np.full(taken.size, np.nan)
    every[np.searchsorted(taken, rows)] = values
    return every
