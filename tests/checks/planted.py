"""Three honest worlds, every column named c1, c2, …, into which a test plants one fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
from tests.checks.made import changed, exam

from mainstay.checks.check import Check
from mainstay.checks.examined import Examined, Reply, Row
from mainstay.domain.evaluation import Summary
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.schema import Schema
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray

DAY_S = 86_400.0
START_S = 1_672_531_200.0  # 2023-01-01
Columns = dict[str, npt.NDArray[np.generic]]


def people(n_rows: int, seed: int) -> tuple[Columns, FloatArray]:
    """Levels, counts and amounts; the log odds of the outcome."""
    rng = np.random.default_rng(seed)
    late, income = rng.integers(0, 10, n_rows).astype(float), rng.lognormal(8, 1, n_rows).round(2)
    region, sex = rng.choice(["north", "south", "west"], n_rows), rng.choice(["f", "m"], n_rows)
    odds = 0.6 * (late - 5) - 0.5 * (np.log(income) - 8) + 0.4 * (region == "south")
    return {"late": late, "income": income, "region": region, "sex": sex}, odds


def amounts(n_rows: int, seed: int) -> tuple[Columns, FloatArray]:
    """Eight heavy-tailed numbers that depend on each other, one of them often missing; the log odds."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(n_rows)
    columns = {f"x{i}": rng.standard_t(3, n_rows) + 0.5 * common for i in range(6)}
    columns["x6"], columns["x7"] = np.exp(1.5 * rng.standard_normal(n_rows)).round(3), rng.poisson(2, n_rows) * 1.0
    odds = -1.5 + 0.8 * columns["x0"] + 0.4 * columns["x1"] + 0.3 * np.log(columns["x6"])
    columns["x2"] = np.where(rng.random(n_rows) < 0.15, np.nan, columns["x2"])
    return columns, odds


def days(n_rows: int, seed: int) -> tuple[Columns, FloatArray]:
    """Rows of two years in the order of time, of columns that never drift; the log odds."""
    rng = np.random.default_rng(seed)
    columns: Columns = {"load": rng.gamma(2.0, 3.0, n_rows), "temp": rng.normal(12, 5, n_rows).round(1)}
    columns |= {"kind": rng.choice(list("abcdefgh"), n_rows, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.03, 0.02])}
    odds = 0.3 * (columns["load"] - 6) + 0.1 * (columns["temp"] - 12) + 0.5 * (columns["kind"] == "b")
    return columns, odds


WORLDS = {"people": people, "amounts": amounts, "days": days}


def outcomes_of(odds: FloatArray, seed: int, task: Task = Task.BINARY) -> FloatArray:
    """Outcomes by the log odds: happened or not, three classes, or a skewed amount."""
    rng = np.random.default_rng(seed + 1000)
    if task is Task.REGRESSION:
        return np.exp(0.4 * odds + 0.5 * rng.standard_normal(odds.size)).round(3)
    if task is Task.MULTICLASS:
        return np.digitize(odds + rng.logistic(size=odds.size), [-1.0, 1.0]).astype(float)
    return (rng.random(odds.size) < 1 / (1 + np.exp(-odds))).astype(float)


def version(
    columns: Mapping[str, npt.NDArray[np.generic]],
    outcomes: FloatArray,
    *,
    task: Task = Task.BINARY,
    moments: FloatArray | None = None,
    data: str = "",
    more: str = "",
    seed: int = 1,
) -> Examined:
    """A version over columns, which are called c1, c2, … in their order; `moments` split it by time."""
    named = {f"c{place}": values for place, values in enumerate(columns.values(), start=1)}
    table = pl.DataFrame({**named, "defaulted": outcomes}, strict=False, nan_to_null=True)
    made = exam(table, np.full(outcomes.size, 0.5), data=data, more=more, seed=seed)
    schema: Schema = made.schema
    made = changed(made, task=task, outcomes=outcomes, schema=schema, moments=moments, worth=None)
    made = changed(made, reply=partial(admitting, made.inputs))
    if moments is None:
        return made
    order, fifth = np.argsort(moments, kind="stable"), outcomes.size // 5
    parts = {"training": order[: 3 * fifth], "calibration": order[3 * fifth : 4 * fifth], "holdout": order[4 * fifth :]}
    return changed(made, summary=by_time(made), **{name: np.sort(rows) for name, rows in parts.items()})


def by_time(made: Examined) -> Summary:
    return msgspec.structs.replace(made.summary, split="time")


def admitting(inputs: Sequence[str], rows: Sequence[Row]) -> list[Reply]:
    """A service that warns about each input that is not in the row."""
    return [Reply(0.5, "approve", tuple("absent" for name in inputs if name not in row)) for row in rows]


def clean(world: str, n_rows: int, seed: int, task: Task = Task.BINARY) -> Examined:
    """An honest table of a world."""
    columns, odds = WORLDS[world](n_rows, seed)
    return version(columns, outcomes_of(odds, seed, task), task=task, moments=moments_of(world, n_rows), seed=seed)


def moments_of(world: str, n_rows: int) -> FloatArray | None:
    return START_S + np.sort(np.linspace(0, 730 * DAY_S, n_rows)) if world == "days" else None


def judged(made: Examined, checks: Iterable[Check]) -> dict[str, Verdict]:
    """The worst verdict of each check's findings by code."""
    found: dict[str, Verdict] = {}
    for check in checks:
        for finding in check.look(made):
            if found.get(finding.code) not in (Verdict.FAIL, Verdict.WARN):
                found[finding.code] = finding.verdict
    return found


def bad(made: Examined, checks: Iterable[Check]) -> dict[str, tuple[str, ...]]:
    """The findings that fail or warn: code and subjects."""
    found: list[Finding] = [finding for check in checks for finding in check.look(made)]
    return {each.code: each.subjects for each in found if each.verdict in (Verdict.FAIL, Verdict.WARN)}
