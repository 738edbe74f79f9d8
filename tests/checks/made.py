"""Versions to examine whose truth is known: a simulated table, scores from the true chances, and an honest service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl

from mainstay.checks.examined import Examined, Footprint, Reply, Row
from mainstay.domain.brief import parse_brief
from mainstay.domain.evaluation import Summary
from mainstay.domain.plan import Constant, Plan
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth
from mainstay.stats.arrays import FloatArray

AT = datetime(2026, 3, 1, tzinfo=UTC)
BRIEF = """
[model]
name = "loans"
purpose = "decide who gets a loan"
owner = "risk@bank.example"
consumers = ["branches"]
review_by = 2026-12-31
[data]
target = "defaulted"
positive = 1
{data}
[decision]
when_high = "decline"
when_low = "approve"
[today]
rule = "late >= 5"
[value]
currency = "EUR"
when_high_and_positive = 0
when_high_and_negative = 0
when_low_and_positive = -500
when_low_and_negative = 100
{more}
"""
FOOTPRINT = Footprint(0.1, 0.3, 20.0, 50_000, 80_000_000, 0.3)
LEVELS = ("north", "south", "west")


def lending(n_rows: int = 6000, *, seed: int = 1) -> tuple[pl.DataFrame, FloatArray]:
    """A table as it came, outcome and all, and the true chance of default of each row."""
    rng = np.random.default_rng(seed)
    late, income = rng.integers(0, 10, n_rows).astype(float), rng.lognormal(8, 1, n_rows).round(2)
    region, sex = rng.choice(LEVELS, n_rows), rng.choice(["f", "m"], n_rows)
    chance = 1 / (1 + np.exp(-(0.6 * (late - 5) - 0.5 * (np.log(income) - 8) + 0.4 * (region == "south"))))
    defaulted = (rng.random(n_rows) < chance).astype(int)
    columns = {"late": late, "income": income, "region": region, "sex": sex, "defaulted": defaulted}
    return pl.DataFrame(columns), chance


def exam(
    table: pl.DataFrame | None = None,
    scores: FloatArray | None = None,
    *,
    data: str = "",
    more: str = "",
    seed: int = 1,
) -> Examined:
    """A binary version over a table whose target is its last column; every fifth row is held out, in a fixed order."""
    drawn, chance = lending(seed=seed)
    rows = drawn if table is None else table
    said = chance if scores is None else scores
    brief = parse_brief(BRIEF.format(data=data, more=more))
    outcomes = rows["defaulted"].cast(pl.Float64).to_numpy()
    places = np.random.default_rng(seed).permutation(rows.height)
    fifth = rows.height // 5
    inputs = [name for name in rows.columns if name not in ("defaulted", *brief.data.protected)]
    schema = Schema(fields=tuple(_field(rows[name]) for name in inputs), target="defaulted", positive="1", negative="0")
    worth = np.column_stack([np.where(outcomes == 1, -500.0, 100.0), np.zeros(rows.height)])
    return Examined(
        brief=brief,
        schema=schema,
        summary=summary(),
        plan=Plan(task="binary", models=(Constant(raw=0.0),), link="logistic", threshold=1 / 6),
        task=Task.BINARY,
        table=rows,
        used=pl.DataFrame([rows[name] for name in inputs]),
        outcomes=outcomes,
        training=np.sort(places[2 * fifth :]),
        calibration=np.sort(places[fifth : 2 * fifth]),
        holdout=np.sort(places[:fifth]),
        scores=said,
        decided=(said >= 1 / 6).astype(np.int64),
        seed=seed,
        at=AT,
        today=rows["late"].to_numpy() >= 5 if "late" in rows.columns else None,
        worth=ActionWorth(("approve", "decline"), worth),
        reply=honest(rows, said),
        score=scorer(rows, said),
        footprint=lambda: FOOTPRINT,
        refitted=lambda: "sha256:same",
    )


def summary() -> Summary:
    return Summary(
        version="loans/1",
        model_digest="sha256:same",
        task="binary",
        split="random",
        rows={},
        base_rate=0.5,
        metrics={},
        currency="EUR",
        threshold=1 / 6,
        threshold_interval=None,
        value=None,
        share_high=None,
        candidates=(),
        findings=(),
        snapshot="sha256:rows",
        seed=1,
    )


def honest(table: pl.DataFrame, scores: FloatArray):  # type: ignore[no-untyped-def]
    """A service that knows the rows of the table and answers 0.5 to any other, with a warning."""
    known = {_key(row): float(score) for row, score in zip(table.iter_rows(named=True), scores, strict=True)}

    def reply(rows: Sequence[Row]) -> list[Reply]:
        found = [known.get(_key(row)) for row in rows]
        return [Reply(0.5, "decline", ("odd",)) if s is None else Reply(s, "approve") for s in found]

    return reply


def scorer(table: pl.DataFrame, scores: FloatArray):  # type: ignore[no-untyped-def]
    """Scores of used rows: those of the table are known, any other gets the mean of all."""
    known = {_key(row): score for row, score in zip(table.iter_rows(named=True), scores, strict=True)}
    other = np.mean(scores, axis=0)

    def score(used: pl.DataFrame) -> FloatArray:
        return np.array([known.get(_key(row), other) for row in used.iter_rows(named=True)])

    return score


def _key(row: Row) -> tuple[object, ...]:
    return tuple(row.get(name) for name in ("late", "income", "region"))


def _field(values: pl.Series) -> Field:
    if values.dtype == pl.String:
        levels = tuple(values.alias("levels").drop_nulls().unique().sort())
        return Field(name=values.name, kind=Kind.CATEGORY, levels=levels)
    return Field(name=values.name, kind=Kind.NUMBER)


def changed(examined: Examined, **fields: object) -> Examined:
    """The same version with other fields."""
    return replace(examined, **fields)  # type: ignore[arg-type]
