"""Who upgrades: the chance of it within 90 days, before and after the price change (`upsell` tells the story)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.simulation.draws import Floats, Ints, logistic, year_angle
from mainstay.simulation.first_days import Activity
from mainstay.simulation.signups import Profiles

FREE_MINUTES = 40  # the free plan ends an event here
FREE_PEOPLE = 100  # the free plan lets in no more than this


@dataclass(frozen=True, kw_only=True)
class Concept:
    """Log-odds of an upgrade: each tuple has one number per level, in the order of the levels."""

    base: float
    company_size: tuple[float, ...]
    limits: float
    people: float
    seats_invited: float
    price_small: float
    price_large: float


OLD_PRICES = Concept(
    base=-3.92,
    company_size=(-0.8, -0.25, 0.35, 0.55, 0.3, -0.1),
    limits=1.5,
    people=1.6,
    seats_invited=0.15,
    price_small=-0.2,
    price_large=-0.03,
)
NEW_PRICES = Concept(
    base=-2.72,
    company_size=(0.0, 0.5, 0.1, -0.5, -0.8, -1.0),
    limits=0.0,
    people=0.0,
    seats_invited=-0.05,
    price_small=-0.03,
    price_large=-0.2,
)
INDUSTRY = np.array([0.2, -0.2, 0.25, 0.05, -0.1, 0.0, 0.15, -0.3, -0.1])  # the last one: nobody said
EVENT = np.array([0.1, 0.3, -0.3, -0.15, 0.15, 0.2, -0.6, -0.6])  # the last one: hosted nothing
FITTING = np.array([(0, 4), (1, 1), (2, 4), (3, 1), (4, 5), (5, 3), (6, 1), (7, 5)])  # (industry, event) pairs
PLAN = np.array([0.0, 0.45, -0.4])
CHANNEL = np.array([0.0, -0.3, 0.3, 0.15, 0.25])
EMAIL = np.array([0.1, -0.25, -0.1])
REGION = np.array([0.1, 0.0, -0.05, -0.15])


def chance_of_upgrade(who: Profiles, did: Activity, concept: Concept) -> Floats:
    """Return each sign-up's chance of an upgrade within 90 days under one concept, shape (n_rows,)."""
    return logistic(concept.base + _lasting(who, did) + _turning(who, did, concept))


def _lasting(who: Profiles, did: Activity) -> Floats:
    """Return what counts alike before and after the price change, in log-odds."""
    visits = np.nan_to_num(did.website_visits, nan=3.0)
    hurry = np.where(np.nan_to_num(did.hours_to_first_event, nan=72.0) < 6, 0.25, 0.0)
    budget = 0.12 * np.cos(year_angle(who.start, who.day))
    by_level = INDUSTRY[who.industry] + EVENT[did.event_type] + PLAN[who.plan] + CHANNEL[who.channel]
    small_team = (who.company_size <= 2) & (did.event_type == 0) & (did.calendar_connected == 1)
    log_odds: Floats = (
        by_level
        + EMAIL[who.email]
        + REGION[who.region]
        + 0.1 * np.log1p(did.events_hosted)
        + 0.25 * did.calendar_connected
        + 0.7 * small_team
        + 0.8 * _fits(who, did)
        + 0.15 * np.log1p(visits)
        + hurry
        + budget
    )
    return log_odds


def _fits(who: Profiles, did: Activity) -> Floats:
    """Return 1.0 where the event is how that industry earns its money, else 0.0."""
    earns: Floats = np.zeros((len(INDUSTRY), len(EVENT)))
    earns[FITTING[:, 0], FITTING[:, 1]] = 1.0
    fits: Floats = earns[who.industry, did.event_type]
    return fits


def _turning(who: Profiles, did: Activity, concept: Concept) -> Floats:
    """Return what the price change turns, in log-odds."""
    minutes = np.nan_to_num(did.minutes_hosted / np.maximum(did.events_hosted, 1))
    people = np.nan_to_num(did.mean_participants)
    cut_short: Ints = ((minutes >= FREE_MINUTES) & (did.events_hosted >= 2)).astype(np.int64)
    crowded = logistic((people - 0.7 * FREE_PEOPLE) / 10) + 0.6 * np.exp(-0.5 * ((people - 9) / 4) ** 2)
    price = np.where(who.company_size <= 1, concept.price_small, concept.price_large)
    log_odds: Floats = (
        np.array(concept.company_size)[who.company_size]
        + concept.limits * cut_short
        + concept.people * crowded
        + concept.seats_invited * np.log1p(did.seats_invited)
        + price * (who.price_shown - 13)
    )
    return log_odds
