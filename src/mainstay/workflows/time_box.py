"""How long a model took from the first fit to live, against the time that the brief allows for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mainstay.domain.brief import Brief
from mainstay.domain.event import Act, Event
from mainstay.domain.moments import parse_duration


@dataclass(frozen=True, slots=True)
class TimeBox:
    """How long it took, or has taken, from the first fit to the first version that was live.

    `limit` is the brief's time box, or None. `live_at` is None while nothing was ever live; `taken` then runs to now.
    """

    first_fit_at: datetime
    live_at: datetime | None
    taken: timedelta
    limit: timedelta | None

    @property
    def is_over(self) -> bool:
        """Whether it took longer than the brief allows."""
        return self.limit is not None and self.taken > self.limit

    @property
    def is_missed(self) -> bool:
        """Whether the time is over and nothing was ever live."""
        return self.is_over and self.live_at is None


def time_box(events: Sequence[Event], brief: Brief | None, *, at: datetime) -> TimeBox | None:
    """Measure the way from the first fit to live; None before the first fit."""
    first_fit_at, live_at = _first(events, Act.TRAINED), _first(events, Act.DEPLOYED)
    if first_fit_at is None:
        return None
    limit = parse_duration(brief.model.time_box) if brief is not None and brief.model.time_box else None
    return TimeBox(first_fit_at, live_at, (live_at or at) - first_fit_at, limit)


def _first(events: Sequence[Event], act: Act) -> datetime | None:
    return next((datetime.fromisoformat(event.at) for event in events if event.act == act), None)
