"""The reference signature: what inputs and scores looked like, period by period, when the model was made."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.moments import iso
from mainstay.domain.schema import Schema
from mainstay.domain.signature import SCORE, Bins, ReferenceSignature, input_subject
from mainstay.monitoring.bins import Floats, Ints, bins_of_field, bins_of_scores, place
from mainstay.monitoring.periods import MICROS, choose_period_s, starts_of, to_moment

DEALT_ROWS = 250  # rows of a pseudo-period when there is no time to cut by
MAX_DEALT = 60  # more pseudo-periods say nothing more: they differ by chance alone


def build_reference(
    used: pl.DataFrame, scores: Floats, moments: Floats | None, *, schema: Schema, brief: Brief, seed: int
) -> ReferenceSignature:
    """Count what the model was made from, so that a bundle carries its own yardstick.

    `used` is the used frame of the rows that stand for the population: training, calibration and holdout rows together
    (a rebalanced or filtered sample makes the first real day 'drift'). `scores`, shape (n_rows,), holds the calibrated
    score of each row, NaN where the model was fitted on the row: such scores are too sure of themselves to compare
    with. `moments` are UTC seconds, or None without time; then rows are dealt to equal pseudo-periods by `seed`.
    """
    length_s = choose_period_s(moments, brief)
    periods, row = _dealt(used.height, seed) if moments is None else _cut(moments, length_s, schema.time_zone)
    columns = {input_subject(field.name): used[field.name] for field in schema.admitted}
    cuts = [bins_of_field(field, used[field.name]) for field in schema.admitted]
    counts = {bins.subject: _counts(place(columns[bins.subject], bins), row, bins, len(periods)) for bins in cuts}
    judged = np.isfinite(scores)
    score_bins = bins_of_scores(scores)
    placed = place(pl.Series(scores[judged]), score_bins)
    counts[SCORE] = _counts(placed, row[judged], score_bins, len(periods))
    return ReferenceSignature(
        period_s=length_s,
        time_zone=schema.time_zone,
        timed=moments is not None,
        periods=periods,
        bins=(*cuts, score_bins),
        counts=counts,
    )


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


def _counts(placed: Ints, row: Ints, bins: Bins, n_periods: int) -> tuple[tuple[int, ...], ...]:
    known = row >= 0
    joint = row[known] * bins.n_bins + placed[known]
    table = np.bincount(joint, minlength=n_periods * bins.n_bins).reshape(n_periods, bins.n_bins)
    return tuple(tuple(counts) for counts in table.tolist())


def period_of(reference: ReferenceSignature) -> timedelta:
    """Return the length of a watched period."""
    return timedelta(seconds=reference.period_s)
