"""Rows that a fit learns from, without the others, are what they were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.training.judged import matrix, per_unit, prepared

from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth, Worth
from mainstay.training.prepared import Prepared


def _rich(task: Task) -> Prepared:
    """Prepared rows with everything that goes by row."""
    made, rows = prepared(task), np.random.default_rng(5)
    worth: Worth = ActionWorth(("no", "yes"), rows.normal(size=(3000, 2)), rows.normal(size=(3000, 2, 2)))
    if task is Task.MULTICLASS:
        worth = matrix(made.outcomes, np.eye(3).tolist())
    if task is Task.REGRESSION:
        worth = per_unit(made.outcomes, over=-1.0, under=-3.0)
    by_row = {name: rows.normal(size=3000) for name in ("moments", "weights", "today")}
    return replace(made, worth=worth, clusters=rows.integers(0, 900, 3000), views={"again": worth}, **by_row)


@pytest.mark.parametrize("task", list(Task))
def test_rows_that_are_learned_from_are_the_same_without_the_others(task: Task) -> None:
    made = _rich(task)
    few = made.learned_from()
    assert few.used.height == few.outcomes.size == made.training.size + made.calibration.size
    assert few.holdout.size == 0
    for part in ("training", "calibration"):
        before, after = getattr(made, part), getattr(few, part)
        assert few.used[after].equals(made.used[before])
        for name in ("outcomes", "moments", "weights", "today", "clusters"):
            assert np.array_equal(getattr(few, name)[after], getattr(made, name)[before])
        decided = np.arange(after.size) % 2
        assert few.worth is not None
        assert made.worth is not None
        assert np.array_equal(few.worth.at(after, decided), made.worth.at(before, decided))
        if isinstance(few.worth, ActionWorth) and few.worth.payoffs is not None and task is Task.BINARY:
            assert np.array_equal(few.worth.payoffs[after], made.worth.payoffs[before])
