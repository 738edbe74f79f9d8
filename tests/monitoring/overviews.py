"""Overviews of small worlds: a calm stream with two outcomes, and months of amounts and of several classes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from tests.monitoring import test_measured as amounts
from tests.monitoring.worlds import Calm, brief, same_columns

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Finding, Signal, Verdict
from mainstay.domain.overview import Overview
from mainstay.domain.task import Task
from mainstay.monitoring.cells import add
from mainstay.monitoring.count import count
from mainstay.monitoring.outcomes import count_outcomes
from mainstay.monitoring.overview.gather import Subject, overview
from mainstay.monitoring.reference import Scored, build_reference
from mainstay.monitoring.worth import with_worth
from mainstay.monitoring.yardstick import learn

DELAY = timedelta(days=3)
SINCE_DAYS = 20
FAULTS = {"at": pl.Datetime("us", "UTC"), "field": pl.String, "code": pl.String, "n": pl.Int64, "refused": pl.Boolean}


@dataclass(frozen=True)
class Seen:
    """An overview beside the rows and cells that it was gathered from."""

    found: Overview
    told: Brief
    rows: pl.DataFrame
    cells: pl.DataFrame
    since: datetime
    at: datetime


def binary(calm: Calm, *, learned: bool = True, empty: bool = False, **more: object) -> Seen:
    """A stream of two outcomes, the last twenty days of it; `more` are parts of the subject."""
    told = brief(delay="3d")
    decided = calm.decided.with_columns(id_hash=pl.int_range(pl.len()))
    at = decided["at"].to_list()[-1] + timedelta(hours=1)
    since = at - timedelta(days=SINCE_DAYS)
    columns = same_columns(calm.schema)
    rows = with_worth(decided, told, columns=columns)
    rows = rows.with_columns(learned=pl.col("at") + DELAY, sign=pl.lit(1), entity=pl.lit(""))
    known = rows.filter(pl.col("learned") <= at)
    cells = [count(decided, calm.reference, columns=columns)]
    cells += [count_outcomes(known, calm.reference)] if learned else []
    subject = subject_of(told, **more)
    shown = add(cells).clear() if empty else add(cells)
    found = overview(
        learn(calm.reference, told), shown, subject=subject, faults=pl.DataFrame(schema=FAULTS), since=since, at=at
    )
    return Seen(found, told, rows, shown, since, at)


def subject_of(told: Brief, **more: object) -> Subject:
    parts = {
        "model": "m",
        "version": 1,
        "live_since": "2024-01-01T00:00:00Z",
        "brief": told,
        "promised": {"value": Estimate(2.0, 1.5, 2.5), "roc_auc": Estimate(0.8, 0.78, 0.82)},
        "share_high": 0.4,
        "signals": (),
    }
    return Subject(**(parts | more))  # type: ignore[arg-type]


def signal(subject: str, since: datetime, *, verdict: Verdict = Verdict.FAIL, code: str = "F29-input-drift") -> Signal:
    finding = Finding(code=code, verdict=verdict, because=f"{subject} moved", subjects=(subject,), remedy="ask")
    return Signal(id="1", finding=finding, since=since.isoformat(), cause="world")


def of_task(task: Task) -> Seen:
    """A month of amounts, or of several classes."""
    rng, told = np.random.default_rng(7), parse_brief(amounts.BRIEF.format(task=task.value))
    n = 1500
    before = amounts.said_and_came(task, rng, n, amounts.Truth(), wave=0.0)
    measured = amounts.measured_of(task, *before)
    moments = amounts.START.timestamp() - 86400.0 * np.linspace(60, 0.01, n)
    used, scored = pl.DataFrame({"x": rng.normal(size=n)}), Scored(before[0], measured=measured)
    reference = build_reference(used, scored, moments, schema=amounts.SCHEMAS[task], brief=told, seed=1)
    rows = pl.concat([amounts._day(task, rng, day, amounts.Truth()) for day in range(30)]).with_columns(
        id=pl.int_range(pl.len()).cast(pl.String), entity=pl.int_range(pl.len()).cast(pl.String)
    )
    cells = add([count(rows, reference, columns={"x": "x"}), count_outcomes(rows, reference)])
    at = amounts.START + timedelta(days=30)
    subject = subject_of(told, promised=amounts.promised_of(task, measured), share_high=None)
    since = at - timedelta(days=SINCE_DAYS)
    yardstick, faults = learn(reference, told), pl.DataFrame(schema=FAULTS)
    return Seen(
        overview(yardstick, cells, subject=subject, faults=faults, since=since, at=at), told, rows, cells, since, at
    )
