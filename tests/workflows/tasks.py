"""Small streams of amounts and of several classes, whose truth is known, and briefs for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

START = datetime(2024, 1, 1, tzinfo=UTC)
UNTIL = START + timedelta(days=70)
CHANGE = START + timedelta(days=110)
DAYS, ROWS_PER_DAY = 150, 24
PLACES = ("north", "south", "west")

HEAD = """\
[model]
name = "stream"
[data]
source = "rows.csv"
target = "outcome"
time = "at"
outcome_delay = "2d"
"""
AMOUNTS = (
    HEAD
    + """
[today]
rule = "20"
[decision]
control_share = 0.2
fallback = "rule"
[value]
currency = "EUR"
over = -1
under = "-0.2 * price"
"""
)
CLASSES = (
    HEAD
    + """
[today]
rule = "where(x > 0, 'repair', 'leave')"
[decision]
control_share = 0.2
fallback = "rule"
[value.matrix]
leave = {fine = 0, worn = -5, broken = "-2 * price"}
repair = {fine = -4, worn = 2, broken = -1}
replace = {fine = -10, worn = -3, broken = 5}
[value]
currency = "EUR"
"""
)


def amounts(seed: int, *, changes: bool = False) -> pl.DataFrame:
    """A stream whose outcome is an amount; with a change it lies 12 higher from `CHANGE` on."""
    rows, x, place, noise = _inputs(seed)
    outcome = 20 + 8 * x + 5 * (place == "south") + 2 * noise
    if changes:
        outcome = outcome + np.where(rows["at"].to_numpy() >= np.datetime64(CHANGE.replace(tzinfo=None)), 12.0, 0.0)
    return rows.with_columns(outcome=np.round(outcome, 2)).with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))


def classes(seed: int, *, changes: bool = False) -> pl.DataFrame:
    """A stream of three classes; with a change they come by chance alone from `CHANGE` on."""
    rows, x, place, noise = _inputs(seed)
    level = 1.5 * x + 0.8 * (place == "south") + 0.7 * noise
    if changes:
        late = rows["at"].to_numpy() >= np.datetime64(CHANGE.replace(tzinfo=None))
        level = np.where(late, np.random.default_rng(seed).permutation(level), level)
    names = np.array(["fine", "worn", "broken"])[np.digitize(level, [0.2, 1.6])]
    return rows.with_columns(outcome=pl.Series(names)).with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _inputs(seed: int) -> tuple[pl.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    random, n = np.random.default_rng(seed), DAYS * ROWS_PER_DAY
    x, noise, place = random.normal(size=n), random.normal(size=n), random.choice(PLACES, size=n)
    at = pl.Series([START + timedelta(hours=i * 24 / ROWS_PER_DAY) for i in range(n)]).dt.replace_time_zone(None)
    price = np.round(random.uniform(5, 15, size=n), 1)
    return pl.DataFrame({"at": at, "x": x, "place": place, "price": price}), x, place, noise
