"""The fits after the search: candidates learn from every row that does not judge, and get a curve and a threshold."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeAlias

import numpy as np

from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.calibrate import LEAST_SCORED, calibrate
from mainstay.training.candidate import Candidate, uncalibrated
from mainstay.training.crew import Crew
from mainstay.training.crossfit import room_of, was_scored
from mainstay.training.folds import Fold, random_folds
from mainstay.training.learner import Learner, Lesson, Settings, StagedLearner
from mainstay.training.learners.pipeline import encoded
from mainstay.training.lessons import from_lesson, lesson_of
from mainstay.training.own import rule_in
from mainstay.training.prepared import Prepared
from mainstay.training.views import view_of

N_FOLDS = 4  # of calibration rows: a fit on three of them and the training rows lacks a sixteenth of the last one's

MOST_MORE = 1.3  # times the size chosen by cross-fitting

Way: TypeAlias = Literal["plain", "crossed", "twice"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A learner to fit for good: its settings, its cross-fitted scores of training rows (NaN where there is none)."""

    learner: Learner
    settings: Settings
    crossed: FloatArray
    search_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Finished:
    """A candidate fitted for good, with scores of the calibration rows by fits that never saw them, not recalibrated.

    `unseen` has shape (n_calibration,), or (n_calibration, n_classes) of several classes.
    """

    candidate: Candidate
    unseen: FloatArray


def untimed() -> float:
    """A clock for fits that nobody times."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Hands:
    """The crew that fits, and the clock (seconds) that times it."""

    crew: Crew
    tick: Callable[[], float]


def taught_rows(prepared: Prepared, n_rows: int | None = None) -> IntArray:
    """Return the positions of the rows to learn from in the end: training and calibration rows together.

    Calibration rows are the newest before a holdout in time, and a model that never saw them would be judged a season
    late; at random they are a quarter more rows. Where a number of rows was asked for (`n_rows`) it stays that many: at
    random the training rows, in time the newest of both.
    """
    both = np.sort(np.concatenate([prepared.training, prepared.calibration]))
    if n_rows is None or n_rows >= both.size:
        return both
    if prepared.split_by != "time" or prepared.moments is None:
        return prepared.training
    return np.sort(both[np.argsort(prepared.moments[both], kind="stable")[-n_rows:]])


def finished(entries: Sequence[Entry], prepared: Prepared, taught: IntArray, hands: Hands) -> list[Finished]:
    """Return what each entry comes to, fitted on the rows `taught` and calibrated as `way_of` says."""
    view = view_of(prepared, prepared.calibration)
    share = min(float(np.mean(was_scored(entry.crossed))) for entry in entries)
    way = way_of(prepared, taught, share)
    if way == "crossed":
        made = _fitted(entries, prepared, taught, hands)
        unseen = _cross_fitted(entries, prepared, taught, hands.crew)
        unseen = [uncalibrated(one, view) if one.rule else scores for one, scores in zip(made, unseen, strict=True)]
        return _calibrated(entries, made, unseen, prepared)
    made = _fitted(entries, prepared, taught if way == "plain" else prepared.training, hands)
    has_curve = prepared.task is not Task.REGRESSION
    unseen = [uncalibrated(candidate, view) if has_curve else np.empty(0) for candidate in made]
    done = _calibrated(entries, made, unseen, prepared)
    return _again(done, entries, prepared, taught, hands) if way == "twice" else done


def way_of(prepared: Prepared, taught: IntArray, share_scored: float) -> Way:
    """Say which fits score the calibration rows, when the last one learns from the rows `taught`.

    `plain`: the last fit itself, which never sees them; and none for amounts, which have no curve. `crossed`: each row
    by a fit on the training rows and the other calibration rows, which is nearly the last fit. `twice`: a fit on the
    training rows, before the last one; it is less sure than that where rows have near twins, and a curve learned on it
    is wrong for that (measured on elec2: by a tenth of the slope). But in time the rows beside a row tell too much of
    it, and of a table so large that a part was cross-fitted (`share_scored`), a quarter more rows change little.
    """
    if prepared.task is Task.REGRESSION or np.array_equal(taught, prepared.training):
        return "plain"
    return "twice" if prepared.split_by == "time" or share_scored < LEAST_SCORED else "crossed"


def rows_fitted(prepared: Prepared, taught: IntArray, *, n_compared: int, n_threads: int) -> int:
    """Return how many rows one thread fits, one fit after the other, for each entry of `finished`."""
    way = way_of(prepared, taught, n_compared / prepared.training.size)
    before = {"plain": 0, "twice": prepared.training.size, "crossed": math.ceil(N_FOLDS / n_threads) * taught.size}
    return before[way] + taught.size


def bears(prepared: Prepared, taught: IntArray, folds: Sequence[Fold]) -> float:
    """Return how many times the size that cross-fitting chose a fit of the rows `taught` bears: a root of the rows.

    In time it stays as chosen: what more trees learn by heart there is of the past. Measured on four tables parted at
    random: from nothing (credit, bank) to .001 of ROC area and .0006 of R² (elec2, bike).
    """
    if prepared.split_by == "time":
        return 1.0
    n_fitted = sum(fold.fitted.size for fold in folds) / len(folds)
    return min(max(math.sqrt(taught.size / n_fitted), 1.0), MOST_MORE)


def for_more_rows(learner: Learner, settings: Settings, factor: float) -> Settings:
    """Return the settings of the last fit of what was cross-fitted at these."""
    return learner.more(settings, factor) if isinstance(learner, StagedLearner) and factor > 1 else settings


def of_rule(rule: Candidate, prepared: Prepared) -> Finished:
    """Return today's rule with the shares of its two answers; nothing is fitted."""
    unseen = uncalibrated(rule, view_of(prepared, prepared.calibration))
    return Finished(calibrate(rule, prepared, unseen), unseen)


def _calibrated(
    entries: Sequence[Entry], made: Sequence[Candidate], unseen: Sequence[FloatArray], prepared: Prepared
) -> list[Finished]:
    return [
        Finished(calibrate(candidate, prepared, scores, crossed=entry.crossed), scores)
        for entry, candidate, scores in zip(entries, made, unseen, strict=True)
    ]


def _again(
    done: Sequence[Finished], entries: Sequence[Entry], prepared: Prepared, taught: IntArray, hands: Hands
) -> list[Finished]:
    """Fit once more, on all rows; curve and threshold stay as they were."""
    last = _fitted(entries, prepared, taught, hands)
    return [
        replace(one, candidate=replace(one.candidate, fitted=new.fitted, rule=new.rule))
        for one, new in zip(done, last, strict=True)
    ]


def _fitted(entries: Sequence[Entry], prepared: Prepared, rows: IntArray, hands: Hands) -> list[Candidate]:
    lesson = lesson_of(prepared, rows)  # let go of before anything is scored
    lesson = replace(lesson, encoded=encoded(lesson))
    return from_lesson(lesson, partial(_fit, lesson=lesson, tick=hands.tick), entries, hands.crew)


def _fit(entry: Entry, lesson: Lesson, tick: Callable[[], float]) -> Candidate:
    started = tick()
    fitted = entry.learner.fit(lesson, entry.settings)
    return Candidate(
        name=entry.learner.name,
        title=entry.learner.title,
        fitted=fitted,
        rule=rule_in(fitted),
        settings=entry.settings,
        fit_s=tick() - started,
        search_s=entry.search_s,
    )


def _cross_fitted(entries: Sequence[Entry], prepared: Prepared, taught: IntArray, crew: Crew) -> list[FloatArray]:
    """Score every calibration row by fits that never saw it or its entity, for each entry."""
    lesson = lesson_of(prepared, taught)
    places = np.searchsorted(taught, prepared.calibration)
    folds = _calibration_folds(prepared, places, taught.size)
    by_fold = from_lesson(lesson, partial(_scored, entries, lesson), folds, crew)
    found = [np.full((taught.size, *first.shape[1:]), np.nan) for first in by_fold[0]]
    for fold, scores in zip(folds, by_fold, strict=True):
        for whole, part in zip(found, scores, strict=True):
            whole[fold.scored] = part
    return [whole[places] for whole in found]


def _calibration_folds(prepared: Prepared, places: IntArray, n_taught: int) -> list[Fold]:
    """Deal the calibration rows (`places` among the taught) to folds; everything else is fitted in each of them."""
    rows = prepared.calibration
    clusters = prepared.clusters_of(rows)
    dealt = random_folds(prepared.outcomes[rows], clusters=clusters, seed=prepared.seed, n_folds=N_FOLDS)
    scored = [np.sort(places[fold.scored]) for fold in dealt]
    return [Fold(np.setdiff1d(np.arange(n_taught), some, assume_unique=True), some) for some in scored]


def _scored(entries: Sequence[Entry], lesson: Lesson, fold: Fold) -> list[FloatArray]:
    room = room_of(lesson, fold)
    return [entry.learner.fit(room.lesson, entry.settings).scores(room.unseen.used) for entry in entries]
