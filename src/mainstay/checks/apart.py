"""Whether training and holdout can be told apart by their inputs: a fault of a random split, drift of one by time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.sight import cells_of, clusters_of, folds_of, is_calendar, level_numbers, numbers_of
from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.intervals import Interval, unknown
from mainstay.stats.ranking import roc_auc, roc_auc_interval
from mainstay.stats.telling import cell_guesses

APART = "F10-told-apart"
FLOOR, FLOOR_BY_TIME = 0.55, 0.65
MOST_ROWS = 5_000  # of each side: enough to tell a ROC AUC of 0.55 from none
MIN_ROWS = 50
SURE = 0.999
ROUNDS = 40


def told_apart(exam: Examined) -> Iterable[Finding]:
    """Whether a learner can tell rows of the holdout from training rows."""
    names = [name for name in exam.inputs if not is_calendar(exam, name)]
    sides = [drawn(exam, rows, MOST_ROWS) for rows in (exam.training, exam.holdout)]
    if min(side.size for side in sides) < MIN_ROWS or not names:
        because = "there are fewer than 50 rows on one side, or no inputs that do not follow the calendar"
        return [Finding(code=APART, verdict=Verdict.UNKNOWN, because=because)]
    rows = np.concatenate(sides)
    is_held = np.repeat([0.0, 1.0], [side.size for side in sides])
    area = _area(exam, names, rows, is_held)
    if not area.known:
        because = "too few entities are on one side to tell by what they differ"
        return [Finding(code=APART, verdict=Verdict.UNKNOWN, because=because, measured=area.value)]
    is_random = exam.summary.split == "random"
    limit = FLOOR if is_random else FLOOR_BY_TIME
    subjects = _tellers(exam, names, rows, is_held) if area.low >= limit else ()
    return [_finding(area, limit, subjects, is_random=is_random)]


def _finding(area: Interval, limit: float, subjects: tuple[str, ...], *, is_random: bool) -> Finding:
    is_bad = area.low >= limit
    how = f"a learner tells the holdout from training with a ROC AUC of {area.value:.2f} (0.5 is a guess)"
    what = (
        "the split was random, so they should be alike"
        if is_random
        else "the holdout is later: its inputs drifted, or the season did"
    )
    verdict = (Verdict.FAIL if is_random else Verdict.WARN) if is_bad else Verdict.PASS
    remedy = (
        "" if is_random else "Expect the holdout's numbers, not older ones; see F10-drift-inside, and retrain often."
    )
    return Finding(
        code=APART,
        verdict=verdict,
        because=f"{how}; {what}" if is_bad else how,
        subjects=subjects,
        measured=area.value,
        limit=limit,
        low=area.low,
        high=area.high,
        remedy=remedy if is_bad else "",
    )


def _area(exam: Examined, names: Sequence[str], rows: IntArray, is_held: FloatArray) -> Interval:
    columns = np.column_stack([_numbered(exam, name, rows) for name in names])
    folds, guesses = folds_of(exam, rows), np.full(rows.size, is_held.mean())
    for fold in np.unique(folds):
        taught, asked = folds != fold, folds == fold
        if np.unique(is_held[taught]).size < 2:
            return unknown()
        learner = HistGradientBoostingClassifier(max_iter=ROUNDS, max_depth=4, min_samples_leaf=20, random_state=0)
        guesses[asked] = learner.fit(columns[taught], is_held[taught]).predict_proba(columns[asked])[:, 1]
    return roc_auc_interval(is_held, guesses, clusters=clusters_of(exam, rows), level=SURE)


def _numbered(exam: Examined, name: str, rows: IntArray) -> FloatArray:
    """A column as ranks, 0 where missing; levels by how common they are, so that a new one stands at the end."""
    column = exam.used[name][rows]
    levels = level_numbers(column)
    if numbers_of(column) is not None:
        return levels.astype(np.float64)
    return np.asarray(np.argsort(np.argsort(-np.bincount(levels), kind="stable"))[levels], dtype=np.float64)


def _tellers(exam: Examined, names: Sequence[str], rows: IntArray, is_held: FloatArray) -> tuple[str, ...]:
    """The columns that tell most alone, at most three that tell anything."""
    folds = folds_of(exam, rows)
    cells = {name: cells_of(exam.used[name][rows]) for name in names}
    areas = {name: roc_auc(is_held, cell_guesses(cells[name], folds, is_held, prior=10.0)) for name in names}
    ordered = sorted(areas, key=lambda name: -areas[name])
    return tuple(name for name in ordered[:3] if areas[name] > 0.5 + (areas[ordered[0]] - 0.5) / 2)


APART_CHECKS: tuple[Check, ...] = (
    Check(
        code=APART,
        section=Section.DATA,
        asks="Can the holdout be told from the training rows by its inputs?",
        limit="The 99.9% interval of a cross-fitted learner's ROC AUC lies above 0.55 where the split was random; "
        "above 0.65, as a warning of drift, where it was by time. Inputs that follow the calendar are left out.",
        remedy="Find out what happened to one part only (an import, a default, a unit), mend it and split again.",
        source="Lopez-Paz and Oquab 2017, classifier two-sample tests; DeLong and others 1988",
        look=told_apart,
        draws=Draw(training=MOST_ROWS, holdout=MOST_ROWS),
    ),
)
