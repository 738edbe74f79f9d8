"""The last fit learns from every row that does not judge, or from as many as were asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.training.judged import prepared

from mainstay.domain.errors import DataError
from mainstay.domain.plan import Input
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray
from mainstay.training.crew import crew_of
from mainstay.training.folds import Fold
from mainstay.training.last_fit import (
    MOST_MORE,
    Entry,
    Finished,
    Hands,
    bears,
    finished,
    for_more_rows,
    rows_fitted,
    taught_rows,
    untimed,
    way_of,
)
from mainstay.training.learner import Lesson, Settings
from mainstay.training.learners.boosting import Boosting
from mainstay.training.prepared import Prepared, require_enough


@dataclass(frozen=True)
class ByHeart:
    """Knows the rows it was fitted on, by their column `good`, and says 0.99 of them and 0.01 of all others."""

    known: frozenset[float]
    estimator: Any = None
    inputs: Mapping[str, Input] = field(default_factory=dict)

    def scores(self, used: pl.DataFrame) -> FloatArray:
        return np.array([0.99 if value in self.known else 0.01 for value in used["good"]])


@dataclass
class Crammer:
    """Fits by learning by heart, and keeps the sizes of its lessons."""

    name: str = "crammer"
    title: str = "learns by heart"
    first: tuple[Settings, ...] = ()
    fitted: list[int] = field(default_factory=list)

    def settings(self, trial: Any) -> Settings:
        return {}

    def fit(self, lesson: Lesson, settings: Settings) -> ByHeart:
        self.fitted.append(lesson.outcomes.size)
        return ByHeart(frozenset(lesson.used["good"]))


def crammed(made: Prepared, n_scored: int | None = None) -> tuple[Finished, list[int], np.ndarray]:
    crossed = np.full(made.training.size, 0.5)
    crossed[n_scored:] = np.nan if n_scored is not None else 0.5
    learner, taught = Crammer(), taught_rows(made)
    with crew_of(1) as crew:
        (done,) = finished([Entry(learner, {}, crossed)], made, taught, Hands(crew, untimed))
    return done, learner.fitted, taught


def knows(done: Finished, made: Prepared, rows: np.ndarray) -> float:
    assert done.candidate.fitted is not None
    return float(done.candidate.fitted.scores(made.used[rows]).mean())


def test_calibration_rows_teach_in_the_end_and_holdout_rows_never() -> None:
    made = prepared(Task.REGRESSION)
    taught = taught_rows(made)
    assert taught.size == made.training.size + made.calibration.size
    assert not np.isin(taught, made.holdout).any()


def test_as_many_rows_as_asked_for_and_in_time_the_newest() -> None:
    made = prepared(Task.REGRESSION)
    assert np.array_equal(taught_rows(made, 10), made.training)
    moments = np.arange(made.outcomes.size, dtype=float)
    both = np.sort(np.concatenate([made.training, made.calibration]))
    assert np.array_equal(taught_rows(replace(made, split_by="time", moments=moments), 10), both[-10:])


def test_a_class_without_a_training_row_is_named() -> None:
    made = prepared(Task.MULTICLASS)
    first = made.training[made.outcomes[made.training] != 0.0]
    with pytest.raises(DataError, match="1 of 3 classes have no row"):
        require_enough(replace(made, training=first))


def test_no_fit_scores_a_calibration_row_that_it_saw_and_the_last_one_learns_from_all() -> None:
    made = prepared(Task.BINARY, 300)
    done, sizes, taught = crammed(made)
    assert done.unseen.tolist() == [0.01] * made.calibration.size
    assert knows(done, made, taught) == pytest.approx(0.99)
    assert knows(done, made, made.holdout) == pytest.approx(0.01)
    assert sizes == [200] + [175] * 4


def test_rows_of_one_entity_are_scored_together() -> None:
    made = prepared(Task.BINARY, 300)
    entities = np.arange(300) // 5
    entities[made.training] += 1000  # parts never share an entity
    entities[made.holdout] += 2000
    twins = made.used["good"].to_numpy()[np.unique(entities, return_index=True)[1]]
    alike = twins[np.unique(entities, return_inverse=True)[1]]
    done, _, _ = crammed(replace(made, clusters=entities, used=made.used.with_columns(good=alike)))
    assert done.unseen.tolist() == [0.01] * made.calibration.size


def test_in_time_and_of_a_sample_a_fit_on_the_training_rows_scores_the_calibration_rows() -> None:
    made = prepared(Task.BINARY, 300)
    late = replace(made, split_by="time", moments=np.arange(300.0))
    for done, sizes, taught in (crammed(late), crammed(made, n_scored=50)):
        assert done.unseen.tolist() == [0.01] * made.calibration.size
        assert knows(done, made, taught) == pytest.approx(0.99)
        assert sizes == [100, 200]


def test_the_time_of_the_fits_is_foretold() -> None:
    made = prepared(Task.BINARY, 300)
    both = taught_rows(made)
    for way, n_compared, n_threads, n_rows in (
        ("crossed", 100, 1, 5 * 200),
        ("crossed", 100, 2, 3 * 200),
        ("twice", 50, 2, 300),
    ):
        assert way_of(made, both, n_compared / 100) == way
        assert rows_fitted(made, both, n_compared=n_compared, n_threads=n_threads) == n_rows
    amounts = prepared(Task.REGRESSION, 300)
    assert way_of(amounts, both, 1.0) == way_of(made, made.training, 1.0) == "plain"
    assert rows_fitted(amounts, both, n_compared=100, n_threads=1) == 200


def test_a_fit_of_more_rows_bears_more_trees_but_none_more_in_time() -> None:
    made, taught = prepared(Task.BINARY), np.arange(1210)
    half, most = (Fold(np.arange(n), np.arange(n, 1210)) for n in (1000, 100))
    assert bears(made, taught, [half]) == pytest.approx(1.1)
    assert bears(made, taught, [most]) == MOST_MORE
    assert bears(replace(made, split_by="time"), taught, [half]) == 1.0
    last = for_more_rows(Boosting(), {"trees": 100, "learning_rate": 0.1}, 1.1)
    assert last == {"trees": 110, "trees_crossed": 100, "learning_rate": 0.1}
    assert Boosting().fewer(last) == {"trees": 100, "learning_rate": 0.1}
    assert for_more_rows(Crammer(), {}, 1.1) == {}
