"""A small world with money, a rule of today and findings of every kind, made anew for each test that bends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.evaluation import CandidateResult, Estimate, Evaluation, Summary
from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.intervals import Interval, mean_interval, paired_difference
from mainstay.stats.scores import metrics_binary

BRIEF = """
[model]
name = "credit"
purpose = "Decline card applications that would lose money"
owner = "risk@example.com"
review_by = 2027-05-01
[data]
source = "credit.csv"
target = "target"
positive = 1
outcome_delay = "30d"
[decision]
when_high = "decline"
when_low = "approve"
[today]
rule = "PAY_0 >= 2"
"""
VALUE = """
[value]
currency = "TWD"
when_high_and_positive = 0
when_high_and_negative = 0
when_low_and_positive = "-0.20 * LIMIT_BAL"
when_low_and_negative = "0.06 * LIMIT_BAL"
"""
FINDINGS = (
    Finding(code="F02-roc-auc", verdict=Verdict.PASS, because="ROC AUC 0.78 on 2,000 cases"),
    Finding(code="F08-segment", verdict=Verdict.WARN, because="Worse for clients under 25", remedy="review by hand"),
    Finding(code="F09-season", verdict=Verdict.UNKNOWN, because="No time column", remedy="name data.time"),
)

MakeEvaluation = Callable[..., Evaluation]


@pytest.fixture(scope="session")
def brief() -> Brief:
    return parse_brief(BRIEF + VALUE)


@pytest.fixture(scope="session")
def brief_without_money() -> Brief:
    return parse_brief(BRIEF)


@pytest.fixture(scope="session")
def made_at() -> datetime:
    return datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def make_evaluation() -> MakeEvaluation:
    return evaluation_of


@pytest.fixture(scope="session")
def evaluation() -> Evaluation:
    return evaluation_of(2000)


def evaluation_of(
    n: int, *, seed: int = 1, threshold: float | None = 0.2513, money: bool = True, **bent: Any
) -> Evaluation:
    """An evaluation of n rows; `bent` replaces fields of the summary, or columns of the rows given as arrays."""
    columns = rows_of_world(n, seed)
    columns |= {name: bent.pop(name) for name in list(bent) if name in columns or name == "at"}
    if not money:
        columns = {name: column for name, column in columns.items() if not name.startswith("value_")}
    frame = pl.DataFrame(columns)
    return Evaluation(msgspec.structs.replace(summary_of(frame, threshold), **bent), frame)


def rows_of_world(n: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    scores = rng.beta(1.2, 4, n).round(4)
    outcomes = rng.random(n) < scores
    limit = rng.lognormal(11, 0.7, n).round()
    return {
        "outcome": outcomes.astype(float),
        "score": scores,
        "value_high": np.zeros(n),
        "value_low": np.where(outcomes, -0.20, 0.06) * limit,
        "today": rng.random(n) < 0.1 + 0.5 * outcomes,
    }


def summary_of(frame: pl.DataFrame, threshold: float | None) -> Summary:
    n, score, outcome = frame.height, frame["score"].to_numpy(), frame["outcome"].to_numpy()
    found = metrics_binary(outcome, score, threshold or np.inf, seed=1) if n > 60 else {}
    metrics = {name: estimate(interval) for name, interval in found.items() if np.isfinite(interval.value)}
    has_money = "value_low" in frame.columns
    return Summary(
        version="credit/3",
        model_digest="sha256:" + "4f" * 32,
        task="binary",
        split="random",
        rows={"train": 3 * n, "calibration": n, "holdout": n},
        base_rate=0.23,
        metrics=metrics,
        currency="TWD" if has_money else "",
        threshold=threshold,
        threshold_interval=Estimate(threshold, 0.2, 0.3) if has_money and threshold else None,
        value=None,
        share_high=None,
        candidates=candidates_of(frame, metrics, threshold) if has_money else (),
        findings=FINDINGS,
        snapshot="sha256:" + "ab" * 32,
        seed=7,
    )


def candidates_of(
    frame: pl.DataFrame, metrics: dict[str, Estimate], threshold: float | None
) -> tuple[CandidateResult, ...]:
    high, low = frame["value_high"].to_numpy(), frame["value_low"].to_numpy()
    won = np.where(frame["score"].to_numpy() >= (threshold or np.inf), high, low)
    simple = CandidateResult(
        name="all_low",
        title="approve everyone",
        metrics={},
        threshold=None,
        value=estimate(mean_interval(low)),
        winner_ahead=estimate(paired_difference(won, low)),
        chosen=False,
    )
    best = CandidateResult(
        name="boosting",
        title="gradient boosting",
        metrics=metrics,
        threshold=threshold,
        value=estimate(mean_interval(won)),
        winner_ahead=None,
        chosen=True,
        fit_s=1.25,
    )
    return simple, best


def estimate(interval: Interval) -> Estimate:
    low, high = (None if np.isnan(bound) else float(bound) for bound in (interval.low, interval.high))
    return Estimate(float(interval.value), low, high)
