"""Draws that several worlds share: uneven levels, wandering days, the calendar of a stream."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

DAYS_PER_YEAR = 365.25
SECONDS_PER_DAY = 86_400

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Ints = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def generators(seed: int, n: int) -> list[np.random.Generator]:
    """Return `n` independent generators from one seed, so that drawing more of one thing never moves another."""
    return [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(n)]


def pick(log_weights: Floats, rng: np.random.Generator) -> Ints:
    """Draw one level per row from unnormalised log weights of shape (n_rows, n_levels); returns indices (n_rows,).

    Source: the Gumbel-max trick (Gumbel, 1954).
    """
    chosen: Ints = np.argmax(log_weights + rng.gumbel(size=log_weights.shape), axis=1)
    return chosen


def wander(n_days: int, *, coefficient: float, sd: float, rng: np.random.Generator, n_columns: int = 1) -> Floats:
    """Return stationary first-order autoregressions of shape (n_days, n_columns) with standard deviation `sd`.

    `coefficient` is the correlation of one day with the next, in [0, 1).
    """
    shocks = rng.normal(size=(n_days, n_columns)) * sd
    shocks[1:] *= np.sqrt(1 - coefficient**2)
    for day in range(1, n_days):
        shocks[day] += coefficient * shocks[day - 1]
    return shocks


def logistic(log_odds: Floats) -> Floats:
    """Turn log-odds into probabilities, elementwise.

    >>> float(logistic(np.array([0.0]))[0])
    0.5
    """
    return 1.0 / (1.0 + np.exp(-log_odds))


def midnight(day: date) -> datetime:
    """Return the aware UTC moment at which a day begins.

    >>> midnight(date(2025, 4, 1)).isoformat()
    '2025-04-01T00:00:00+00:00'
    """
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def weekday_of(start: date, day: Ints) -> Ints:
    """Return the weekday (0 is Monday) of days counted from `start`."""
    return (day + start.weekday()) % 7


def year_angle(start: date, day: Ints) -> Floats:
    """Return where in the year each day lies, as an angle in radians; 0 is the first of January."""
    first = (start - date(start.year, 1, 1)).days
    return ((day + first) % DAYS_PER_YEAR).astype(np.float64) * (2 * np.pi / DAYS_PER_YEAR)


def moments(name: str, start: date, seconds: Ints) -> pl.Series:
    """Return seconds since the start of `start` as a column of UTC moments."""
    since_epoch = midnight(start) - midnight(date(1970, 1, 1))
    micros = (seconds + since_epoch // timedelta(seconds=1)) * 1_000_000
    return pl.Series(name, micros).cast(pl.Datetime("us", "UTC"))
