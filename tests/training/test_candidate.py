"""Candidates say the same of rows whether they see them at once, in parts, or as rows of a larger frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pytest
from tests.training.made import prepared

from mainstay.stats.arrays import FloatArray
from mainstay.training import candidate, lessons
from mainstay.training.candidate import Candidate, View, uncalibrated
from mainstay.training.crew import crew_of
from mainstay.training.lessons import from_lesson, lesson_of


@dataclass
class Doubling:
    inputs: dict = field(default_factory=dict)
    estimator: object = None

    def scores(self, used: pl.DataFrame) -> FloatArray:
        return 2 * used["a"].to_numpy()


CANDIDATE = Candidate(name="twice", title="twice", fitted=Doubling())
USED = pl.DataFrame({"a": np.arange(10.0)})
ROWS = np.array([3, 5, 7, 8, 9])


@pytest.mark.parametrize("at_once", [1, 2, 5, 100])
def test_parts_are_put_together_again(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(candidate, "ROWS_AT_ONCE", at_once)
    assert uncalibrated(CANDIDATE, View(USED, None)).tolist() == (2 * np.arange(10.0)).tolist()
    assert uncalibrated(CANDIDATE, View(USED, None, ROWS)).tolist() == (2.0 * ROWS).tolist()
    assert max(part.height for part in View(USED, None, ROWS).parts()) == min(at_once, ROWS.size)


def test_no_rows_have_no_scores() -> None:
    assert uncalibrated(CANDIDATE, View(USED[:0], None)).size == 0


@pytest.mark.parametrize("most", [0, 10**9])
def test_what_learns_at_once_or_one_after_the_other_is_the_same(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(lessons, "MOST_AT_ONCE", most)
    made = prepared(200)
    lesson = lesson_of(made, made.training)
    with crew_of(2) as crew:
        assert from_lesson(lesson, lambda power: lesson.outcomes.sum() ** power, (0, 1), crew) == [
            1.0,
            made.outcomes[made.training].sum(),
        ]
