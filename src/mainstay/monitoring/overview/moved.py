"""Where an input or the score lies now, beside the reference: shares of bins, distances, and its course by span."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np

from mainstay.domain.overview import ELSE, Distances, Moved
from mainstay.domain.signature import FIRST_BIN, MISSING_BIN, UNSEEN_BIN, Bins
from mainstay.monitoring.bins import MAX_BINS, Floats, Ints
from mainstay.monitoring.drift import bin_centres, grouped
from mainstay.monitoring.look import name_of
from mainstay.stats.distance import (
    chi_square,
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov,
    population_stability,
    wasserstein,
)

MIDDLE = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Held:
    """Counts of one subject: in all of the reference, now, and by span (n_spans, n_bins)."""

    bins: Bins
    before: Ints
    now: Ints
    by_span: Ints


def moved_of(held: Held, *, unseen: Mapping[str, int] | None = None) -> Moved:
    """Tell of one subject; `unseen` are rows by new level, where they may be named."""
    bins = held.bins
    there = int(held.now[1:].sum())
    outside = int(held.now[UNSEEN_BIN]) + (int(held.now[-1]) if bins.is_number else 0)
    is_constant = bins.is_number and not bins.edges
    shape = (_of_constant if is_constant else _of_number if bins.is_number else _of_levels)(held)
    told = Moved(
        name=name_of(bins.subject),
        rows=int(held.now.sum()),
        distances=distances(bins, held.before, held.now),
        missing=_share(int(held.now[MISSING_BIN]), int(held.now.sum())),
        missing_before=_share(int(held.before[MISSING_BIN]), int(held.before.sum())),
        outside=_share(outside, there),
        unseen=dict(unseen or {}),
        reference=(),
        now=(),
        course=(),
        usual=None,
    )
    return msgspec.structs.replace(told, **shape)


def distances(bins: Bins, before: Ints, now: Ints) -> Distances | None:
    """How far two histograms of one subject lie apart; None where one holds no values.

    Over all values that are there, those outside the reference's range or levels in bins of their own.
    """
    if not (before[1:].sum() and now[1:].sum()):
        return None
    first, then = grouped(bins, before, now)
    found = chi_square(first, then)
    ordered: dict[str, float | None] = {}
    if bins.is_number:
        known, current, centres = before[1:].astype(np.float64), now[1:].astype(np.float64), bin_centres(bins)
        mean = float(known @ centres) / float(known.sum())
        sd = float(np.sqrt(known @ (centres - mean) ** 2 / known.sum()))
        ordered = {
            "kolmogorov_smirnov": kolmogorov_smirnov(known, current),
            "wasserstein": wasserstein(known, current, centres) / sd if sd > 0 else None,
        }
    return Distances(
        psi=population_stability(first, then),
        jensen_shannon=jensen_shannon(first, then),
        hellinger=hellinger(first, then),
        chi_square=found.statistic,
        n_degrees=found.n_degrees,
        **ordered,
    )


def are_values(bins: Bins) -> bool:
    """Whether each bin of a number holds one value, the one at its left."""
    return bool(bins.edges) and bins.edges[-1] == bins.high and len(bins.edges) < MAX_BINS - 1


def quantiles(bins: Bins, counts: Ints, shares: tuple[float, ...] = MIDDLE) -> tuple[float, ...] | None:
    """Return about where shares of a number's values lie, from its bins; None where there are none.

    Within a bin values are taken as spread evenly; those outside the range lie at its ends.
    """
    inside = counts[UNSEEN_BIN:].astype(np.float64)
    if not inside.sum():
        return None
    cuts = np.array([bins.low, *bins.edges, bins.high], dtype=np.float64)
    if are_values(bins):
        values = np.concatenate([cuts[:1], cuts[:-1], cuts[-1:]])
        place = np.searchsorted(np.cumsum(inside) / inside.sum(), np.array(shares) - 1e-12)
        return tuple(float(values[min(i, values.size - 1)]) for i in place)
    within = inside[1:-1].copy()
    within[0] += inside[0]
    within[-1] += inside[-1]
    reached = np.concatenate([[0.0], np.cumsum(within)]) / inside.sum()
    keep = np.concatenate([[True], np.diff(reached) > 0])
    return tuple(np.interp(shares, reached[keep], cuts[keep]).tolist())


def _of_number(held: Held) -> dict[str, object]:
    bins = held.bins
    course = [quantiles(bins, counts) for counts in held.by_span]
    columns = [tuple(None if each is None else each[i] for each in course) for i in range(3)]
    usual = quantiles(bins, held.before)
    return {
        "cuts": (float(bins.low or 0.0), *bins.edges, float(bins.high or 0.0)),
        "reference": _shares(held.before[FIRST_BIN:-1]),
        "now": _shares(held.now[FIRST_BIN:-1]),
        "course": columns[1],
        "course_low": columns[0],
        "course_high": columns[2],
        "usual": None if usual is None else (usual[1], usual[0], usual[2]),
    }


def _of_constant(held: Held) -> dict[str, object]:
    """A number that never varied in the reference: how many rows still say the same."""
    before, now = (_same(counts[UNSEEN_BIN:]) for counts in (held.before, held.now))
    course = tuple(None if not row[UNSEEN_BIN:].sum() else _same(row[UNSEEN_BIN:])[1] for row in held.by_span)
    always = f"always {held.bins.low:g}" if before[0] else "never filled"
    return {
        "levels": (always, ELSE),
        "level": ELSE,
        "reference": before,
        "now": now,
        "course": course,
        "usual": (before[1],) * 3,
    }


def _same(counts: Ints) -> tuple[float, float]:
    """The shares of the one value that the reference had, and of all others."""
    whole = max(int(counts.sum()), 1)
    return float(counts[1]) / whole, float(counts[0] + counts[-1]) / whole


def _of_levels(held: Held) -> dict[str, object]:
    before, now = (_shares(counts[FIRST_BIN:]) for counts in (held.before, held.now))
    if not before:
        return {"levels": (), "reference": (), "now": (), "course": (), "usual": None}
    most = int(np.argmax(np.abs(np.array(now) - np.array(before))))
    known = held.by_span[:, FIRST_BIN:]
    course = tuple(_share_or_none(int(row[most]), int(row.sum())) for row in known)
    return {
        "levels": held.bins.levels,
        "level": held.bins.levels[most],
        "reference": before,
        "now": now,
        "course": course,
        "usual": (before[most], before[most], before[most]),
    }


def _shares(counts: Ints) -> tuple[float, ...]:
    shares: Floats = counts / max(int(counts.sum()), 1)
    return tuple(shares.tolist())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _share_or_none(part: int, whole: int) -> float | None:
    return part / whole if whole else None
