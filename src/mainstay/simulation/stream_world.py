"""How a general stream is made: days that swing with season, weekday and chance, rows around them, a known outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from mainstay.domain.errors import Asked
from mainstay.simulation.draws import (
    SECONDS_PER_DAY,
    Floats,
    Ints,
    generators,
    logistic,
    moments,
    wander,
    weekday_of,
    year_angle,
)

DAY_SD = 0.05  # how far a day's mean wanders by itself, in standard deviations of the rows
SEASON_SD = 0.3  # largest swing of a column over the year, in the same unit
WEEKDAY_SD = 0.15  # spread of a column's seven weekdays, in the same unit
WEEKDAY_VOLUME = np.array([1.15, 1.2, 1.15, 1.1, 1.0, 0.7, 0.7])  # Monday first, mean 1
MISSING_SHARE = 0.02  # of every third number, always
BASE_LOG_ODDS = -1.5  # gives a base rate of about a quarter over a year
N_SPEAKING = 6  # numbers that the outcome listens to, at most; and half as many categories


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How days differ when nothing has changed.

    `season` and `weekday` swing the volume and every column; `autocorrelation` in [0, 1) is the correlation of one
    day's own wandering with the next day's; `start` is the first day.
    """

    season: bool = True
    weekday: bool = True
    autocorrelation: float = 0.3
    start: date = date(2024, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How long, how dense and how wide a stream is, and its rhythm."""

    days: int
    rows_per_day: int
    n_numbers: int
    n_categories: int
    rhythm: Rhythm = field(default_factory=Rhythm)


@dataclass(frozen=True, kw_only=True)
class World:
    """What all rows of one stream share.

    Per day the relative `volume` (mean 1), the `means` of each number and the cumulative `level_shares` of each
    category; the concept: `weights` of the first numbers and effects of the first categories' levels, before a turn of
    it and after.
    """

    volume: Floats
    means: Floats
    level_shares: tuple[Floats, ...]
    weights: Floats
    level_effects: tuple[Floats, ...]
    turned_effects: tuple[Floats, ...]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows and what is hidden behind them; arrays have shape (n_rows,).

    `log_odds` is what the outcome follows, `turned_log_odds` what it would follow once the concept had turned wholly,
    `luck` the uniform draw that decided: the outcome is 1 where `luck` lies below the probability.
    """

    table: pl.DataFrame
    day: Ints
    log_odds: Floats
    turned_log_odds: Floats
    luck: Floats


def check_shape(shape: Shape) -> None:
    """Raise `Asked` for a stream that cannot be."""
    n_columns = shape.n_numbers + shape.n_categories
    if min(shape.days, shape.rows_per_day, n_columns) < 1 or min(shape.n_numbers, shape.n_categories) < 0:
        raise Asked(
            f"a stream of {shape.days} days of {shape.rows_per_day} rows with {shape.n_numbers} numbers "
            f"and {shape.n_categories} categories is empty",
            remedy="Ask for at least one day, one row a day and one column.",
        )
    if not 0 <= shape.rhythm.autocorrelation < 1:
        raise Asked(
            f"an autocorrelation of {shape.rhythm.autocorrelation} is not in [0, 1)",
            remedy="Use 0 for days that know nothing of each other, 0.3 for a mild memory.",
        )


def draw_world(shape: Shape, *, seed: int) -> World:
    """Draw the days and the concept of a stream; they depend on the seed and on all of the shape but `rows_per_day`."""
    for_days, for_levels, for_concept = generators(seed, 3)
    n_levels = [3 + index % 6 for index in range(shape.n_categories)]
    swings = _swings(shape, 1 + shape.n_numbers, for_days)
    volume = np.exp(swings[:, 0])
    if shape.rhythm.weekday:
        volume = volume * WEEKDAY_VOLUME[weekday_of(shape.rhythm.start, np.arange(shape.days))]
    shares = tuple(_level_shares(shape, n, for_levels) for n in n_levels)
    weights = _weights(min(shape.n_numbers, N_SPEAKING), for_concept)
    effects = [for_concept.normal(size=n) * 0.5 for n in n_levels[: N_SPEAKING // 2]]
    return World(
        volume=volume / volume.mean(),
        means=swings[:, 1:],
        level_shares=shares,
        weights=weights,
        level_effects=tuple(map(_centred, effects, shares)),
        turned_effects=tuple(map(_centred, [each[::-1] for each in effects], shares)),
    )


def _swings(shape: Shape, n_columns: int, rng: np.random.Generator) -> Floats:
    """Return how far each day stands from the middle, shape (days, n_columns), in standard deviations of the rows."""
    rhythm, day = shape.rhythm, np.arange(shape.days)
    swings = wander(shape.days, coefficient=rhythm.autocorrelation, sd=DAY_SD, rng=rng, n_columns=n_columns)
    height, phase = rng.uniform(0, SEASON_SD, n_columns), rng.uniform(0, 2 * np.pi, n_columns)
    by_weekday = rng.normal(size=(7, n_columns)) * WEEKDAY_SD
    if rhythm.season:
        swings += height * np.cos(year_angle(rhythm.start, day)[:, None] - phase)
    if rhythm.weekday:
        swings += (by_weekday - by_weekday.mean(axis=0))[weekday_of(rhythm.start, day)]
    return swings


def _level_shares(shape: Shape, n_levels: int, rng: np.random.Generator) -> Floats:
    """Return each day's cumulative shares of the levels of one category, shape (days, n_levels)."""
    log_weights = _swings(shape, n_levels, rng) - np.log(np.arange(1, n_levels + 1))
    weights = np.exp(log_weights)
    cumulative: Floats = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    return cumulative


def _weights(n_speaking: int, rng: np.random.Generator) -> Floats:
    """Return weights of length 1.2, so that a good model reaches a ROC AUC of about 0.8."""
    weights = rng.normal(size=n_speaking)
    return 1.2 * weights / max(float(np.linalg.norm(weights)), 1e-9)


def _centred(effects: Floats, shares: Floats) -> Floats:
    """Move the effects so that their mean over the stream is 0: no concept raises the base rate by itself."""
    mean_shares = np.diff(shares.mean(axis=0), prepend=0.0)
    centred: Floats = effects - effects @ mean_shares
    return centred


def draw_rows(shape: Shape, *, seed: int, lot: int = 0) -> Rows:
    """Draw one lot of rows in time order; other lots of the same seed are other rows of the same world."""
    world = draw_world(shape, seed=seed)
    rng = generators(seed, 4 + lot)[-1]
    counts = np.maximum(rng.poisson(world.volume * shape.rows_per_day), 1)
    day = np.repeat(np.arange(shape.days), counts)
    second = np.sort(day * SECONDS_PER_DAY + rng.integers(SECONDS_PER_DAY, size=day.size))
    numbers = world.means[day] + rng.normal(size=(day.size, shape.n_numbers))
    numbers[:, 2::3][rng.random(numbers[:, 2::3].shape) < MISSING_SHARE] = np.nan
    levels = [(rng.random(day.size)[:, None] > shares[day]).sum(axis=1) for shares in world.level_shares]
    log_odds, turned = _log_odds(world, numbers, levels)
    luck = rng.random(day.size)
    table = pl.DataFrame(
        [
            pl.Series("row_id", np.arange(day.size)),
            moments("at", shape.rhythm.start, second),
            *[_number(index, numbers[:, index]) for index in range(shape.n_numbers)],
            *[_category(index, level) for index, level in enumerate(levels)],
            outcome_column(luck, log_odds),
        ]
    )
    return Rows(table=table, day=day, log_odds=log_odds, turned_log_odds=turned, luck=luck)


def outcome_column(luck: Floats, log_odds: Floats) -> pl.Series:
    """Return the outcome (0 or 1) that luck decides at these log-odds."""
    return pl.Series("outcome", (luck < logistic(log_odds)).astype(np.int64))


def _log_odds(world: World, numbers: Floats, levels: list[Ints]) -> tuple[Floats, Floats]:
    """Return the log-odds of the concept and of the turned one: weights at right angles, levels' effects in reverse."""
    heard = np.nan_to_num(numbers[:, : world.weights.size])
    plain: Floats = BASE_LOG_ODDS + heard @ world.weights
    turned: Floats = BASE_LOG_ODDS + heard @ _right_angle(world.weights)
    for level, effects, turned_effects in zip(levels, world.level_effects, world.turned_effects, strict=False):
        plain = plain + effects[level]
        turned = turned + turned_effects[level]
    return plain, turned


def _right_angle(weights: Floats) -> Floats:
    """Return weights of the same length that are orthogonal in pairs; one left alone changes its sign."""
    turned = -weights.copy()
    paired = weights[: weights.size // 2 * 2].reshape(-1, 2)
    turned[: paired.size] = np.stack([-paired[:, 1], paired[:, 0]], axis=1).ravel()
    return turned


def _number(index: int, values: Floats) -> pl.Series:
    """Name a number; every second one is skewed as money is."""
    shown = np.exp(0.5 * values) if index % 2 else values
    return pl.Series(f"number_{index + 1}", shown).fill_nan(None)


def _category(index: int, level: Ints) -> pl.Series:
    words = pl.Series([chr(ord("a") + letter) for letter in range(8)])
    return words.gather(level).alias(f"category_{index + 1}")
