"""What a sign-up does in its first three days, and the festival that one day joins (`upsell` tells the story)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mainstay.simulation.draws import Floats, Ints, pick, year_angle
from mainstay.simulation.signups import EDUCATION, INDUSTRY, Profiles

EVENT = ("team_meeting", "webinar", "lecture", "interview", "workshop", "town_hall", "festival")
FESTIVAL = EVENT.index("festival")
EVENT_LOG_ODDS = np.log(np.array([0.44, 0.16, 0.08, 0.14, 0.12, 0.06]))
TYPICAL_PEOPLE = np.array([5.0, 32.0, 24.0, 2.6, 11.0, 45.0])  # median people in an event of each type
TYPICAL_MINUTES = np.array([29.0, 38.0, 40.0, 25.0, 42.0, 36.0])  # median length of one event, in minutes
FESTIVAL_FIRST_SHARE = 0.01  # of the sign-ups that hosted an event, on the first day
FESTIVAL_LAST_SHARE = 0.16  # the same, from FESTIVAL_DAYS on
FESTIVAL_DAYS = 70  # how long the share grows, in a straight line
FESTIVAL_PEOPLE = 3.0  # a festival draws this many times the people of the event it takes the place of
VISITS_REFUSED = np.array([0.12, 0.38, 0.15, 0.12])  # share of each region that refuses to be counted on the web


@dataclass(frozen=True, kw_only=True)
class Activity:
    """The first three days; every array has shape (n_rows,). Missing numbers are NaN, a missing event type is -1."""

    events_hosted: Ints
    event_type: Ints
    minutes_hosted: Floats
    mean_participants: Floats
    hours_to_first_event: Floats
    seats_invited: Ints
    calendar_connected: Ints
    website_visits: Floats


def draw_activity(who: Profiles, rng: np.random.Generator) -> Activity:
    """Draw what each sign-up did, in a world without festivals."""
    n_rows = len(who.day)
    n_events = rng.poisson(np.exp(0.25 + 0.55 * who.intent + 0.12 * who.company_size - 0.25 * who.weekend))
    hosted = n_events > 0
    event = pick(_event_log_odds(who), rng)
    length = TYPICAL_MINUTES[event] * np.exp(0.35 * rng.normal(size=n_rows))
    people = TYPICAL_PEOPLE[event] * np.exp(0.18 * who.company_size + 0.15 * who.intent + 0.6 * rng.normal(size=n_rows))
    invites = 0.55 * np.log(who.expected_seats) + 0.4 * who.intent + 0.5 * rng.normal(size=n_rows) + 0.25
    lost = rng.random(n_rows) < 0.03
    refused = rng.random(n_rows) < VISITS_REFUSED[who.region]
    visits = rng.poisson(np.exp(1.2 + 0.35 * who.intent + 0.3 * rng.normal(size=n_rows))).astype(np.float64)
    return Activity(
        events_hosted=n_events,
        event_type=np.where(hosted, event, -1),
        minutes_hosted=np.where(hosted & ~lost, np.rint(length * n_events), np.nan),
        mean_participants=np.where(hosted, np.round(2 + people, 1), np.nan),
        hours_to_first_event=np.where(hosted, np.round(72 * rng.beta(0.7, 1.6 + 0.4 * n_events), 1), np.nan),
        seats_invited=rng.poisson(np.exp(invites)),
        calendar_connected=(rng.random(n_rows) < 0.18 + 0.14 * (who.intent > 0.3) + 0.1 * hosted).astype(np.int64),
        website_visits=np.where(refused, np.nan, visits),
    )


def _event_log_odds(who: Profiles) -> Floats:
    """Schools lecture, most in spring and autumn; the large hold town halls in January; media and software webinars."""
    angle = year_angle(who.start, who.day)
    log_odds = np.tile(EVENT_LOG_ODDS, (len(who.day), 1))
    school = who.industry == EDUCATION
    webinars = np.isin(who.industry, [list(INDUSTRY).index("software"), list(INDUSTRY).index("media")])
    log_odds[:, 1] += 0.7 * webinars
    log_odds[:, 2] += 1.9 * school + 0.4 * np.cos(2 * (angle - 2 * np.pi * 0.78))
    log_odds[:, 5] += 0.25 * (who.company_size - 2) + 0.4 * np.cos(angle - 0.2)
    return log_odds


def add_festivals(activity: Activity, days_since: Ints, rng: np.random.Generator) -> Activity:
    """Let festivals take the place of some events; `days_since` counts from their first day, negative before it."""
    grown = np.clip(days_since / FESTIVAL_DAYS, 0, 1)
    share = FESTIVAL_FIRST_SHARE + (FESTIVAL_LAST_SHARE - FESTIVAL_FIRST_SHARE) * grown
    chosen = (rng.random(len(days_since)) < share) & (days_since >= 0) & (activity.event_type >= 0)
    people = np.round(activity.mean_participants * FESTIVAL_PEOPLE, 1)
    return replace(
        activity,
        event_type=np.where(chosen, FESTIVAL, activity.event_type),
        mean_participants=np.where(chosen, people, activity.mean_participants),
    )
