"""Counting what scores foretell of decisions with two outcomes: what estimates are made from before outcomes come.

Whatever is one number if the outcome is positive and another if not adds up over rows to a few sums a period, so an
estimate costs a look nothing: being right, losses, money of the decision taken and of those that others would take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.estimates import VALUE, VALUE_AHEAD, VALUE_OF_NEVER, VALUE_OF_RULE
from mainstay.domain.signature import OUTCOME, SCORE, ReferenceSignature
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Floats, Ints, place
from mainstay.monitoring.cells import WHOLE, no_cells
from mainstay.monitoring.count import period_column
from mainstay.monitoring.drift import bin_centres
from mainstay.monitoring.tally import GROUP, cells_of, numbered_groups
from mainstay.monitoring.worth import RIGHT, WORTH, either, with_right, with_worth
from mainstay.stats.calibration_curve import CLOSEST
from mainstay.stats.foretold import foretell

ACCURACY, BRIER, LOG_LOSS = "accuracy", "brier_score", "log_loss"
# Metrics that rows hold columns of, and under which name.
HELD_AS = {ACCURACY: RIGHT, VALUE: WORTH, **{name: name for name in (VALUE_OF_RULE, VALUE_OF_NEVER, VALUE_AHEAD)}}
FORETOLD = (BRIER, LOG_LOSS, *HELD_AS)  # what is counted so


def subject_of(name: str) -> str:
    """Return the subject under which it is counted what scores foretell of a metric.

    >>> subject_of("accuracy")
    'foretold:accuracy'
    """
    return f"foretold:{name}"


def count_foretold(
    decisions: pl.DataFrame, reference: ReferenceSignature, brief: Brief, *, columns: Mapping[str, str]
) -> pl.DataFrame:
    """Count what the scores of decisions foretell, by arm and period; nothing where there are not two outcomes.

    `decisions` has `version`, `arm`, `at`, `score`, `decision` and the inputs as used; `columns` says which column
    holds which field. A cell holds, by score bin, the rows (`n`), what is expected of them (`sum_value`), its variance
    (`sum_value_squared`) and how it moves with the log-odds of these rows (`sum_score_value`).
    """
    known = decisions.filter(pl.col("score").is_not_null() & pl.col("score").is_not_nan())
    if reference.task != Task.BINARY or known.is_empty():
        return no_cells()
    rows = with_right(with_worth(known, brief, columns=columns), brief)
    rows = rows.with_columns(decided=period_column(rows["at"], reference), segment=pl.lit(WHOLE))
    scores, bins = chances(rows, reference), reference.bins_of(SCORE)
    groups, row = numbered_groups(rows, GROUP)
    placed = (groups, row * bins.n_bins + place(rows["score"], bins), bins.n_bins)
    parts = [_cells(placed, name, scores, pair) for name, pair in _pairs(rows, scores)]
    return pl.concat([no_cells(), *parts])


def chances(rows: pl.DataFrame, reference: ReferenceSignature) -> Floats:
    """Return scores as the chances they stand for: a rule's 0 and 1 mean what came of such rows in the reference."""
    if OUTCOME not in reference.expected:
        return rows["score"].cast(pl.Float64).to_numpy()
    means: Floats = np.array(reference.expected[OUTCOME])[place(rows["score"], reference.bins_of(SCORE))]
    return means


def chances_of_bins(reference: ReferenceSignature) -> Floats:
    """Return the chance that each score bin stands for, shape (n_bins,)."""
    bins = reference.bins_of(SCORE)
    if OUTCOME in reference.expected:
        return np.array(reference.expected[OUTCOME])
    centres = np.clip(bin_centres(bins), 0.0, 1.0)
    return np.concatenate([centres[:1], centres])


def _pairs(rows: pl.DataFrame, scores: Floats) -> Iterator[tuple[str, tuple[Floats, Floats]]]:
    """Each metric with what it is for either outcome of each row."""
    held = np.clip(scores, CLOSEST, 1 - CLOSEST)
    yield BRIER, ((1 - scores) ** 2, scores**2)
    yield LOG_LOSS, (-np.log(held), -np.log1p(-held))
    for name, held_as in HELD_AS.items():
        if either(held_as)[0] in rows.columns:
            positive, negative = (
                rows[column].cast(pl.Float64).fill_null(np.nan).to_numpy() for column in either(held_as)
            )
            yield name, (positive, negative)


def _cells(
    placed: tuple[pl.DataFrame, Ints, int], name: str, scores: Floats, pair: tuple[Floats, Floats]
) -> pl.DataFrame:
    """Add up one metric by group and score bin, over the rows of which both are known."""
    groups, joint, n_bins = placed
    known = np.isfinite(pair[0]) & np.isfinite(pair[1])
    at, size = joint[known], groups.height * n_bins
    expected, noise, slopes = foretell(scores[known], pair[0][known], pair[1][known])
    n = np.bincount(at, minlength=size)
    full = np.flatnonzero(n)
    sums = {"sum_value": expected, "sum_value_squared": noise, "sum_score_value": slopes}
    added = {column: np.bincount(at, weights=values, minlength=size)[full] for column, values in sums.items()}
    return cells_of(groups, full // n_bins, subject=subject_of(name), bin=full % n_bins, n=n[full], **added)
