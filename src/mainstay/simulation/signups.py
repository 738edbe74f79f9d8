"""Who signs up, and when: the calendar, the companies and what the form asks of them (`upsell` tells the story)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from mainstay.domain.errors import Asked
from mainstay.simulation.draws import (
    SECONDS_PER_DAY,
    Floats,
    Ints,
    pick,
    wander,
    weekday_of,
    year_angle,
)

WEEKDAY_VOLUME = np.array([1.15, 1.2, 1.15, 1.1, 0.95, 0.45, 0.5])  # Monday first; relative to the mean day
REGION = {"north_america": 0.38, "europe": 0.32, "asia_pacific": 0.20, "latin_america": 0.10}
BUSY_HOUR = np.array([19.0, 12.0, 5.0, 17.0])  # UTC hour around which each region's working day lies
COMPANY_SIZE = {"solo": 0.27, "2-10": 0.31, "11-50": 0.22, "51-200": 0.12, "201-1000": 0.06, "over_1000": 0.02}
SEATS = np.array([1.6, 4.0, 10.0, 20.0, 32.0, 45.0])  # median seats that a company of each size expects to need
WEEKEND_TILT = np.array([0.9, 0.3, -0.2, -0.5, -0.7, -0.8])  # log-odds: at weekends the small sign up
INDUSTRY = {
    "software": 0.20, "education": 0.16, "consulting": 0.15, "media": 0.12,
    "retail": 0.11, "health": 0.10, "finance": 0.09, "public_sector": 0.07,
}  # fmt: skip
CHANNEL = {"search": 0.36, "advert": 0.20, "referral": 0.18, "invited": 0.16, "partner": 0.10}
PLAN = ("free", "free_trial", "free_education")
EMAIL = ("company", "free_mail", "university")
PRICES = np.array([11.0, 13.0, 15.0])  # USD a seat and month; a standing price test shows one at random
EDUCATION = list(INDUSTRY).index("education")


@dataclass(frozen=True, kw_only=True)
class Profiles:
    """Sign-ups in time order; every array has shape (n_rows,). Categories are indices into this module's levels.

    `day` counts from the first day, `second` from its start; `intent` is a hidden standard normal that drives what the
    company then does, and reaches the outcome only through that; `industry` is -1 where nobody said.
    """

    start: date
    day: Ints
    second: Ints
    region: Ints
    company_size: Ints
    industry: Ints
    plan: Ints
    channel: Ints
    email: Ints
    expected_seats: Ints
    price_shown: Floats
    intent: Floats

    @property
    def weekend(self) -> Floats:
        """1.0 on Saturdays and Sundays, else 0.0."""
        return (weekday_of(self.start, self.day) >= 5).astype(np.float64)


def draw_profiles(n_rows: int, *, start: date, n_days: int, rng: np.random.Generator) -> Profiles:
    """Draw `n_rows` sign-ups over `n_days` days from `start`."""
    day = _days(n_rows, start=start, n_days=n_days, rng=rng)
    region = pick(_logs(REGION, day), rng)
    second = _seconds(region, rng)
    order = np.argsort(day * SECONDS_PER_DAY + second, kind="stable")
    region, second = region[order], second[order]
    size = _company_size(day, region, start=start, rng=rng)
    industry = _industry(day, start=start, rng=rng)
    said = rng.random(n_rows) > np.where(size == 0, 0.14, 0.06)
    return Profiles(
        start=start,
        day=day,
        second=second,
        region=region,
        company_size=size,
        industry=np.where(said, industry, -1),
        plan=_plan(industry, rng),
        channel=pick(_logs(CHANNEL, day) + np.outer(size, [0, -0.05, 0, 0.05, 0.25]), rng),
        email=_email(size, industry, rng),
        expected_seats=np.clip(np.rint(SEATS[size] * np.exp(0.4 * rng.normal(size=n_rows))), 1, 150).astype(np.int64),
        price_shown=PRICES[rng.integers(len(PRICES), size=n_rows)],
        intent=rng.normal(size=n_rows),
    )


def seconds_of(who: Profiles) -> Ints:
    """Return when each signed up, in seconds since the start of the first day, in rising order."""
    return who.day * SECONDS_PER_DAY + who.second


def _days(n_rows: int, *, start: date, n_days: int, rng: np.random.Generator) -> Ints:
    """Spread the rows over the days, in order: weekday, a summer low, a mild growth and days that wander."""
    if n_days < 1 or n_rows < 1:
        raise Asked(
            f"a world of {n_rows} sign-ups in {n_days} days has nothing to tell",
            remedy="Ask for at least one row, and a last day that is not before the first.",
        )
    day = np.arange(n_days)
    noise = wander(n_days, coefficient=0.3, sd=0.08, rng=rng)[:, 0]
    season = 0.15 * np.cos(year_angle(start, day) - 0.3)
    weights = WEEKDAY_VOLUME[weekday_of(start, day)] * np.exp(season + noise + 0.15 * day / n_days)
    return np.sort(rng.choice(n_days, size=n_rows, p=weights / weights.sum()))


def _seconds(region: Ints, rng: np.random.Generator) -> Ints:
    """Draw the second of the day: around the region's working day, wrapped at midnight."""
    hour = BUSY_HOUR[region] + 3.5 * rng.normal(size=region.shape)
    return ((hour % 24) * 3600).astype(np.int64) % SECONDS_PER_DAY


def _company_size(day: Ints, region: Ints, *, start: date, rng: np.random.Generator) -> Ints:
    weekend = (weekday_of(start, day) >= 5).astype(np.float64)
    by_region = np.array([0.08, 0.0, -0.05, -0.15])[region]
    tilt = np.outer(weekend, WEEKEND_TILT) + np.outer(by_region, np.arange(len(COMPANY_SIZE)))
    return pick(_logs(COMPANY_SIZE, day) + tilt, rng)


def _industry(day: Ints, *, start: date, rng: np.random.Generator) -> Ints:
    """Schools and universities come before the autumn term, and stay away in early summer."""
    tilt = np.zeros((len(day), len(INDUSTRY)))
    tilt[:, EDUCATION] = 0.35 * np.cos(year_angle(start, day) - 2 * np.pi * 0.68)
    return pick(_logs(INDUSTRY, day) + tilt, rng)


def _plan(industry: Ints, rng: np.random.Generator) -> Ints:
    chance = rng.random(industry.shape)
    school = (industry == EDUCATION) & (chance < 0.55)
    return np.where(school, 2, np.where(chance < 0.82, 0, 1))


def _email(size: Ints, industry: Ints, rng: np.random.Generator) -> Ints:
    chance = rng.random(size.shape)
    own_domain = np.array([0.35, 0.62, 0.85, 0.93, 0.97, 0.98])[size]
    school = (industry == EDUCATION) & (chance < 0.7)
    return np.where(school, 2, np.where(chance < own_domain, 0, 1))


def _logs(shares: dict[str, float], like: Ints) -> Floats:
    """Repeat the log shares of some levels for every row."""
    return np.tile(np.log(np.array(list(shares.values()))), (len(like), 1))
