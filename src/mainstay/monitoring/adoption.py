"""Whether anybody asks, whether anybody acts and as decided, and whether a version is past the day of its review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import numpy as np
from scipy.special import bdtr

from mainstay.domain.brief import Brief
from mainstay.domain.finding import Finding, Judged, Verdict
from mainstay.domain.moments import parse_moment, period_start, span
from mainstay.domain.signature import ReferenceSignature
from mainstay.monitoring.acted import ANOTHER_WORD, AS_DECIDED, OTHERWISE
from mainstay.monitoring.bins import Floats
from mainstay.monitoring.ended import Ended
from mainstay.monitoring.look import LARGEST_ALPHA, SYSTEM, WORLD, Judgement, iso_us, judged, worse
from mainstay.monitoring.periods import DAY_S, MICROS, to_us
from mainstay.monitoring.yardstick import Yardstick
from mainstay.stats.intervals import wilson

NOT_CALLED, NOT_TOLD, NOT_ACTED = "F41-not-called", "F41-actions-not-told", "F41-not-acted-on"
OVERRULED, REVIEW = "F41-overruled", "F41-review-due"
CODES = frozenset({NOT_CALLED, NOT_TOLD, NOT_ACTED, OVERRULED, REVIEW})

ACTED_SHARE = 0.01  # of the promise on false alarms
UNUSED = timedelta(days=14)  # after which somebody should have asked, or told what was done
LEAST_DECISIONS = 200  # after which somebody should have told
REVIEW_AHEAD = timedelta(days=30)  # a month is what it takes to get people into a room
LATELY = 8  # periods taken together to say how often people decide otherwise
LEAST_ROWS = 30
LEAST_OVERRULED, OFTEN_OVERRULED = 0.2, 0.5  # of what was acted on: one in five is no exception
FALL, SCATTER = 0.5, 0.75  # of the usual share: to half, where days alone make it fall by a quarter
KNOWN_PERIODS = 4


@dataclass(frozen=True, slots=True)
class Acted:
    """What was done by period, shape (n,): decisions, acted on in any way, as decided, otherwise; and when it is due.

    `is_due` says where what is usually done would have been done by now.
    """

    decided: Floats
    acted: Floats
    as_decided: Floats
    otherwise: Floats
    is_due: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def judge_adoption(
    yardstick: Yardstick, known: Ended, *, brief: Brief, live_since: str | None, at: datetime
) -> Judgement:
    """Judge whether a live version is called, acted on and still to be trusted without a review; `known` has ended."""
    alpha = min(yardstick.alpha(ACTED_SHARE), LARGEST_ALPHA)
    told = acted(known, at=at)
    said = [
        *_not_called(known, yardstick.reference, live_since, at),
        *_not_told(known, told, brief, live_since, at),
        *_not_acted(known, told, alpha),
        *_overruled(known, told, alpha),
        *_review(yardstick.reference, brief, at),
    ]
    return Judgement(tuple(said), tuple(map(iso_us, known.starts)), CODES)


def acted(known: Ended, *, at: datetime) -> Acted:
    """Return what was done with the decisions of each period."""
    names = (AS_DECIDED, OTHERWISE, ANOTHER_WORD)
    as_decided, otherwise, another = (known.counted(name).astype(np.float64) for name in names)
    usually_us = _usual_days(known) * DAY_S * MICROS
    return Acted(
        decided=known.rows.astype(np.float64),
        acted=as_decided + otherwise + another,
        as_decided=as_decided,
        otherwise=otherwise,
        is_due=known.ends + usually_us <= to_us(at),
    )


def _usual_days(known: Ended) -> float:
    """The days within which nearly all that is done was done: the mean and two standard deviations."""
    cells = known.cells.filter(known.cells["subject"].str.starts_with("acted:") & (known.cells["segment"] == ""))
    n, days, squares = (float(cells[name].sum()) for name in ("n", "sum_value", "sum_value_squared"))
    if n <= 0:
        return 0.0
    return days / n + 2 * float(np.sqrt(max(squares / n - (days / n) ** 2, 0.0)))


def _not_called(known: Ended, reference: ReferenceSignature, live_since: str | None, at: datetime) -> Iterator[Judged]:
    since = None if live_since is None else parse_moment(live_since)
    if since is None or at - since < UNUSED or known.cells.height:
        return
    finding = Finding(
        code=NOT_CALLED,
        verdict=Verdict.WARN,
        because=f"the version has been live for {span(at - since)} and nobody has asked it anything",
        measured=0.0,
        limit=1.0,
        remedy="Ask the consumers named in the brief; retire the model if nobody wants it.",
    )
    yield judged(finding, to_us(since), max(to_us(since), _last_end(reference, at)), SYSTEM)


def _not_told(known: Ended, told: Acted, brief: Brief, live_since: str | None, at: datetime) -> Iterator[Judged]:
    """A notice where acts matter to how outcomes are read, and nobody says which were done."""
    matters = brief.decision.control_share > 0 or bool(brief.decision.changes_outcome)
    is_new = live_since is None or at - parse_moment(live_since) < UNUSED
    if not matters or is_new or told.acted.any() or told.decided.sum() < LEAST_DECISIONS:
        return
    finding = Finding(
        code=NOT_TOLD,
        verdict=Verdict.UNKNOWN,
        because=f"nobody said what was done with any of {told.decided.sum():,.0f} decisions: whether anybody acts on "
        "them, and as decided, cannot be told",
        measured=0.0,
        remedy="Send actions to the service or import them: mainstay actions FILE.",
    )
    yield judged(finding, int(known.starts[0]), int(known.ends[-1]), SYSTEM)


def _not_acted(known: Ended, told: Acted, alpha: float) -> Iterator[Judged]:
    """A finding for each period of whose decisions far fewer were acted on than usual."""
    ready = np.flatnonzero(told.is_due & (told.decided >= LEAST_ROWS)) if told.acted.any() else np.zeros(0, np.int64)
    shares = told.acted[ready] / told.decided[ready]
    for place in range(KNOWN_PERIODS, ready.size):
        t, usual = int(ready[place]), float(np.median(shares[:place]))
        n, n_acted = float(told.decided[t]), float(min(told.acted[t], told.decided[t]))
        if shares[place] >= FALL * usual or bdtr(n_acted, int(n), SCATTER * min(usual, 1.0)) >= alpha:
            continue
        share = wilson(n_acted, n)
        finding = Finding(
            code=NOT_ACTED,
            verdict=worse(fails=n_acted == 0),
            because=f"{n_acted:,.0f} of {n:,.0f} decisions were acted on ({share.value:.0%}); usually {usual:.0%} are",
            measured=share.value,
            limit=FALL * usual,
            low=share.low,
            high=share.high,
            remedy="Ask who acts on decisions whether they still reach them; import actions that were not told.",
        )
        yield judged(finding, int(known.starts[t]), int(known.ends[t]), SYSTEM)


def _overruled(known: Ended, told: Acted, alpha: float) -> Iterator[Judged]:
    """A finding for each period up to which people decided otherwise surely more often than once in five times."""
    ready = np.flatnonzero(told.is_due & (told.as_decided + told.otherwise > 0))
    for place in range(ready.size):
        lately = ready[max(place + 1 - LATELY, 0) : place + 1]
        otherwise, whole = float(told.otherwise[lately].sum()), float((told.as_decided + told.otherwise)[lately].sum())
        if whole < LEAST_ROWS or wilson(otherwise, whole, level=1 - 2 * alpha).low <= LEAST_OVERRULED:
            continue
        share = wilson(otherwise, whole)
        finding = Finding(
            code=OVERRULED,
            verdict=worse(fails=share.low > OFTEN_OVERRULED),
            because=f"{share.value:.0%} of {whole:,.0f} actions were another decision than the model's "
            f"({share.low:.0%} to {share.high:.0%})",
            measured=share.value,
            limit=LEAST_OVERRULED,
            low=share.low,
            high=share.high,
            remedy="Ask those who overrule what they know that the model does not; their reasons are inputs or labels.",
        )
        yield judged(finding, int(known.starts[lately[-1]]), int(known.ends[lately[-1]]), WORLD)


def _review(reference: ReferenceSignature, brief: Brief, at: datetime) -> Iterator[Judged]:
    by = brief.model.review_by
    if by is None or by - at.date() > REVIEW_AHEAD:
        return
    days, begins = (by - at.date()).days, datetime.combine(by, time(), tzinfo=UTC) - REVIEW_AHEAD
    finding = Finding(
        code=REVIEW,
        verdict=worse(fails=days < 0),
        because=f"a review was due on {by}, {-days} days ago" if days < 0 else f"a review is due on {by}",
        measured=float(days),
        limit=0.0,
        remedy="Look at mainstay report and mainstay signals; then train with a later review_by, or retire the model.",
    )
    yield judged(finding, to_us(begins), max(to_us(begins), _last_end(reference, at)), WORLD)


def _last_end(reference: ReferenceSignature, at: datetime) -> int:
    """The end of the last period by the calendar, decisions or not."""
    return to_us(period_start(at, timedelta(seconds=reference.period_s), time_zone=reference.time_zone))
