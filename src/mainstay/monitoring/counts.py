"""Cells of one version as arrays: one row of counts per stretch of time, the bins of all subjects side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.domain.signature import MISSING_BIN, SCORE, Bins, ReferenceSignature
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.periods import MICROS, every_start, starts_of

LOOKED_BACK = 10_000  # periods: more than a year of hours
MIN_ROWS = 50  # a stretch with fewer rows says nothing by itself and is judged together with the next


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each subject's bins lie among all columns: `first[subject]` to `first[subject] + n_bins`."""

    bins: tuple[Bins, ...]
    first: Mapping[str, int]
    n_columns: int

    def columns(self, subject: str) -> slice:
        """Return the columns of a subject."""
        first = self.first[subject]
        return slice(first, first + self.of(subject).n_bins)

    def of(self, subject: str) -> Bins:
        """Return the bins of a subject."""
        return next(bins for bins in self.bins if bins.subject == subject)


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of time with at least fifty rows, in order: one period each, or several thin ones together.

    `starts` and `ends` in UTC microseconds; `counts`, shape (n, n_columns), `rows` behind them (n,). `member_starts`
    are the periods' own starts and `member_of` their stretches.
    """

    starts: Ints
    ends: Ints
    counts: Ints
    rows: Ints
    member_starts: Ints
    member_of: Ints

    @property
    def days(self) -> Floats:
        """Middles of the stretches, in days since 1970."""
        return (self.starts + self.ends) / 2 / 86_400e6

    def last(self, n: int) -> Stretches:
        """Return the last n stretches."""
        first = max(self.starts.size - n, 0)
        kept = self.member_of >= first
        tables = (self.starts[first:], self.ends[first:], self.counts[first:], self.rows[first:])
        return Stretches(*tables, self.member_starts[kept], self.member_of[kept] - first)


def layout_of(reference: ReferenceSignature) -> Layout:
    """Lay the bins of all subjects side by side, those of pairs last."""
    every = (*reference.bins, *(pair.bins for pair in reference.pairs))
    firsts = np.concatenate([[0], np.cumsum([bins.n_bins for bins in every])])
    first = {bins.subject: int(at) for bins, at in zip(every, firsts, strict=False)}
    return Layout(every, first, int(firsts[-1]))


def histogram(placed: Ints, row: Ints, bins: Bins, n_periods: int) -> tuple[tuple[int, ...], ...]:
    """Count rows by the period (-1 for none) and the bin of each: `n_periods` rows of `n_bins` counts.

    >>> histogram(np.array([0, 1]), np.array([0, -1]), Bins(subject="input:a"), 1)
    ((1, 0),)
    """
    known = row >= 0
    joint = row[known] * bins.n_bins + placed[known]
    table = np.bincount(joint, minlength=n_periods * bins.n_bins).reshape(n_periods, bins.n_bins)
    return tuple(tuple(counts) for counts in table.tolist())


def reference_counts(reference: ReferenceSignature, layout: Layout) -> Ints:
    """Return the reference's counts, shape (n_periods, n_columns)."""
    if not reference.periods:
        return np.zeros((0, layout.n_columns), dtype=np.int64)
    tables = [np.array(reference.counts[bins.subject], dtype=np.int64) for bins in layout.bins]
    return np.concatenate(tables, axis=1)


def period_counts(cells: pl.DataFrame, layout: Layout, starts: Ints) -> Ints:
    """Return the counts of all rows (every arm together) by period, shape (n_periods, n_columns)."""
    known = cells.filter((pl.col("segment") == WHOLE) & pl.col("subject").is_in(list(layout.first)))
    if known.is_empty() or not starts.size:
        return np.zeros((starts.size, layout.n_columns), dtype=np.int64)
    first = known["subject"].replace_strict(list(layout.first), list(layout.first.values()), return_dtype=pl.Int64)
    decided = known["decided"].dt.timestamp("us").to_numpy()
    row = np.searchsorted(starts, decided)
    inside = (row < starts.size) & (starts[np.minimum(row, starts.size - 1)] == decided)
    joint = row * layout.n_columns + first.to_numpy() + known["bin"].to_numpy()
    total = np.bincount(joint[inside], weights=known["n"].to_numpy()[inside], minlength=starts.size * layout.n_columns)
    return np.round(total).astype(np.int64).reshape(starts.size, layout.n_columns)


def decided_starts(cells: pl.DataFrame, reference: ReferenceSignature, *, until_us: int) -> Ints:
    """Return the starts of all periods from the first decision's to the one that holds `until_us`, empty ones too.

    At most some ten thousand: a moment of 1970 among an import must not make half a million of hours to be judged.
    """
    first = cells["decided"].min()
    if first is None:
        return np.zeros(0, dtype=np.int64)
    first_us = int(cells["decided"].dt.timestamp("us").min())  # type: ignore[arg-type]
    if first_us >= until_us:
        return np.zeros(0, dtype=np.int64)
    length, zone = reference.period_s, reference.time_zone
    earliest_us = until_us - 1 - LOOKED_BACK * round(length * MICROS)
    if first_us < earliest_us:
        first_us = int(starts_of(np.array([earliest_us]), period_s=length, time_zone=zone)[0])
    return every_start(first_us, until_us - 1, period_s=length, time_zone=zone)


def rows_of(counts: Ints, layout: Layout, subject: str = SCORE) -> Ints:
    """Return the rows of each period, told from one subject: every decision is counted once under each."""
    rows: Ints = counts[:, layout.columns(subject)].sum(axis=1)
    return rows


def present_rows(counts: Ints, layout: Layout, subject: str) -> Ints:
    """Return the rows in which a subject was not missing."""
    first = layout.first[subject]
    rows: Ints = rows_of(counts, layout, subject) - counts[:, first + MISSING_BIN]
    return rows


def stretches(counts: Ints, rows: Ints, *, starts: Ints, ends: Ints) -> Stretches:
    """Pool thin periods with those after them until a stretch holds fifty rows; what is left over is left out.

    A period without any row begins no stretch.

    >>> pooled = stretches(np.ones((3, 1), int), np.array([60, 0, 55]), starts=np.arange(3), ends=np.arange(1, 4))
    >>> pooled.starts.tolist(), pooled.rows.tolist()
    ([0, 2], [60, 55])
    """
    belongs = _pooled(rows)
    n_done = int(belongs.max(initial=-1)) + 1
    inside = np.flatnonzero(belongs >= 0)
    summed = np.zeros((n_done, counts.shape[1]), dtype=np.int64)
    np.add.at(summed, belongs[inside], counts[inside])
    first = inside[np.searchsorted(belongs[inside], np.arange(n_done))]
    last = inside[np.searchsorted(belongs[inside], np.arange(n_done), side="right") - 1]
    n_rows = np.bincount(belongs[inside], weights=rows[inside], minlength=n_done).astype(np.int64)
    return Stretches(starts[first], ends[last], summed, n_rows, starts[inside], belongs[inside])


def _pooled(rows: Ints) -> Ints:
    """The stretch of each period, -1 for none."""
    belongs = np.full(rows.size, -1, dtype=np.int64)
    n_done, gathered, open_from = 0, 0, -1
    for i, n in enumerate(rows.tolist()):
        if n == 0 and open_from < 0:
            continue
        open_from = i if open_from < 0 else open_from
        gathered += n
        if gathered >= MIN_ROWS:
            belongs[open_from : i + 1] = n_done
            n_done, gathered, open_from = n_done + 1, 0, -1
    return belongs
