"""What an open signal costs: what ripe decisions since then earned less than expected, or decisions not made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Signal, Verdict
from mainstay.domain.moments import parse_moment
from mainstay.domain.overview import SignalCost, SignalTold
from mainstay.monitoring.cohorts import Cohorts, beyond, together
from mainstay.monitoring.health import FAULTS
from mainstay.monitoring.look import LABEL_PIPE
from mainstay.monitoring.periods import DAY_S, MICROS, to_us
from mainstay.monitoring.yardstick import MONTH_DAYS

MISSED, REFUSED = "missed", "refused"
MONTH_US = round(MONTH_DAYS * DAY_S * MICROS)


@dataclass(frozen=True, slots=True)
class Known:
    """What costs are worked out from: ripe cohorts since the oldest open signal, refused rows, what a decision gains.

    `pace` is decisions a month; `gain` what one earns over never having deployed, or in all where that is not known.
    """

    ripe: Cohorts
    faults: pl.DataFrame
    pace: float
    gain: Estimate | None
    at_us: int


def told(signal: Signal, known: Known) -> SignalTold:
    """Tell of one signal with what it costs, or why that cannot be said."""
    cost, why = _cost(signal, known)
    finding = signal.finding
    return SignalTold(
        id=signal.id,
        code=finding.code,
        verdict=finding.verdict.value,
        status=signal.status,
        since=signal.since,
        cause=signal.cause,
        because=finding.because,
        remedy=finding.remedy,
        subjects=finding.subjects,
        cost=cost,
        no_cost=why,
    )


def _cost(signal: Signal, known: Known) -> tuple[SignalCost | None, str]:
    if signal.finding.verdict is Verdict.UNKNOWN:
        return None, "a notice of what cannot be told: by itself it costs nothing"
    if signal.cause == LABEL_PIPE:
        return None, "it costs no money by itself; what is missed is knowing"
    since_us = to_us(parse_moment(signal.since))
    if signal.finding.code == FAULTS:
        return _refused(signal, known, since_us)
    first = int(np.searchsorted(known.ripe.ends, since_us, side="right"))
    if first >= known.ripe.starts.size:
        return None, "not known yet: no outcome of decisions since then is due"
    since = together(known.ripe, slice(first, None))
    rows = round(float(since.beyond[..., 0].sum()))
    if not rows:
        return None, "not known: no decision since then has a price"
    return _priced(MISSED, rows, _times(beyond(since), -1.0), known.pace), ""


def _refused(signal: Signal, known: Known, since_us: int) -> tuple[SignalCost | None, str]:
    """Rows that were refused for the fields that a signal names, at what a decision gains."""
    if known.gain is None or known.faults.is_empty():
        return None, "not known: nothing ripe says what a decision gains"
    fields = list(signal.finding.subjects) or [""]
    mine = known.faults.filter(pl.col("refused") & pl.col("field").fill_null("").is_in(fields))
    at = mine["at"].dt.timestamp("us").to_numpy()
    rows = int(mine["n"].to_numpy()[at >= since_us].sum())
    pace = rows * MONTH_US / max(known.at_us - since_us, 1)
    return _priced(REFUSED, rows, known.gain, pace), ""


def _priced(basis: str, rows: int, each: Estimate, pace: float) -> SignalCost:
    return SignalCost(basis=basis, rows=rows, so_far=_times(each, rows), a_month=_times(each, pace))


def _times(each: Estimate, factor: float) -> Estimate:
    low, high = (None if bound is None else bound * factor for bound in (each.low, each.high))
    return Estimate(each.value * factor, *((high, low) if factor < 0 else (low, high)))
