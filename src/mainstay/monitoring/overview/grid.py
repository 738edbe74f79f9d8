"""The stretches of time that a page is cut into: periods of the watch, or several together where there are too many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from mainstay.domain.overview import Spans
from mainstay.domain.signature import ReferenceSignature
from mainstay.monitoring.bins import Ints
from mainstay.monitoring.look import iso_us
from mainstay.monitoring.periods import every_start, next_start, starts_of, to_us

MOST_SPANS = 62  # more cannot be told apart in a picture on a phone; two months of days
TOGETHER = (1, 2, 3, 4, 6, 7, 8, 12, 14, 24, 28, 48, 7 * 24, 14 * 24, 28 * 24, 91 * 24, 365 * 24)


@dataclass(frozen=True, slots=True)
class Grid:
    """Periods from a moment to another, in UTC microseconds, and the span that each belongs to."""

    starts: Ints
    ends: Ints
    span_of: Ints
    span_starts: Ints
    span_ends: Ints

    @property
    def spans(self) -> Spans:
        """The spans as ISO moments."""
        return spans_of(self.span_starts, self.span_ends)

    def summed(self, by_period: Ints) -> Ints:
        """Add up counts by period, shape (n_periods, …), to counts by span."""
        out = np.zeros((self.span_starts.size, *by_period.shape[1:]), dtype=np.int64)
        np.add.at(out, self.span_of, by_period)
        return out


def grid(reference: ReferenceSignature, *, since: datetime, until: datetime) -> Grid:
    """Cut the time between two moments; the first period is the whole one that holds `since`."""
    length, zone = reference.period_s, reference.time_zone
    first, last = (to_us(moment) for moment in (since, until))
    start = int(starts_of(np.array([first]), period_s=length, time_zone=zone)[0])
    starts = every_start(start, max(last - 1, start), period_s=length, time_zone=zone)
    ends = np.array([*starts[1:], next_start(int(starts[-1]), period_s=length, time_zone=zone)], dtype=np.int64)
    each = next((n for n in TOGETHER if -(-starts.size // n) <= MOST_SPANS), starts.size)
    span_of = np.arange(starts.size) // each
    firsts = np.arange(0, starts.size, each)
    lasts = np.minimum(firsts + each, starts.size) - 1
    return Grid(starts, ends, span_of, starts[firsts], ends[lasts])


def spans_of(starts: Ints, ends: Ints) -> Spans:
    """Return stretches as ISO moments."""
    return Spans(tuple(map(iso_us, starts)), tuple(map(iso_us, ends)))
