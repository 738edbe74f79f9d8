"""Decisions of one version by stretch of time: sums by score bin, and of what scores foretell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from mainstay.domain.signature import MISSING_BIN, SCORE, ReferenceSignature
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.counts import decided_starts, stretches
from mainstay.monitoring.foretold import FORETOLD, subject_of
from mainstay.monitoring.periods import next_start, to_us
from mainstay.stats.foretold import Foretold

SCORE_SUMS = ("n", "sum_score", "sum_variance")
SUMS = ("n", "sum_value", "sum_value_squared", "sum_score_value")


@dataclass(frozen=True, slots=True)
class Chunks:
    """Stretches of time that have ended, with at least fifty decisions each; `starts` and `ends` in UTC microseconds.

    `by_bin` has shape (n, n_bins, 3): rows, scores, score × (1 - score); `foretold` by metric `SUMS`, (n, n_bins, 4).
    `member_starts` are the periods' own starts, `member_ends` their ends, and `member_of` their stretches.
    """

    starts: Ints
    ends: Ints
    by_bin: Floats
    foretold: Mapping[str, Floats]
    member_starts: Ints
    member_ends: Ints
    member_of: Ints

    @property
    def decided(self) -> Ints:
        """How many decisions had a score, by stretch."""
        rows: Ints = np.round(self.by_bin[:, MISSING_BIN + 1 :, 0].sum(axis=1)).astype(np.int64)
        return rows

    def sums(self, name: str, i: int) -> Foretold | None:
        """Return what scores foretell of one metric in one stretch, or None where nothing was counted of it."""
        if name not in self.foretold or not self.foretold[name][i, :, 0].any():
            return None
        rows, total, noise, _ = self.foretold[name][i].sum(axis=0).tolist()
        return Foretold(rows, total, noise, self.foretold[name][i, :, 3])


def chunks(cells: pl.DataFrame, reference: ReferenceSignature, *, at: datetime) -> Chunks:
    """Gather the decisions of one version, in periods that have ended by a moment, thin ones with those after them."""
    known = cells.filter((pl.col("segment") == WHOLE) & (pl.col("decided") < at))
    scored = known.filter(subject=SCORE)
    starts = decided_starts(scored, reference, until_us=to_us(at))
    length, zone = reference.period_s, reference.time_zone
    ends = np.array([*starts[1:], *(next_start(int(us), period_s=length, time_zone=zone) for us in starts[-1:])])
    ended = ends <= to_us(at)
    starts, ends = starts[ended], ends[ended].astype(np.int64)
    n_bins = reference.bins_of(SCORE).n_bins
    by_bin = _gathered(scored, starts, SCORE_SUMS, n_bins)
    rows = np.round(by_bin[..., 0]).astype(np.int64)
    done = stretches(rows, rows.sum(axis=1), starts=starts, ends=ends)
    inside = np.searchsorted(starts, done.member_starts)
    told = {name: known.filter(subject=subject_of(name)) for name in FORETOLD}
    return Chunks(
        starts=done.starts,
        ends=done.ends,
        by_bin=_pooled(by_bin[inside], done.member_of, done.starts.size),
        foretold={
            name: _pooled(_gathered(own, starts, SUMS, n_bins)[inside], done.member_of, done.starts.size)
            for name, own in told.items()
            if not own.is_empty()
        },
        member_starts=done.member_starts,
        member_ends=ends[inside],
        member_of=done.member_of,
    )


def _gathered(cells: pl.DataFrame, starts: Ints, sums: tuple[str, ...], n_bins: int) -> Floats:
    """Add cells up into an array of shape (n_starts, n_bins, n_sums)."""
    out = np.zeros((starts.size, n_bins, len(sums)))
    if cells.is_empty() or not starts.size:
        return out
    decided = cells["decided"].dt.timestamp("us").to_numpy()
    row = np.minimum(np.searchsorted(starts, decided), starts.size - 1)
    inside = starts[row] == decided
    places = (row[inside], cells["bin"].to_numpy()[inside])
    for i, name in enumerate(sums):
        np.add.at(out[..., i], places, cells[name].cast(pl.Float64).to_numpy()[inside])
    return out


def _pooled(values: Floats, member_of: Ints, n: int) -> Floats:
    summed = np.zeros((n, *values.shape[1:]))
    np.add.at(summed, member_of, values)
    return summed
