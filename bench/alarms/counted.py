"""Counts of a clean stream drawn straight from its law: a hundred thousand rows a day cost what a hundred cost.

Given its day, a row's numbers are normal around the day's means, its levels have the day's shares, and its score is a
logistic of a normal for each pattern of gaps and levels. So a period's counts are multinomial, with chances that follow
from the bins. What is lost is which values came in one row: inputs and score then err independently of each other,
which makes alarms of the whole no rarer. `proof` holds it against rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

import msgspec
import numpy as np
import polars as pl
from scipy.special import logit, ndtr, ndtri

from alarms.watching import brief, decisions, same_columns, schema_of, seconds, used
from mainstay.domain.brief import Brief
from mainstay.domain.moments import iso
from mainstay.domain.signature import FIRST_BIN, SCORE, Bins, ReferenceSignature
from mainstay.monitoring.cells import CELL_SCHEMA
from mainstay.monitoring.count import count
from mainstay.monitoring.periods import DAY_S, choose_period_s
from mainstay.monitoring.reference import build_reference
from mainstay.simulation.draws import Floats, Ints, logistic, midnight
from mainstay.simulation.stream_world import BASE_LOG_ODDS, MISSING_SHARE, Shape, World, draw_rows, draw_world

SAMPLE_ROWS = 60_000  # that fix the bins
VERSION = 1


@dataclass(frozen=True)
class Law:
    """The chances of a stream's bins, shape (days, n_bins) by subject; `open_shares` know no end of range."""

    shares: dict[str, Floats]
    open_shares: dict[str, Floats]


def counted_stream(shape: Shape, *, seed: int, n_reference: int, told: Brief | None = None) -> tuple:
    """Return the reference of the first days and the cells of the rest, as rows would give them."""
    said = told or brief()
    world, rng = draw_world(shape, seed=seed), np.random.default_rng([seed, 7])
    sampled = _sampled(shape, seed=seed, n_reference=n_reference, told=said)
    n_rows = world.volume[:n_reference].sum() * shape.rows_per_day
    evenly = np.arange(0, n_reference * DAY_S, n_reference * DAY_S / n_rows)
    length_s = choose_period_s(evenly, said)
    if length_s > DAY_S:
        raise ValueError(f"periods of {length_s:.0f} s are longer than a day: draw rows instead")
    bins = [_with_range(each, world, n_rows / n_reference, n_reference, rng) for each in sampled.bins]
    law = law_of(world, bins, n_reference)
    a_day = round(DAY_S / length_s)
    rows = rng.poisson(np.repeat(world.volume, a_day) * shape.rows_per_day / a_day)
    starts = [midnight(shape.rhythm.start) + timedelta(seconds=i * length_s) for i in range(rows.size)]
    split = n_reference * a_day
    known = {s: _drawn(rows[:split], p[:n_reference], a_day, rng) for s, p in law.open_shares.items()}
    # Of the reference only the later half has fair scores.
    known[SCORE][: split // 2] = 0
    reference = ReferenceSignature(
        period_s=length_s,
        time_zone="UTC",
        timed=True,
        periods=tuple(map(iso, starts[:split])),
        bins=tuple(bins),
        counts={subject: tuple(map(tuple, table.tolist())) for subject, table in known.items()},
    )
    later = {s: _drawn(rows[split:], p[n_reference:], a_day, rng) for s, p in law.shares.items()}
    return reference, _cells(later, starts[split:])


def _sampled(shape: Shape, *, seed: int, n_reference: int, told: Brief) -> ReferenceSignature:
    """The reference of a thin sample of rows, for its bins."""
    n_rows = min(shape.rows_per_day, max(SAMPLE_ROWS // n_reference, 1))
    drawn = draw_rows(replace(shape, rows_per_day=n_rows), seed=seed, lot=1)
    before = drawn.day < n_reference
    rows, scores = drawn.table.filter(pl.Series(before)), logistic(drawn.log_odds[before])
    schema = schema_of(rows)
    return build_reference(used(rows, schema), scores, seconds(rows), schema=schema, brief=told, seed=1)


def _with_range(bins: Bins, world: World, rows_a_day: float, n_days: int, rng: np.random.Generator) -> Bins:
    """Give a number the range that all rows of the reference would have shown."""
    if not bins.is_number or bins.subject == SCORE:
        return bins
    place = int(bins.subject.rpartition("_")[2]) - 1
    n = np.maximum(world.volume[:n_days] * rows_a_day, 1.0)
    top = ndtri(rng.random(n_days) ** (1 / n)) + world.means[:n_days, place]
    bottom = -ndtri(rng.random(n_days) ** (1 / n)) + world.means[:n_days, place]
    low, high = float(bottom.min()), float(top.max())
    if place % 2:
        low, high = float(np.exp(low / 2)), float(np.exp(high / 2))
    return msgspec.structs.replace(bins, low=min(low, bins.edges[0]), high=max(high, bins.edges[-1]))


def law_of(world: World, bins: list[Bins], n_reference: int) -> Law:
    """Return the chances of every bin by day."""
    shares: dict[str, Floats] = {}
    free: dict[str, Floats] = {}
    n_heard = len(world.weights)
    for each in bins:
        if each.subject == SCORE:
            shares[SCORE] = free[SCORE] = _scores(world, each, n_heard)
        elif each.is_number:
            place = int(each.subject.rpartition("_")[2]) - 1
            shares[each.subject] = _number(world.means[:, place], each, place, ends=True)
            free[each.subject] = _number(world.means[:, place], each, place, ends=False)
        else:
            place = int(each.subject.rpartition("_")[2]) - 1
            shares[each.subject] = free[each.subject] = _levels(np.diff(world.level_shares[place], prepend=0.0), each)
    return Law(shares, free)


def _number(means: Floats, bins: Bins, place: int, *, ends: bool) -> Floats:
    cuts = np.array([bins.low, *bins.edges, bins.high], dtype=np.float64)
    z = 2 * np.log(cuts) if place % 2 else cuts
    if not ends:
        z[0], z[-1] = -np.inf, np.inf
    below = ndtr(z[None] - means[:, None])
    inner = np.diff(below, axis=1, prepend=0.0, append=1.0)
    missing = MISSING_SHARE if place % 3 == 2 else 0.0
    return np.concatenate([np.full((means.size, 1), missing), (1 - missing) * inner], axis=1)


def _levels(shares: Floats, bins: Bins) -> Floats:
    found = np.zeros((shares.shape[0], bins.n_bins))
    for i, level in enumerate(bins.levels):
        found[:, FIRST_BIN + i] = shares[:, ord(level) - ord("a")]
    return found / found.sum(axis=1, keepdims=True)


def _scores(world: World, bins: Bins, n_heard: int) -> Floats:
    """A score is a logistic of a normal, given which numbers are missing and which levels came."""
    cuts = logit(np.clip(np.array([0.0, *bins.edges, 1.0]), 0.0, 1.0))
    n_days = world.means.shape[0]
    below = np.zeros((n_days, cuts.size))
    gaps = [i for i in range(n_heard) if i % 3 == 2]
    effects = world.level_effects[: len(world.level_shares)]
    daily = [np.diff(shares, prepend=0.0) for shares in world.level_shares[: len(effects)]]
    for gone in product((False, True), repeat=len(gaps)):
        weights = world.weights.copy()
        weights[[i for i, is_gone in zip(gaps, gone, strict=True) if is_gone]] = 0.0
        chance = np.prod([MISSING_SHARE if is_gone else 1 - MISSING_SHARE for is_gone in gone])
        sd = max(float(np.linalg.norm(weights)), 1e-9)
        middle = BASE_LOG_ODDS + world.means[:, :n_heard] @ weights
        for levels in product(*(range(each.size) for each in effects)):
            share = chance * np.prod([p[:, i] for p, i in zip(daily, levels, strict=True)], axis=0)
            moved = middle + sum(float(each[i]) for each, i in zip(effects, levels, strict=True))
            below += np.broadcast_to(share, n_days)[:, None] * ndtr((cuts[None] - moved[:, None]) / sd)
    inner = np.diff(below, axis=1)
    return np.concatenate([np.zeros((n_days, 2)), inner / inner.sum(axis=1, keepdims=True), np.zeros((n_days, 1))], 1)


def _drawn(rows: Ints, shares: Floats, a_day: int, rng: np.random.Generator) -> Ints:
    return rng.multinomial(rows, np.repeat(shares, a_day, axis=0)).astype(np.int64)


def _cells(tables: dict[str, Ints], starts: list) -> pl.DataFrame:
    moments = pl.Series("decided", starts).cast(CELL_SCHEMA["decided"])
    parts = []
    for subject, table in tables.items():
        t, at = np.nonzero(table)
        parts.append(
            pl.DataFrame({"decided": moments[t], "bin": at, "n": table[t, at]}).with_columns(subject=pl.lit(subject))
        )
    unsaid = {"version": VERSION, "arm": "champion", "segment": "", "learned": None, "fold": -1, "outcome": -1}
    zero = dict.fromkeys([name for name in CELL_SCHEMA if name.startswith("sum_")], 0.0)
    cells = pl.concat(parts).with_columns(**{name: pl.lit(value) for name, value in (unsaid | zero).items()})
    return cells.select(list(CELL_SCHEMA)).cast(CELL_SCHEMA)


def proof(shape: Shape, *, seed: int, n_reference: int, n_lots: int) -> dict[str, float]:
    """Hold counts of rows against the law: the chi-square of all subjects and days, and its degrees of freedom."""
    world, told = draw_world(shape, seed=seed), brief(watch='period = "1d"')
    sampled = _sampled(shape, seed=seed, n_reference=n_reference, told=told)
    law = law_of(world, list(sampled.bins), n_reference)
    total = {subject: np.zeros(share.shape) for subject, share in law.shares.items()}
    for lot in range(n_lots):
        drawn = draw_rows(shape, seed=seed, lot=10 + lot)
        decided = decisions(drawn.table, logistic(drawn.log_odds))
        cells = count(decided, sampled, columns=same_columns(schema_of(drawn.table)))
        first = midnight(shape.rhythm.start)
        for subject, table in total.items():
            mine = cells.filter(pl.col("subject") == subject)
            day = ((mine["decided"] - first).dt.total_days()).to_numpy()
            np.add.at(table, (day, mine["bin"].to_numpy()), mine["n"].to_numpy())
    statistic, n_degrees = 0.0, 0
    for subject, table in total.items():
        expected = law.shares[subject] * table.sum(axis=1, keepdims=True)
        told_apart = expected >= 5
        statistic += float(((table - expected) ** 2 / np.where(told_apart, expected, 1.0))[told_apart].sum())
        n_degrees += int(told_apart.sum()) - table.shape[0]
    return {"chi_square": statistic, "degrees": n_degrees}
