"""The training rows that candidates are compared on, and their folds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mainstay.domain.errors import DataError
from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.folds import Fold, forward_folds, random_folds, usable
from mainstay.training.learner import Lesson
from mainstay.training.lessons import lesson_of
from mainstay.training.prepared import Prepared
from mainstay.training.subsets import fewer_rows

MOST_ROWS = 60_000  # compared by cross-fitting: with more, differences between candidates are told no better, but later


@dataclass(frozen=True, slots=True)
class Compared:
    """Rows (their positions in `used`), these rows as a lesson, and its folds."""

    rows: IntArray
    lesson: Lesson
    folds: tuple[Fold, ...]


def compared(prepared: Prepared) -> Compared:
    """Return the training rows that candidates are compared on: all, or a fair sample; raises `DataError`."""
    rows = fewer_rows(prepared, MOST_ROWS, seed=prepared.seed).training
    lesson = lesson_of(prepared, rows)
    return Compared(rows, lesson, folds_of(prepared, lesson))


def folds_of(prepared: Prepared, lesson: Lesson) -> tuple[Fold, ...]:
    """Return the folds of a lesson that can be learned from: by time where the parts are; raises `DataError`."""
    if prepared.split_by == "time" and lesson.moments is not None:
        folds = forward_folds(lesson.moments, clusters=lesson.clusters)
    else:
        folds = random_folds(lesson.outcomes, clusters=lesson.clusters, seed=lesson.seed)
    found = tuple(fold for fold in folds if usable(fold, lesson.outcomes))
    if not found:
        raise DataError("every part of the training rows has one outcome only", remedy="Bring rows of both outcomes.")
    return found


def fewer(prepared: Prepared, n: int | None) -> Prepared:
    """Return the same with at most n training rows: a fair sample of whole entities, by time the newest.

    Calibration and holdout stay.
    """
    rows = prepared.training
    if n is None or n >= rows.size:
        return prepared
    if prepared.split_by != "time" or prepared.moments is None:
        return fewer_rows(prepared, n, seed=prepared.seed)
    newest = rows[np.argsort(prepared.moments[rows], kind="stable")[-n:]]
    return replace(prepared, training=np.sort(newest))


def sampled(n_learned: int, n_rows: int) -> tuple[Finding, ...]:
    """Say, as `F11-fit-on-sample`, that fewer training rows were learned from than there are, without being asked to.

    >>> [finding.measured for finding in sampled(500, 2000)]
    [0.25]
    """
    if n_learned >= n_rows:
        return ()
    finding = Finding(
        code="F11-fit-on-sample",
        verdict=Verdict.PASS,
        measured=n_learned / n_rows,
        because=f"{n_learned:,} of {n_rows:,} training rows were learned from: more would take memory and minutes, "
        "and hardly a model gains from so many",
        remedy="See by the learning curve whether more would pay; give more --minutes where there was a limit.",
    )
    return (finding,)


def among_training(scores: FloatArray, on: Compared, prepared: Prepared) -> FloatArray:
    """Return scores of the rows compared as those of all training rows; NaN where a row was not compared."""
    found = np.full((prepared.training.size, *scores.shape[1:]), np.nan)
    found[np.searchsorted(prepared.training, on.rows)] = scores
    return found
