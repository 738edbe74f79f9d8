"""Whether the brief's targets are met already, by cross-fitted scores of training rows; the holdout stays shut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from mainstay.domain.plan import Input
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray
from mainstay.training.calibrate import chosen_threshold
from mainstay.training.candidate import Candidate
from mainstay.training.choose import chosen
from mainstay.training.compared import Compared
from mainstay.training.judge import gather
from mainstay.training.prepared import Prepared
from mainstay.training.search import Found
from mainstay.training.targets import AT_LEAST, AT_MOST, good_enough, target_findings
from mainstay.training.views import view_of


@dataclass(frozen=True, slots=True)
class Remembered:
    """Scores given before, in place of something fitted."""

    given: FloatArray
    estimator: Any = None
    inputs: Mapping[str, Input] = field(default_factory=dict)

    def scores(self, used: pl.DataFrame) -> FloatArray:
        """Return the scores remembered, whatever is asked."""
        return self.given


def has_targets(prepared: Prepared) -> bool:
    """Say whether the brief sets any target that rows can tell."""
    targets = prepared.brief.targets
    return any(getattr(targets, name) is not None for name in (*AT_LEAST, *AT_MOST, "value_over_today"))


def met(found: Sequence[Found], on: Compared, prepared: Prepared) -> bool:
    """Say whether the candidate that would be chosen now meets every target with its whole interval."""
    if not has_targets(prepared):
        return False
    choice = chosen({one.learner.name: one.cross for one in found}, on, prepared)
    scored = on.rows[found[0].cross.scored]
    shown = replace(prepared, holdout=scored)
    candidates = tuple(_remembered(one, shown) for one in found)
    if choice.winner not in {candidate.name for candidate in candidates}:
        return False
    return good_enough(target_findings(gather(shown, candidates, choice, view_of(shown, scored)))) is True


def _remembered(one: Found, shown: Prepared) -> Candidate:
    scores = one.cross.told[one.cross.scored]
    threshold = None
    if shown.task is Task.BINARY:
        threshold = chosen_threshold(scores, *shown.money(shown.holdout), shown)
    return Candidate(name=one.learner.name, title=one.learner.title, fitted=Remembered(scores), threshold=threshold)
