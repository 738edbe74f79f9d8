"""What the page draws of an exam: inputs, places, groups of people, and what is tested."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Summary
from mainstay.domain.shown import Shown
from mainstay.report.actions import words_of
from mainstay.report.inputs import Inputs, inputs_of
from mainstay.report.ml_test_score import Score, score_of
from mainstay.report.people import People, called, people_of
from mainstay.report.places import Places, places_of


@dataclass(frozen=True, slots=True)
class Drawn:
    """The sections of the page that an exam fills; what it kept nothing of is empty, and left out."""

    inputs: Inputs | None
    places: Places | None
    people: tuple[People, ...]
    score: Score | None


def drawn_of(shown: Shown | None, summary: Summary, brief: Brief) -> Drawn:
    """Everything that an exam kept for the page; nothing where none was taken, or an older one kept nothing."""
    kept = shown or Shown()
    currency = brief.value.currency
    return Drawn(
        inputs=inputs_of(kept, summary.task, currency),
        places=places_of(kept.places),
        people=people_of(kept.groups, called(summary.task, words_of(brief), currency)),
        score=score_of(kept.tests),
    )
