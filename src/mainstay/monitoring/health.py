"""Whether anything comes in at all, and how much of it is broken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import polars as pl

from mainstay.domain.finding import Finding, Judged, Verdict
from mainstay.domain.moments import parse_moment
from mainstay.domain.reading import MISSING, OUT_OF_RANGE, UNSEEN
from mainstay.domain.traffic import FELL_BACK, MODEL_FAILED
from mainstay.monitoring.count import period_column
from mainstay.monitoring.look import DATA_PIPE, MODEL, SYSTEM, Look, iso_us, judged, worse
from mainstay.monitoring.periods import to_moment, to_us
from mainstay.stats.intervals import wilson

SILENCE, FAULTS, REPAIRS, FEW = "F28-silence", "F15-input-faults", "F15-repaired-input", "F29-too-few-rows"
MODEL_FAILS = "F28-model-fails"
EXPECTED_ROWS = 20.0  # a gap in which fewer would have come is no news
GAP_TIMES = 2.0  # a gap this many times the longest known one is news
LEAST_SHARE = 0.01
LEAST_REPAIRED = 0.05
LEAST_ROWS = 3
LARGE_SHARE = 0.05
MAX_POOLED = 8  # thin periods that may wait for each other before it is said
COUNTED_APART = frozenset({MISSING, OUT_OF_RANGE, UNSEEN, FELL_BACK})  # these have findings of their own


def silence(look: Look) -> Iterator[Judged]:
    """Return a finding if no decision was made for much longer than ever before."""
    ended = look.rows[: look.n_ended]
    busy = np.flatnonzero(ended)
    if not busy.size or look.rows[look.n_ended :].any():
        return
    gap = ended.size - 1 - int(busy[-1])
    longest = max(_longest_gap(busy), _reference_gap(look))
    expected = float(np.median(ended[busy])) * gap
    if gap < max(1.0, GAP_TIMES * longest) or expected < EXPECTED_ROWS:
        return
    since = int(look.ends[busy[-1]])
    finding = Finding(
        code=SILENCE,
        verdict=Verdict.FAIL,
        because=f"no decision since {iso_us(since)}, where about {expected:.0f} would have been made",
        measured=0.0,
        limit=expected,
        remedy="Check that the service runs, that callers reach it, and that ingestion keeps up: mainstay doctor.",
    )
    yield judged(finding, since, int(look.ends[look.n_ended - 1]), SYSTEM)


def too_few(look: Look) -> Iterator[Judged]:
    """Return a notice if many periods together still hold too few rows to judge."""
    after = int(look.done.ends[-1]) if look.done.ends.size else -1
    waiting = np.flatnonzero((look.starts[: look.n_ended] >= after) & (look.rows[: look.n_ended] > 0))
    if not waiting.size or look.n_ended - waiting[0] < MAX_POOLED:
        return
    n = int(look.rows[waiting].sum())
    start, end = int(look.starts[waiting[0]]), int(look.ends[look.n_ended - 1])
    finding = Finding(
        code=FEW,
        verdict=Verdict.UNKNOWN,
        because=f"{n} decisions in {look.n_ended - int(waiting[0])} periods: too few to judge anything",
        measured=float(n),
        remedy="Nothing is wrong by itself: wait, or lengthen watch.period in the brief.",
    )
    yield judged(finding, start, end, SYSTEM)


def faults(look: Look, reported: pl.DataFrame) -> Iterator[Judged]:
    """Return a finding for each field that broke a noticeable share of requests, by period.

    `reported` has `at` (UTC moments or microseconds), `field` (null for a whole row), `code`, `n` and `refused`.
    """
    if reported.is_empty() or not look.starts.size:
        return
    of_callers = reported.filter(pl.col("refused") & (pl.col("code") != MODEL_FAILED))
    refused = of_callers.with_columns(decided=period_column(of_callers["at"], look.yardstick.reference))
    by_field = (
        refused.filter(pl.col("decided") >= _told_from(look))
        .group_by("decided", "field")
        .agg(pl.col("n").sum(), pl.col("code").mode().sort().first())
    )
    for decided, field, n, code in by_field.sort("decided", "field").rows():
        row = int(np.searchsorted(look.starts, to_us(decided)))
        n_rows = int(look.rows[row]) if row < look.starts.size else 0
        yield from _faulty(look, min(row, look.starts.size - 1), (field or "", code, int(n)), n_rows)


def failures(look: Look, reported: pl.DataFrame) -> Iterator[Judged]:
    """Return a finding for each period in which the model failed on rows, whether a fallback answered them or nobody.

    `reported` is as for `faults`. One row is enough: a model that fails is no matter of luck.
    """
    fell_back = look.cells.filter(pl.col("subject") == f"warned:{FELL_BACK}:")
    parts = [fell_back.select("decided", n="n", answered="n")]
    failed = reported.filter(pl.col("code") == MODEL_FAILED) if reported.height else reported
    if failed.height:
        decided = period_column(failed["at"], look.yardstick.reference)
        parts.append(failed.select(decided=decided, n=pl.col("n").cast(pl.Int64), answered=pl.lit(0, pl.Int64)))
    recent = pl.concat(parts).filter(pl.col("decided") >= _told_from(look))
    by_period = recent.group_by("decided").agg(pl.col("n", "answered").sum())
    for decided, n, answered in by_period.sort("decided").rows():
        row = min(int(np.searchsorted(look.starts, to_us(decided))), look.starts.size - 1)
        if row >= 0:
            yield _failing(look, row, int(n), int(answered))


def _failing(look: Look, row: int, n: int, answered: int) -> Judged:
    n_rows = max(int(look.rows[row]) + n - answered, n)
    share = wilson(n, n_rows)
    finding = Finding(
        code=MODEL_FAILS,
        verdict=worse(fails=share.value >= LARGE_SHARE),
        because=f"the model failed on {n} of {n_rows} rows; the brief's fallback answered {answered} of them",
        measured=share.value,
        limit=0.0,
        low=share.low,
        high=share.high,
        remedy="See what the service logged and /readyz; mainstay rollback if the version is to blame.",
    )
    return judged(finding, int(look.starts[row]), int(look.ends[row]), MODEL)


def repairs(look: Look) -> Iterator[Judged]:
    """Return a finding for each field that had to be repaired in a noticeable share of a stretch's rows."""
    recent = pl.col("decided") >= _told_from(look)
    warned = look.cells.filter(pl.col("subject").str.starts_with("warned:") & recent)
    if warned.is_empty():
        return
    by_word = warned.group_by("subject", "decided").agg(pl.col("n").sum()).sort("subject", "decided")
    starts = by_word["decided"].dt.timestamp("us").to_numpy()
    rows = look.rows[np.minimum(np.searchsorted(look.starts, starts), look.starts.size - 1)]
    for (subject, _, n), start, n_rows in zip(by_word.rows(), starts, rows, strict=True):
        _, code, field = subject.split(":", 2)
        if code not in COUNTED_APART and n >= LEAST_REPAIRED * n_rows and n_rows >= LEAST_ROWS / LEAST_REPAIRED:
            yield _repaired(look, int(start), (field, code, int(n)), int(n_rows))


def _faulty(look: Look, row: int, what: tuple[str, str, int], n_rows: int) -> Iterator[Judged]:
    field, code, n = what
    share = wilson(n, n + n_rows)
    if n < LEAST_ROWS or share.value < LEAST_SHARE:
        return
    finding = Finding(
        code=FAULTS,
        verdict=worse(fails=share.value >= LARGE_SHARE),
        because=f"{n} of {n + n_rows} rows were refused because of {field or 'the row as a whole'} ({code})",
        subjects=(field,) if field else (),
        measured=share.value,
        limit=LEAST_SHARE,
        low=share.low,
        high=share.high,
        remedy="Show the caller the faults of a request: each says what came and what is wanted.",
    )
    yield judged(finding, int(look.starts[row]), int(look.ends[row]), DATA_PIPE)


def _repaired(look: Look, start: int, what: tuple[str, str, int], n_rows: int) -> Judged:
    field, code, n = what
    share = wilson(min(n, n_rows), n_rows)
    finding = Finding(
        code=REPAIRS,
        verdict=Verdict.WARN,
        because=f"{field} had to be repaired ({code}) in {share.value:.1%} of {n_rows} rows",
        subjects=(field,),
        measured=share.value,
        limit=LEAST_REPAIRED,
        low=share.low,
        high=share.high,
        remedy=f"Ask the caller to send {field} as the schema says; until then it is repaired and said in warnings.",
    )
    return judged(finding, start, int(look.ends[np.searchsorted(look.starts, start)]), DATA_PIPE)


def _told_from(look: Look) -> datetime:
    """The start of the first period to tell of."""
    told = [*look.done.starts[look.told :], *look.starts[-1:], look.at_us]
    return to_moment(int(told[0]))


def _longest_gap(busy: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> float:
    return float(np.diff(busy).max() - 1) if busy.size > 1 else 0.0


def _reference_gap(look: Look) -> float:
    """The longest stretch without a row in the reference, in periods: nights and weekends are no silence."""
    reference = look.yardstick.reference
    if not reference.timed or len(reference.periods) < 2:
        return 0.0
    starts = np.array([to_us(parse_moment(text)) for text in reference.periods])
    return float(np.round(np.diff(starts).max() / (reference.period_s * 1e6)) - 1)
