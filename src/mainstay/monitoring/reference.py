"""The reference signature: what inputs and scores looked like, period by period, when the model was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.moments import iso
from mainstay.domain.schema import Kind, Schema
from mainstay.domain.signature import DECISION, SCORE, Bins, ReferenceSignature
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Floats, Ints, Used, bins_of_field, bins_of_scores, place
from mainstay.monitoring.counts import histogram
from mainstay.monitoring.pairs import with_pairs
from mainstay.monitoring.periods import MICROS, choose_period_s, starts_of, to_moment
from mainstay.monitoring.texts import with_texts

DEALT_ROWS = 250  # rows of a pseudo-period when there is no time to cut by
MAX_DEALT = 60  # more pseudo-periods say nothing more: they differ by chance alone
PRIOR_ROWS = 20.0  # by which the mean of a thin score bin is drawn to that of all


@dataclass(frozen=True, slots=True)
class Scored:
    """What a version says of the reference's rows, and what came of it, shape (n_rows,); NaN where it is not judged.

    Of several classes `scores` are those of the likeliest; `words` are what can be decided, and `decisions` what was
    (null where not judged). `measured` holds what came of each row by the names of `ReferenceSignature.expected`;
    `outcomes`, 0 or 1, tell how far scores that are chances were off.
    """

    scores: Floats
    decisions: pl.Series | None = None
    words: tuple[str, ...] = ()
    measured: Mapping[str, Floats] = field(default_factory=dict)
    outcomes: Floats | None = None


def build_reference(
    used: Used, scores: Floats | Scored, moments: Floats | None, *, schema: Schema, brief: Brief, seed: int
) -> ReferenceSignature:
    """Count what the model was made from, so that a bundle carries its own yardstick.

    `used` has the columns of the rows that stand for the population: training, calibration and holdout rows together
    (a rebalanced or filtered sample makes the first real day 'drift'). `scores`, shape (n_rows,), holds the calibrated
    score of each row, NaN where the model was fitted on the row: such scores are too sure of themselves to compare
    with; a `Scored` has decisions watched, too, and keeps what came of scores. `moments` are UTC seconds, or None
    without time; then rows are dealt to equal pseudo-periods by `seed`.
    """
    said = scores if isinstance(scores, Scored) else Scored(scores)
    length_s = choose_period_s(moments, brief)
    periods, row = _dealt(said.scores.size, seed) if moments is None else _cut(moments, length_s, schema.time_zone)
    cuts: list[Bins] = []
    counts: dict[str, tuple[tuple[int, ...], ...]] = {}
    for each in schema.admitted:
        values = used[each.name]
        cuts.append(bins_of_field(each, values))
        counts[cuts[-1].subject] = histogram(place(values, cuts[-1]), row, cuts[-1], len(periods))
    judged = np.isfinite(said.scores)
    score_bins = bins_of_scores(said.scores, are_amounts=schema.task == Task.REGRESSION)
    placed = place(pl.Series(said.scores), score_bins)
    counts[SCORE] = histogram(placed[judged], row[judged], score_bins, len(periods))
    if said.decisions is not None:
        decided = Bins(subject=DECISION, levels=said.words)
        cuts.append(decided)
        counts[DECISION] = histogram(place(said.decisions, decided)[judged], row[judged], decided, len(periods))
    plain = ReferenceSignature(
        period_s=length_s,
        time_zone=schema.time_zone,
        timed=moments is not None,
        periods=periods,
        bins=(*cuts, score_bins),
        counts=counts,
        task=schema.task,
        expected={name: _expected(placed, values, score_bins) for name, values in said.measured.items()},
        scored={} if said.outcomes is None else _scored(placed, said.scores, said.outcomes, score_bins),
    )
    texts = [each.name for each in schema.admitted if each.kind == Kind.TEXT and not each.personal]
    plain = with_texts(plain, used, row, names=texts)
    # What has a moment goes with everything that has a season.
    names = [each.name for each in schema.admitted if each.kind != Kind.DATETIME]
    return with_pairs(plain, used, row, names=names, placed_scores=placed)


def _expected(placed: Ints, values: Floats, bins: Bins) -> tuple[float, ...]:
    """The mean of each score bin; thin bins are drawn to the mean of all, and empty ones have it."""
    known = np.isfinite(values)
    rows = np.bincount(placed[known], minlength=bins.n_bins)
    total = np.bincount(placed[known], weights=values[known], minlength=bins.n_bins)
    mean = float(values[known].mean()) if known.any() else 0.0
    means: list[float] = ((total + PRIOR_ROWS * mean) / (rows + PRIOR_ROWS)).tolist()
    return tuple(means)


def _scored(placed: Ints, scores: Floats, outcomes: Floats, bins: Bins) -> dict[str, tuple[float, ...]]:
    """What scores add up to by bin, and how far outcomes lay beyond them, over the rows that both are known of."""
    known = np.isfinite(scores) & np.isfinite(outcomes)
    given = scores[known]
    sums = {"rows": np.ones(given.size), "score": given, "variance": given * (1 - given)}
    sums["beyond"] = outcomes[known] - given
    added = {name: np.bincount(placed[known], weights=each, minlength=bins.n_bins) for name, each in sums.items()}
    return {name: tuple(values.tolist()) for name, values in added.items()}


def _cut(moments: Floats, period_s: float, time_zone: str) -> tuple[tuple[str, ...], Ints]:
    """Cut rows into periods by their moment; a row without one is in none (-1)."""
    known = np.isfinite(moments)
    us = np.round(np.where(known, moments, 0.0) * MICROS).astype(np.int64)
    starts = starts_of(us[known], period_s=period_s, time_zone=time_zone)
    distinct, back = np.unique(starts, return_inverse=True)
    row = np.full(moments.size, -1, dtype=np.int64)
    row[known] = back
    return tuple(iso(to_moment(int(start))) for start in distinct), row


def _dealt(n_rows: int, seed: int) -> tuple[tuple[str, ...], Ints]:
    n_periods = int(np.clip(n_rows // DEALT_ROWS, 1, MAX_DEALT))
    row = np.random.default_rng(seed).permutation(n_rows) % n_periods
    return tuple(f"dealt-{i + 1}" for i in range(n_periods)), row.astype(np.int64)


def period_of(reference: ReferenceSignature) -> timedelta:
    """Return the length of a watched period."""
    return timedelta(seconds=reference.period_s)
