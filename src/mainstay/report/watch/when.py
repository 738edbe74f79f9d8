"""Moments of an overview as the page says and draws them, in the model's own time zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from mainstay.domain.moments import parse_moment
from mainstay.domain.overview import Overview, Spans
from mainstay.report.pictures import Mark
from mainstay.report.words import day

HOURS = 0.9  # days below which periods are told with their hour


def moments(spans: Spans) -> list[tuple[datetime, datetime]]:
    """Stretches as moments."""
    return [(parse_moment(a), parse_moment(b)) for a, b in zip(spans.starts, spans.ends, strict=True)]


def on(found: Overview, text: str) -> str:
    """The day of a moment, as people there write it.

    A moment of day is added where the watch looks more often than daily.
    """
    local = parse_moment(text).astimezone(ZoneInfo(found.time_zone))
    hour = f", {local:%H:%M}" if found.period_days < HOURS and (local.hour or local.minute) else ""
    return f"{day(local)}{hour}"


def until(found: Overview, text: str) -> str:
    """The last day before the end of a stretch."""
    local = parse_moment(text).astimezone(ZoneInfo(found.time_zone))
    return day(local.fromordinal(local.toordinal() - 1)) if not (local.hour or local.minute) else on(found, text)


def marks(found: Overview, ends: tuple[datetime, datetime], numbers: Sequence[str] | None = None) -> tuple[Mark, ...]:
    """Uprights where open signals began, and where the version went live, inside the time drawn.

    `numbers` are ids of the signals meant, all of them if left out.
    """
    shown: dict[datetime, list[str]] = {}
    for signal in found.signals:
        if signal.verdict != "unknown" and (numbers is None or signal.id in numbers):
            shown.setdefault(parse_moment(signal.since), []).append(signal.id)
    named = [(at, f"signal {', '.join(ids)}" if len(ids) < 4 else f"{len(ids)} signals") for at, ids in shown.items()]
    drawn = [Mark(at, text, "signal") for at, text in named if ends[0] < at < ends[1]]
    live = parse_moment(found.live_since) if found.live_since else None
    if live is not None and ends[0] < live < ends[1]:
        drawn.append(Mark(live, "live", "act"))
    return tuple(drawn)
