"""Freshness: whether outcomes still come, and whether dates among the inputs keep up with the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from mainstay.domain.finding import Finding, Judged, Verdict
from mainstay.domain.moments import span
from mainstay.domain.signature import FIRST_BIN, MISSING_BIN, UNSEEN_BIN
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.ended import Ended
from mainstay.monitoring.look import DATA_PIPE, LABEL_PIPE, iso_us, judged
from mainstay.monitoring.periods import MICROS, to_us

STALE_OUTCOMES, STALE_INPUT = "F31-outcomes-stale", "F28-stale-input"
LEAST_TIMES = 4  # at which outcomes came before it is known how long they pause
PAUSE_TIMES = 2.0  # a pause this many times the longest known one is news
EXPECTED_OUTCOMES = 20.0  # a pause in which fewer would have come is none
AN_OCTAVE = 4  # bins of an age: known to 19%
N_AGES = 31 * AN_OCTAVE  # from a second to sixty years
FRESHEST = 0.1  # of the rows: whoever fills a date is as late as the freshest of them
AGE_TIMES = 2.0
KNOWN_PERIODS, LEAST_ROWS = 8, 20


def age_subject(name: str) -> str:
    """Return the subject under which the age of a date is counted when decided.

    >>> age_subject("balance_at")
    'age:balance_at'
    """
    return f"age:{name}"


def age_bins(at_us: Ints, dated_s: pl.Series) -> Ints:
    """Return the bin of each date's age, a quarter of an octave wide; later than the decision is the bin below all.

    >>> age_bins(np.array([10_000_000, 10_000_000, 0]), pl.Series([10.0, 20.0, None])).tolist()
    [2, 1, 0]
    """
    seconds = at_us / MICROS - dated_s.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    octaves = np.log2(np.maximum(np.nan_to_num(seconds), 1.0))
    bins = FIRST_BIN + np.minimum(np.floor(octaves * AN_OCTAVE), N_AGES - 1).astype(np.int64)
    placed: Ints = np.where(np.isnan(seconds), MISSING_BIN, np.where(seconds < 0, UNSEEN_BIN, bins))
    return placed


def stale_outcomes(known: Ended, outcomes: pl.DataFrame, *, at: datetime) -> Iterator[Judged]:
    """Return a finding if no outcome was learned for much longer than ever before."""
    whole = outcomes.filter((pl.col("segment") == WHOLE) & (pl.col("learned") <= at) & (pl.col("n") > 0))
    by_moment = whole.group_by("learned").agg(pl.col("n").sum()).sort("learned")
    if by_moment.height < LEAST_TIMES or not known.n:
        return
    moments = by_moment["learned"].dt.timestamp("us").to_numpy()
    pause_us, longest_us = to_us(at) - int(moments[-1]), int(np.diff(moments).max())
    usual = float(by_moment["n"].sum()) / max(int(moments[-1] - moments[0]), 1)
    if pause_us <= PAUSE_TIMES * longest_us or usual * pause_us < EXPECTED_OUTCOMES:
        return
    finding = Finding(
        code=STALE_OUTCOMES,
        verdict=Verdict.WARN,
        because=f"no outcome was learned since {iso_us(int(moments[-1]))}; before, the longest pause was "
        f"{span(timedelta(microseconds=longest_us))}",
        measured=pause_us / MICROS / 86_400,
        limit=PAUSE_TIMES * longest_us / MICROS / 86_400,
        remedy="Check the way that outcomes take: what is judged of performance is as old as the last of them.",
    )
    yield judged(finding, int(moments[-1]), int(known.ends[-1]), LABEL_PIPE)


def stale_inputs(known: Ended, dated: Sequence[str]) -> Iterator[Judged]:
    """Return a finding for each period in which even the freshest dates of an input were older than ever before."""
    for name in dated:
        ages = _freshest_s(known.counted(age_subject(name), n_bins=FIRST_BIN + N_AGES))
        told = np.flatnonzero(np.isfinite(ages))
        for place in range(KNOWN_PERIODS, told.size):
            t = int(told[place])
            before = float(np.median(ages[told[:place]])), float(np.max(ages[told[:KNOWN_PERIODS]]))
            length_s = float(known.ends[t] - known.starts[t]) / MICROS
            if ages[t] > AGE_TIMES * max(before) and ages[t] - max(before) > length_s / 2:
                yield _stale(known, name, t, float(ages[t]), max(before))


def _freshest_s(counts: Ints) -> Floats:
    """The age that a tenth of each period's rows do not reach, in seconds; NaN of too few rows."""
    dated = counts[:, UNSEEN_BIN:].astype(np.float64)
    rows = dated.sum(axis=1)
    reached = np.cumsum(dated, axis=1) >= FRESHEST * rows[:, None]
    ends = np.concatenate([[0.0], 2.0 ** ((np.arange(N_AGES) + 1) / AN_OCTAVE)])
    ages: Floats = np.where(rows >= LEAST_ROWS, ends[np.argmax(reached, axis=1)], np.nan)
    return ages


def _stale(known: Ended, name: str, t: int, age_s: float, before_s: float) -> Judged:
    finding = Finding(
        code=STALE_INPUT,
        verdict=Verdict.WARN,
        because=f"nine in ten values of {name} are {span(timedelta(seconds=age_s))} old or more when decided; "
        f"before it was {span(timedelta(seconds=before_s))} at most",
        subjects=(name,),
        measured=age_s / 86_400,
        limit=AGE_TIMES * before_s / 86_400,
        remedy=f"Ask whoever fills {name} whether it is still filled; what else comes with it may be as old.",
    )
    return judged(finding, int(known.starts[t]), int(known.ends[t]), DATA_PIPE)
