"""The sign-ups as people would keep them: one row each, levels in words, gaps as nulls."""

from __future__ import annotations

import numpy as np
import polars as pl

from mainstay.simulation.draws import Floats, Ints, moments
from mainstay.simulation.first_days import EVENT, Activity
from mainstay.simulation.signups import (
    CHANNEL,
    COMPANY_SIZE,
    EMAIL,
    INDUSTRY,
    PLAN,
    REGION,
    Profiles,
    seconds_of,
)


def signup_table(who: Profiles, did: Activity) -> pl.DataFrame:
    """Return `signup_id`, `signed_up_at` (UTC) and the inputs, in time order, without the outcome."""
    return pl.DataFrame(
        [
            pl.Series("signup_id", [f"s-{number:06d}" for number in range(1, len(who.day) + 1)]),
            moments("signed_up_at", who.start, seconds_of(who)),
            _words("region", tuple(REGION), who.region),
            _words("company_size", tuple(COMPANY_SIZE), who.company_size),
            _words("industry", tuple(INDUSTRY), who.industry),
            _words("plan", PLAN, who.plan),
            _words("channel", tuple(CHANNEL), who.channel),
            _words("email_domain", EMAIL, who.email),
            pl.Series("expected_seats", who.expected_seats),
            pl.Series("price_shown", who.price_shown),
            _words("event_type", EVENT, did.event_type),
            pl.Series("events_hosted", did.events_hosted),
            _counts("minutes_hosted", did.minutes_hosted),
            pl.Series("mean_participants", did.mean_participants).fill_nan(None),
            pl.Series("hours_to_first_event", did.hours_to_first_event).fill_nan(None),
            pl.Series("seats_invited", did.seats_invited),
            pl.Series("calendar_connected", did.calendar_connected),
            _counts("website_visits", did.website_visits),
        ]
    )


def _words(name: str, levels: tuple[str, ...], index: Ints) -> pl.Series:
    """Turn indices into levels; -1 becomes null."""
    return pl.Series([*levels, None], dtype=pl.String).gather(np.where(index < 0, len(levels), index)).alias(name)


def _counts(name: str, numbers: Floats) -> pl.Series:
    """Turn whole numbers with NaN into nullable integers."""
    return pl.Series(name, numbers).fill_nan(None).cast(pl.Int64)
