"""Amounts and classes: what is promised about false alarms holds by simulation, and errors that grow are seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from mainstay.domain.brief import parse_brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Judged
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.task import Task
from mainstay.monitoring.cells import add
from mainstay.monitoring.count import count
from mainstay.monitoring.measured import ACCURACY_FELL, BIAS_MOVED, ERROR_GREW
from mainstay.monitoring.outcomes import ERROR, MISS, RIGHT, count_outcomes
from mainstay.monitoring.performance import judge_outcomes
from mainstay.monitoring.reference import Scored, build_reference
from mainstay.monitoring.yardstick import learn
from mainstay.stats.arrays import FloatArray

START, DELAY = datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=3)
N_REFERENCE, DAYS, ROWS_A_DAY = 3000, 120, 60
LIVES, MONTHS = 24, 4
BRIEF = """
[model]
name = "m"
[data]
target = "outcome"
task = "{task}"
time = "at"
outcome_delay = "3d"
[watch]
period = "2d"
"""
SCHEMAS = {
    task: Schema(fields=(Field(name="x", kind=Kind.NUMBER),), target="outcome", time="at", task=task)
    for task in (Task.REGRESSION, Task.MULTICLASS)
}


@dataclass(frozen=True)
class Truth:
    """What changes on day 60 of those watched: the size of errors, a lean to one side, the share of right classes."""

    wider: float = 1.0
    lean: float = 0.0
    fewer_right: float = 0.0


def said_and_came(task: Task, rng: np.random.Generator, n: int, truth: Truth, *, wave: float) -> tuple[FloatArray, ...]:
    """Scores and what came of them: errors that grow with the amount, with tails; classes as likely as said."""
    if task is Task.REGRESSION:
        amount = rng.lognormal(4, 0.7, n) * (1 + 0.2 * wave)
        spread = 0.2 * amount * truth.wider
        return amount, amount + spread * rng.standard_t(4, n) + truth.lean * 0.2 * amount
    score = np.clip(rng.beta(4 + wave, 2, n), 0.34, 1.0)
    return score, (rng.random(n) < score - truth.fewer_right).astype(float)


def measured_of(task: Task, scores: FloatArray, came: FloatArray) -> dict[str, FloatArray]:
    if task is Task.MULTICLASS:
        return {RIGHT: came}
    return {ERROR: came - scores, MISS: np.abs(came - scores)}


def promised_of(task: Task, measured: dict[str, FloatArray]) -> dict[str, Estimate]:
    if task is Task.MULTICLASS:
        return {"accuracy": Estimate(float(measured[RIGHT].mean()))}
    return {"mae": Estimate(float(measured[MISS].mean()))}


def life(task: Task, seed: int, truth: Truth | None = None) -> tuple[Judged, ...]:
    """What is said over four months of decisions whose mix of cases follows a slow wave."""
    rng, told = np.random.default_rng(seed), parse_brief(BRIEF.format(task=task.value))
    before = said_and_came(task, rng, N_REFERENCE, Truth(), wave=0.0)
    measured, x = measured_of(task, *before), pl.Series("x", rng.normal(size=N_REFERENCE))
    moments = START.timestamp() - 86400.0 * np.linspace(100, 0.01, N_REFERENCE)
    fair = np.arange(N_REFERENCE) >= N_REFERENCE // 2
    scored = Scored(
        np.where(fair, before[0], np.nan), measured={k: np.where(fair, v, np.nan) for k, v in measured.items()}
    )
    reference = build_reference(pl.DataFrame({"x": x}), scored, moments, schema=SCHEMAS[task], brief=told, seed=1)
    days = [_day(task, rng, day, truth or Truth()) for day in range(DAYS)]
    rows = pl.concat(days).with_columns(
        pl.int_range(pl.len()).cast(pl.String).alias("id"), pl.int_range(pl.len()).cast(pl.String).alias("entity")
    )
    cells = add([count(rows, reference, columns={"x": "x"}), count_outcomes(rows, reference)])
    at = START + timedelta(days=DAYS) + DELAY
    promised = promised_of(task, {name: values[fair] for name, values in measured.items()})
    return judge_outcomes(learn(reference, told), cells, brief=told, promised=promised, at=at).judged


def _day(task: Task, rng: np.random.Generator, day: int, truth: Truth) -> pl.DataFrame:
    now = truth if day >= DAYS // 2 else Truth()
    scores, came = said_and_came(task, rng, ROWS_A_DAY, now, wave=float(np.sin(2 * np.pi * day / DAYS)))
    at = START + timedelta(days=day)
    frame = pl.DataFrame({"x": rng.normal(size=ROWS_A_DAY), "score": scores, "outcome": came, RIGHT: came})
    return frame.with_columns(
        pl.Series("at", [at + timedelta(minutes=20 * i) for i in range(ROWS_A_DAY)], dtype=pl.Datetime("us", "UTC")),
        pl.lit(at + DELAY, dtype=pl.Datetime("us", "UTC")).alias("learned"),
        pl.lit(1).alias("version"),
        pl.lit(1).alias("sign"),
        pl.lit("champion").alias("arm"),
        pl.lit("").alias("key"),
        pl.lit("go").alias("decision"),
    )


@pytest.mark.parametrize("task", [Task.REGRESSION, Task.MULTICLASS])
def test_calm_lives_keep_within_the_promise(task: Task) -> None:
    """A fifth of one alarm a month is what outcomes may cost."""
    n_alarms = sum(len({each.finding.code for each in life(task, seed)}) for seed in range(LIVES))
    assert n_alarms <= LIVES * MONTHS / 5 / 2


@pytest.mark.parametrize(
    ("task", "truth", "code"),
    [
        (Task.REGRESSION, Truth(wider=1.6), ERROR_GREW),
        (Task.REGRESSION, Truth(lean=0.5), BIAS_MOVED),
        (Task.REGRESSION, Truth(lean=-0.5), BIAS_MOVED),
        (Task.MULTICLASS, Truth(fewer_right=0.12), ACCURACY_FELL),
    ],
)
def test_what_got_worse_is_seen_and_when(task: Task, truth: Truth, code: str) -> None:
    for seed in range(3):
        found = [each for each in life(task, seed, truth) if each.finding.code == code]
        assert found
        begun = datetime.fromisoformat(min(each.start for each in found))
        assert abs(begun - (START + timedelta(days=DAYS // 2))) <= timedelta(days=10)


def test_fewer_errors_than_promised_are_no_alarm() -> None:
    assert [each.finding.code for each in life(Task.REGRESSION, 1, Truth(wider=0.5))] == []
    assert [each.finding.code for each in life(Task.MULTICLASS, 1, Truth(fewer_right=-0.2))] == []
