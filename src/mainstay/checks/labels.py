"""Outcomes that were written down wrongly: how many at most, and where more of them than elsewhere."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator

import numpy as np
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.sight import cells_of, folds_of, level_numbers, names_rows, numbers_of
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.flips import flip_share
from mainstay.stats.intervals import Interval, wilson

NOISE = "F10-label-noise"
FLOOR = 0.05
Z_SURE = 4.0  # holds over a thousand regions
MOST_ROWS = 10_000
MIN_ROWS, MIN_OF_CLASS, MIN_REGION, MIN_SIDE = 300, 35, 100, 20
MOST_LEVELS, N_CELLS = 20, 10
CONFIDENT = 0.7  # chances from which a contradiction is one: in rows that may be anything, a model's own error tells
N_REGIONS = 4  # of a column of numbers: quarters
MOST_COLUMNS = 60
MOST_CLASSES = 20


def label_noise(exam: Examined) -> Iterable[Finding]:
    """Whether outcomes contradict what like rows say, and in which regions more than elsewhere."""
    if exam.task is Task.REGRESSION:
        because = "asked of classes alone: an amount that is far off is an outlier, and nobody can tell it from a slip"
        return [Finding(code=NOISE, verdict=Verdict.UNKNOWN, because=because, applies=False)]
    rows, classes = _rows(exam)
    names = [name for name in exam.inputs if not names_rows(exam.used[name])][:MOST_COLUMNS]
    if rows.size < MIN_ROWS or np.unique(classes).size < 2 or not names:
        because = f"fewer than {MIN_ROWS} training rows of outcomes that come {MIN_OF_CLASS} times or more"
        return [Finding(code=NOISE, verdict=Verdict.UNKNOWN, because=because)]
    chances = _chances(exam, names, rows, classes)
    found = _overlapping_left_out(list(_noisy(exam, names, rows, chances, classes)))
    return [_told(name, where, share) for name, where, share in found] or [_overall(chances, classes)]


def confident_contradictions(chances: FloatArray, classes: IntArray) -> BoolArray:
    """Mark rows of which another class is more likely than usual for it, and likelier than the one that is written.

    `chances`, shape (n, n_classes), are cross-fitted; `classes`, shape (n,), numbers of columns. Usual for a class is
    the mean chance of it in rows where it is written. Source: Northcutt and others (2021), confident learning.
    """
    usual = np.array([chances[classes == one, one].mean() for one in range(chances.shape[1])])
    sure = np.where(chances >= usual, chances, -1.0)
    likeliest = sure.argmax(axis=1)
    is_likeliest = chances.max(axis=1) == chances[np.arange(classes.size), likeliest]
    found: BoolArray = (sure.max(axis=1) >= 0) & (likeliest != classes) & is_likeliest
    return found


def _rows(exam: Examined) -> tuple[IntArray, IntArray]:
    """Training rows of the common classes, and their classes as numbers from 0."""
    rows = drawn(exam, exam.training, MOST_ROWS)
    came, counts = np.unique(exam.outcomes[rows], return_counts=True)
    common = came[np.argsort(-counts, kind="stable")[:MOST_CLASSES]]
    common = np.intersect1d(common, came[counts >= MIN_OF_CLASS])
    rows = rows[np.isin(exam.outcomes[rows], common)]
    return rows, np.searchsorted(common, exam.outcomes[rows]).astype(np.int64)


def _chances(exam: Examined, names: list[str], rows: IntArray, classes: IntArray) -> FloatArray:
    """Cross-fitted chances by a model that adds columns up: it cannot learn that a region is noisier than others."""
    columns = sp.hstack([_as_columns(exam, name, rows) for name in names]).tocsr()
    folds, n_classes = folds_of(exam, rows), int(classes.max()) + 1
    chances = np.tile(np.bincount(classes) / classes.size, (classes.size, 1))
    for fold in np.unique(folds):
        taught, asked = folds != fold, folds == fold
        if np.unique(classes[taught]).size < n_classes or not asked.any():
            continue
        learner = LogisticRegression(C=1.0, max_iter=60, tol=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            chances[asked] = learner.fit(columns[taught], classes[taught]).predict_proba(columns[asked])
    return chances


def _as_columns(exam: Examined, name: str, rows: IntArray) -> sp.csr_matrix:
    """One column in cells, a flag for each, and of numbers their ranks beside them."""
    column = exam.used[name][rows]
    numbers, cells = numbers_of(column), _coarse(exam, name, rows, N_CELLS)
    flags = sp.csr_matrix((np.ones(rows.size), (np.arange(rows.size), cells)), shape=(rows.size, int(cells.max()) + 1))
    if numbers is None:
        return flags
    ranks = level_numbers(column).astype(np.float64)
    ranks = np.where(ranks == 0, 0.0, ranks / max(ranks.max(), 1.0) - 0.5)
    return sp.hstack([flags, sp.csr_matrix(ranks[:, None])])


def _coarse(exam: Examined, name: str, rows: IntArray, n_cells: int) -> IntArray:
    """A column in few cells: quantiles of numbers, the commonest levels of texts and one for the others."""
    column = exam.used[name][rows]
    if numbers_of(column) is not None:
        return cells_of(column, n_cells=n_cells)
    levels = level_numbers(column)
    common = np.argsort(-np.bincount(levels), kind="stable")[:MOST_LEVELS]
    places = np.full(int(levels.max()) + 1, common.size, dtype=np.int64)
    places[common] = np.arange(common.size)
    return places[levels]


def _noisy(
    exam: Examined, names: list[str], rows: IntArray, chances: FloatArray, classes: IntArray
) -> Iterator[tuple[str, BoolArray, Interval]]:
    is_confident = chances.max(axis=1) >= CONFIDENT
    for name in names:
        cells = _coarse(exam, name, rows, N_REGIONS)
        for cell in np.flatnonzero(np.bincount(cells) >= MIN_REGION):
            where = cells == cell
            some, others = where & is_confident, is_confident & ~where
            n_least = min(np.count_nonzero(some), np.count_nonzero(others))
            if np.count_nonzero(where) > rows.size / 2 or n_least < 2 * MIN_SIDE:
                continue
            share = _beyond(*(flip_share(chances[each], classes[each], z=Z_SURE) for each in (some, others)))
            if share.low >= FLOOR and _goes_both_ways(chances[some], classes[some]):
                yield name, where, share


def _beyond(share: Interval, elsewhere: Interval) -> Interval:
    """How much more is contradicted than elsewhere: chances that few rows taught of many columns are too sure anywhere.

    Below nothing elsewhere counts as nothing.
    """
    more = share.value - max(elsewhere.value, 0.0)
    error = math.hypot(share.value - share.low, elsewhere.value - elsewhere.low)
    return Interval(more, more - error, more + error)


def _goes_both_ways(chances: FloatArray, classes: IntArray) -> bool:
    """Whether rows are contradicted whichever class they should have: a shift of all chances goes one way only."""
    likeliest = chances.argmax(axis=1)
    sides = [likeliest == one for one in np.unique(likeliest) if np.count_nonzero(likeliest == one) >= MIN_SIDE]
    return sum(flip_share(chances[side], classes[side], z=2.0).low > 0 for side in sides) >= 2


def _overlapping_left_out(
    found: list[tuple[str, BoolArray, Interval]],
) -> list[tuple[str, BoolArray, Interval]]:
    """The surest regions; others that mostly hold the same rows say the same again."""
    kept: list[tuple[str, BoolArray, Interval]] = []
    for each in sorted(found, key=lambda one: -one[2].low):
        if all(np.count_nonzero(each[1] & other[1]) < 0.3 * np.count_nonzero(each[1]) for _, other, _ in kept):
            kept.append(each)
    return kept[:5]


def _told(name: str, where: BoolArray, share: Interval) -> Finding:
    because = (
        f"in a region of {name} ({np.count_nonzero(where):,} rows) about {share.value:.0%} of the outcomes contradict "
        "what holds everywhere else, both ways: wrongly written there, or the columns say less there"
    )
    return Finding(
        code=NOISE,
        verdict=Verdict.FAIL,
        because=because,
        subjects=(name,),
        measured=share.value,
        limit=FLOOR,
        low=share.low,
        high=share.high,
    )


def _overall(chances: FloatArray, classes: IntArray) -> Finding:
    share = wilson(float(np.count_nonzero(confident_contradictions(chances, classes))), classes.size)
    because = (
        f"no region's outcomes are surely noisier than elsewhere; of all, {share.value:.0%} are contradicted by like "
        "rows, slips and plain chance together"
    )
    fields = (share.value, share.low, share.high)
    return Finding(code=NOISE, verdict=Verdict.PASS, because=because, measured=fields[0], low=fields[1], high=fields[2])


LABELS: tuple[Check, ...] = (
    Check(
        code=NOISE,
        section=Section.DATA,
        asks="Are outcomes contradicted by like rows, and in some region more than elsewhere?",
        limit="In a level or a quarter of a column surely (four standard errors) more than 5% of the outcomes, and "
        "beyond what is so elsewhere, are flipped against what an additive model learned from all rows, whichever "
        "class they should have.",
        remedy="Have some dozen outcomes of that region looked at again; mend their source, or leave them out.",
        source="Northcutt and others 2021, confident learning; Natarajan and others 2013, class noise",
        look=label_noise,
        draws=Draw(training=MOST_ROWS),
    ),
)
