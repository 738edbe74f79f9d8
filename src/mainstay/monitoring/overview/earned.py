"""Money and performance on ripe decisions, by stretches with enough outcomes to say something."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
import polars as pl

from mainstay.domain.estimates import VALUE_AHEAD, VALUE_OF_NEVER, VALUE_OF_RULE
from mainstay.domain.evaluation import Estimate
from mainstay.domain.overview import Earned, Performance
from mainstay.domain.signature import SCORE
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Ints
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.cohorts import Cohorts, cohorts, joined, mean_of, money, roc_auc, together
from mainstay.monitoring.outcomes import MISS, NAMES
from mainstay.monitoring.overview.grid import MOST_SPANS, spans_of
from mainstay.monitoring.performance import MIN_OUTCOMES
from mainstay.monitoring.worth import RIGHT
from mainstay.monitoring.yardstick import Yardstick

LEADS: Mapping[str, tuple[str, Callable[[Cohorts], Estimate]]] = {  # the metric that leads for each task
    Task.BINARY: ("roc_auc", roc_auc),
    Task.MULTICLASS: ("accuracy", lambda one: mean_of(one, RIGHT)),
    Task.REGRESSION: ("mae", lambda one: mean_of(one, MISS)),
}
NONE_YET = slice(0, 0)


def ripe_cohorts(yardstick: Yardstick, cells: pl.DataFrame, *, starts: Ints, ends: Ints, ripe_until_us: int) -> Cohorts:
    """Return the cohorts among some periods that had ended at `ripe_until_us`: the moment less the outcome's delay."""
    due = ends <= ripe_until_us
    n_bins = yardstick.layout.of(SCORE).n_bins
    return cohorts(cells.filter(pl.col("segment") == WHOLE), starts=starts[due], ends=ends[due], n_bins=n_bins)


def in_spans(ripe: Cohorts) -> Cohorts:
    """Put thin cohorts together, and more of them where there would be more than can be drawn.

    What is left over at the end goes with the last, so that all of them together are all that is ripe.
    """
    least, n = max(MIN_OUTCOMES, math.ceil(int(ripe.came.sum()) / MOST_SPANS)), ripe.came
    cuts = [0]
    for i in range(n.size):
        if n[cuts[-1] : i + 1].sum() >= least:
            cuts.append(i + 1)
    if not n.sum():
        return joined((), ripe)
    cuts = [0, *cuts[1:-1], n.size]
    return joined([together(ripe, slice(first, last)) for first, last in pairwise(cuts)], ripe)


def earned_of(ripe: Cohorts, promised: Mapping[str, Estimate]) -> Earned:
    """Tell of money; without any that is known everything is empty."""
    told = in_spans(ripe)
    n_paid = np.round(told.beyond[..., 0].sum(axis=1)).astype(np.int64)
    paid = np.flatnonzero(n_paid)
    whole = together(ripe, slice(None)) if paid.size else None
    ways = [name for name in (VALUE_OF_RULE, VALUE_OF_NEVER) if whole is not None and _rows(whole, name)]
    return Earned(
        rows=int(n_paid.sum()) if whole is None else round(float(whole.beyond[..., 0].sum())),
        value=None if whole is None else money(whole),
        promised=promised.get("value"),
        spans=spans_of(told.starts[paid], told.ends[paid]),
        course=tuple(money(together(told, slice(i, i + 1))) for i in paid),
        n_by_span=tuple(n_paid[paid].tolist()),
        otherwise={name: mean_of(whole, name) for name in ways if whole is not None},
        ahead={ways[0]: mean_of(whole, VALUE_AHEAD)}
        if whole is not None and ways and _rows(whole, VALUE_AHEAD)
        else {},
        course_otherwise={name: tuple(_mean(together(told, slice(i, i + 1)), name) for i in paid) for name in ways},
    )


def performance_of(ripe: Cohorts, promised: Mapping[str, Estimate], task: str) -> Performance:
    """Tell how well outcomes were foretold, by the metric that leads for the task."""
    metric, measure = LEADS[task]
    told = in_spans(ripe)
    found = [measure(together(told, slice(i, i + 1))) for i in range(told.starts.size)]
    known = [i for i, each in enumerate(found) if math.isfinite(each.value)]
    whole = measure(together(ripe, slice(None))) if known else None
    n = np.maximum(told.came, 1)
    shares = (told.by_score[..., 1, 0].sum(axis=(1, 2)) / n, told.by_score[..., 1].sum(axis=(1, 2, 3)) / n)
    is_binary = task == Task.BINARY
    return Performance(
        metric=metric,
        rows=int(ripe.came.sum()),
        value=whole,
        promised=promised.get(metric),
        spans=spans_of(told.starts[known], told.ends[known]),
        course=tuple(found[i] for i in known),
        n_by_span=tuple(told.came[known].tolist()),
        happened=tuple(shares[0][known].tolist()) if is_binary else (),
        expected=tuple(shares[1][known].tolist()) if is_binary else (),
    )


def _rows(one: Cohorts, name: str) -> float:
    """Rows of which something is known by name."""
    return float(one.measured[:, :, NAMES.index(name), 0].sum())


def _mean(one: Cohorts, name: str) -> float | None:
    return mean_of(one, name).value if _rows(one, name) else None
