"""What a replay showed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mainstay.domain.evaluation import Estimate, Summary
from mainstay.domain.finding import Signal


@dataclass(frozen=True, slots=True)
class ReplayPeriod:
    """One period lived through; `value` is money per decision (see `monitoring.retrospect.money`)."""

    start: datetime
    end: datetime
    decisions: int
    metrics: dict[str, Estimate]
    value: dict[str, Estimate]
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Noticed:
    """A signal as it stood at the end, and the moment of the look that first raised it."""

    signal: Signal
    noticed_at: datetime


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay showed, period by period and in all."""

    model: str
    summary: Summary
    train_until: datetime
    periods: tuple[ReplayPeriod, ...]
    signals: tuple[Noticed, ...]
    metrics: dict[str, Estimate]
    value: dict[str, Estimate]
    decisions: int
