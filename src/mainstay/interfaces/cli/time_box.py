"""How the way from the first fit to live is told, against the brief's time box."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mainstay.domain.moments import iso, span
from mainstay.workflows.time_box import TimeBox


def time_box_json(box: TimeBox) -> dict[str, Any]:
    """Return the JSON form of the way to live, in days."""
    return {
        "first_fit_at": iso(box.first_fit_at),
        "live_at": box.live_at and iso(box.live_at),
        "days": round(_days(box.taken), 2),
        "limit_days": box.limit and _days(box.limit),
        "over": box.is_over,
    }


def time_box_lines(box: TimeBox | None) -> list[str]:
    """Say how long it took, or has taken; nothing where it is long past and the brief sets no limit."""
    if box is None or (box.limit is None and box.live_at is not None):
        return []
    limit = f", {'over' if box.is_over else 'within'} the time box of {span(box.limit)}" if box.limit else ""
    if box.live_at is not None:
        return [f"It went live {span(box.taken)} after the first fit{limit}."]
    return [f"{span(box.taken)} since the first fit{limit}."]


def _days(length: timedelta) -> float:
    return length / timedelta(days=1)
