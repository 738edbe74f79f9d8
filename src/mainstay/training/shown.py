"""Candidates on the holdout: what each scored, decided and earned there, row by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.domain.evaluation import CandidateResult
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.candidate import Candidate, View, calibrated
from mainstay.training.choose import Choice
from mainstay.training.decided import Decisions, decided
from mainstay.training.loss import losses_of
from mainstay.training.prepared import Prepared

ALL_HIGH, ALL_LOW = "all_high", "all_low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One candidate on the holdout; arrays have one entry per holdout row, `money` is None without a value table.

    `candidate` and `scores` are None for what only decides: everyone alike, or the last outcome known.
    """

    name: str
    title: str
    decisions: Decisions
    money: FloatArray | None
    candidate: Candidate | None = None
    scores: FloatArray | None = None

    @property
    def is_rule(self) -> bool:
        """Whether it is today's rule."""
        return self.candidate is not None and self.candidate.rule is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All candidates on the holdout, the simplest first, the winner among them, and their results in numbers."""

    prepared: Prepared
    choice: Choice
    shown: tuple[Shown, ...]
    winner: Shown
    results: tuple[CandidateResult, ...]

    @property
    def outcomes(self) -> FloatArray:
        """The outcomes of the holdout rows."""
        return self.prepared.outcomes[self.prepared.holdout]

    @property
    def clusters(self) -> IntArray | None:
        """The clusters of the holdout rows."""
        return self.prepared.clusters_of(self.prepared.holdout)

    @property
    def chosen(self) -> CandidateResult:
        """The winner's result."""
        return next(result for result in self.results if result.chosen)


def scored(candidate: Candidate, prepared: Prepared, view: View) -> Shown:
    """Show the holdout rows (`view`) to a candidate; what a rule of several classes decides is what it says."""
    scores = calibrated(candidate, view)
    decisions = decided(scores, candidate.threshold, prepared, prepared.holdout)
    if candidate.rule is not None and prepared.task is Task.MULTICLASS and prepared.today is not None:
        decisions = prepared.today[prepared.holdout].astype(np.int64)
    money = money_of(decisions, prepared)
    return Shown(
        name=candidate.name,
        title=candidate.title,
        decisions=decisions,
        money=money,
        candidate=candidate,
        scores=scores,
    )


def without_scores(prepared: Prepared) -> list[Shown]:
    """Return the two decisions that need no score, where there are two to choose from."""
    if prepared.task is not Task.BINARY:
        return []
    words = prepared.brief.decision
    everyone = np.ones(prepared.holdout.size, dtype=np.bool_)
    simple = ((ALL_HIGH, words.when_high, everyone), (ALL_LOW, words.when_low, ~everyone))
    return [
        Shown(name=name, title=f"{word} everyone", decisions=high, money=money_of(high, prepared))
        for name, word, high in simple
    ]


def money_of(decisions: Decisions, prepared: Prepared) -> FloatArray | None:
    """Return the money of the holdout rows under what is decided, None without a value table."""
    return None if prepared.worth is None else prepared.worth.at(prepared.holdout, decisions)


def loss_of(one: Shown, prepared: Prepared) -> FloatArray | None:
    """Return the loss of each holdout row: log loss or squared error; None where classes are decided without shares."""
    outcomes = prepared.outcomes[prepared.holdout]
    if prepared.task is Task.REGRESSION:
        return losses_of(prepared.task, outcomes, one.decisions.astype(np.float64))
    if one.scores is None or (prepared.task is Task.MULTICLASS and one.is_rule):
        return None
    return losses_of(prepared.task, outcomes, one.scores)


def words_of(prepared: Prepared) -> tuple[str, ...]:
    """Return what can be decided about several classes, in the order of the numbers decided."""
    if isinstance(prepared.worth, ActionWorth) and prepared.worth.actions:
        return prepared.worth.actions
    return prepared.schema.classes


def classes_of(one: Shown, prepared: Prepared) -> IntArray | None:
    """Return the class that each decision stands for (the likeliest where actions are not the classes), or None."""
    if words_of(prepared) == prepared.schema.classes:
        return one.decisions.astype(np.int64)
    return None if one.scores is None or one.is_rule else np.asarray(np.argmax(one.scores, axis=1), dtype=np.int64)
