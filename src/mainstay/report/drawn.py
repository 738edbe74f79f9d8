"""What the page draws of an exam: inputs, places, groups of people, and what is tested."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Summary
from mainstay.domain.shown import PlacesShown, Shown
from mainstay.report.actions import Words, words_of
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
    currency, words = brief.value.currency, words_of(brief)
    return Drawn(
        inputs=inputs_of(kept, summary.task, currency),
        places=places_of(_in_words(kept.places, words)),
        people=people_of(kept.groups, called(summary.task, words, currency)),
        score=score_of(kept.tests),
    )


def _in_words(places: PlacesShown | None, words: Words) -> PlacesShown | None:
    """The baseline as the rest of the page calls it."""
    if places is None:
        return None
    said = {f"{action.word!r} for all": action.always for action in (words.high, words.low)}
    return msgspec.structs.replace(places, over=said.get(places.over, places.over))
