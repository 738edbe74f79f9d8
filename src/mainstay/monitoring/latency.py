"""Latency: requests of one row in bins an eighth of an octave wide, and whether they keep to the brief's targets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from scipy.special import bdtrc

from mainstay.domain.brief.parts import TargetsPart
from mainstay.domain.finding import Finding, Judged
from mainstay.domain.signature import FIRST_BIN
from mainstay.domain.spelled import spelled
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.ended import Ended
from mainstay.monitoring.look import SYSTEM, judged, worse

SLOW = "F28-slow"
LATENCY_SHARE = 0.02  # of the promise on false alarms
LEAST_ASKED = 30  # requests of a period
GRAVE = 2.0  # times the target

LATENCY = "latency"  # the subject under which requests are counted
LEAST_US = 16.0  # where the first bin begins
AN_OCTAVE = 8  # bins: a latency is known to 9%
N_BINS = AN_OCTAVE * 22  # up to 67 seconds


def latency_bins(latency_us: pl.Series) -> Ints:
    """Return the bin of each latency in microseconds; the first and the last hold what lies beyond.

    >>> latency_bins(pl.Series([1, 16, 1000, 10**9])).tolist()
    [2, 2, 49, 177]
    """
    octaves = np.log2(np.maximum(latency_us.cast(pl.Float64).to_numpy(), LEAST_US) / LEAST_US)
    bins: Ints = FIRST_BIN + np.minimum(np.floor(octaves * AN_OCTAVE), N_BINS - 1).astype(np.int64)
    return bins


def bin_ends_ms() -> Floats:
    """Return the upper ends of all bins in milliseconds, shape (FIRST_BIN + N_BINS,); nothing lies in the first two."""
    ends: Floats = LEAST_US * 2.0 ** ((np.arange(FIRST_BIN + N_BINS) - FIRST_BIN + 1) / AN_OCTAVE) / 1000
    return ends


def single_rows(decisions: pl.DataFrame) -> pl.DataFrame:
    """Return the decisions that were asked for alone: targets are about these, and a batch takes what it takes.

    Rows of one request have its moment, caller and latency. Where nothing measured the time (a replay), none is left.
    """
    asked = [name for name in ("at", "key", "latency_us") if name in decisions.columns]
    if "latency_us" not in asked:
        return decisions.clear()
    return decisions.filter(pl.len().over(asked) == 1, pl.col("latency_us") > 0)


def slow(known: Ended, targets: TargetsPart, *, alpha: float) -> Iterator[Judged]:
    """Return a finding for each period in which single rows were answered more slowly than the brief allows."""
    wanted = ((0.5, targets.p50_latency_ms), (0.99, targets.p99_latency_ms))
    asked = [(share, limit) for share, limit in wanted if limit is not None]
    if not asked:
        return
    counts = known.counted(LATENCY, n_bins=FIRST_BIN + N_BINS)
    for t in np.flatnonzero(counts.sum(axis=1) >= LEAST_ASKED):
        for share, limit in asked:
            yield from _beyond(known, int(t), counts[t], (share, limit), alpha / len(asked))


def _beyond(known: Ended, t: int, counts: Ints, target: tuple[float, float], alpha: float) -> Iterator[Judged]:
    """One period against one target; a bin that holds the target counts as within it."""
    (share, limit), ends, n = target, bin_ends_ms(), int(counts.sum())
    over = int(counts[ends * 2 ** (-1 / AN_OCTAVE) >= limit].sum())
    found = float(ends[np.searchsorted(np.cumsum(counts), share * n)])
    if over <= (1 - share) * n or bdtrc(over - 1, n, 1 - share) >= alpha:
        return
    finding = Finding(
        code=SLOW,
        verdict=worse(fails=found >= GRAVE * limit),
        because=f"{over:,} of {n:,} single rows took longer than {limit:g} ms, where the brief allows "
        f"{1 - share:.0%}: {share:.0%} were answered within {spelled(found)} ms",
        measured=found,
        limit=limit,
        remedy="See mainstay_request_duration_seconds in /metrics and what else the machine does; start more workers.",
    )
    yield judged(finding, int(known.starts[t]), int(known.ends[t]), SYSTEM)
