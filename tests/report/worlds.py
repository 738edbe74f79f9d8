"""Small worlds of the other two tasks, with everything that training now knows."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import polars as pl

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.evaluation import CandidateResult, Cost, Curve, CurvePoint, Estimate, Evaluation, Summary
from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.amounts import metrics_regression
from mainstay.stats.classes import metrics_multiclass
from mainstay.stats.intervals import Interval, mean_interval, paired_difference

CLASSES = ("home", "intensive care", "observe", "ward")
AMOUNTS = """
[model]
name = "bike"
purpose = "Set out as many bikes as will be asked for"
[data]
source = "bike.csv"
target = "cnt"
task = "regression"
[fields.cnt]
unit = "bikes"
"""
AMOUNTS_VALUE = '[value]\ncurrency = "EUR"\nover = -1\nunder = -3\n'
TRIAGE = """
[model]
name = "triage"
[data]
target = "outcome"
task = "multiclass"
"""
TRIAGE_VALUE = '[value]\ncurrency = "EUR"\n[value.matrix]\n' + "".join(
    f'"{way}" = {{ {", ".join(f""""{came}" = {-100.0 * abs(i - j)}""" for j, came in enumerate(CLASSES))} }}\n'
    for i, way in enumerate(CLASSES)
)
COST = Cost(rows=2000, labels=1900, seconds=90.0, cpu_seconds=84.0, peak_bytes=350_000_000, compute_money=0.25)
CURVE = Curve(
    over="rows",
    metric="r2",
    points=(
        *(CurvePoint(n=n, metric=Estimate(m, m - 0.02, m + 0.02)) for n, m in ((100, 0.5), (400, 0.8), (1500, 0.85))),
        *(
            CurvePoint(n=n, metric=Estimate(m, m - 0.01, m + 0.01), foretold=True)
            for n, m in ((2000, 0.86), (4000, 0.87))
        ),
    ),
    limit=Estimate(0.88, 0.87, 0.9),
    scale=5.0,
    power=1.0,
    enough=Estimate(1610.0, 1090.0, 1775.0),
    twice=Estimate(0.87, 0.86, 0.88),
    twice_value=Estimate(4.2, 0.4, 8.8),
    from_third=Estimate(0.84, 0.82, 0.86),
)
FINDING = Finding(
    code="F10-time-gap", verdict=Verdict.WARN, because="R² 0.94 at random, 0.89 in time", remedy="Retrain"
)


def brief_of(text: str) -> Brief:
    return parse_brief(text)


def amounts_world(n: int = 1200, *, money: bool = True, **bent: Any) -> Evaluation:
    """Amounts foretold a little too low, with a mean and today's rule beside them."""
    rng = np.random.default_rng(4)
    scores = rng.gamma(2, 90, n)
    outcomes = bent.pop("outcome", scores * rng.lognormal(0.05, 0.4, n))
    said = {"mean": np.full(n, outcomes.mean()), "today": np.where(scores > 200, 260.0, 120.0), "boosting": scores}
    worth = {name: _misses(outcomes, given) for name, given in said.items()}
    results = [
        _result(name, metrics_regression(outcomes, given), worth if money else {}) for name, given in said.items()
    ]
    columns = {"outcome": outcomes, "score": scores, "at": np.linspace(0, 200 * 86400.0, n)}
    frame = pl.DataFrame(columns | ({"value": worth["boosting"]} if money else {}))
    return _evaluation("regression", results, frame, float(outcomes.mean()), bent)


def classes_world(n: int = 900, *, money: bool = True, names: tuple[str, ...] = CLASSES, **bent: Any) -> Evaluation:
    """Several classes, decided by the likeliest."""
    rng = np.random.default_rng(5)
    scores = rng.dirichlet(np.linspace(2, 0.5, len(names)), n)
    came = np.array([rng.choice(len(names), p=row) for row in scores])
    blind = np.tile(np.bincount(came, minlength=len(names)) / n, (n, 1))
    said = {"base_rate": blind, "boosting": scores}
    worth = {name: -100.0 * np.abs(given.argmax(axis=1) - came) for name, given in said.items()}
    results = [
        _result(name, metrics_multiclass(came, given, given.argmax(axis=1), seed=1), worth if money else {})
        for name, given in said.items()
    ]
    columns: dict[str, Any] = {"outcome": np.array(names)[came], "decided": np.array(names)[scores.argmax(axis=1)]}
    columns |= {f"score:{name}": scores[:, k] for k, name in enumerate(names)}
    frame = pl.DataFrame(columns | ({"value": worth["boosting"]} if money else {}))
    return _evaluation("multiclass", results, frame, float(blind.max()), {"classes": names} | bent)


def _misses(outcomes: Any, given: Any) -> Any:
    return np.where(given > outcomes, -1.0, -3.0) * np.abs(given - outcomes)


def _result(name: str, metrics: dict[str, Interval], worth: dict[str, Any]) -> CandidateResult:
    chosen = name == "boosting"
    return CandidateResult(
        name=name,
        title={"boosting": "gradient boosting", "today": "today's rule: x > 1"}.get(name, name),
        metrics={each: _estimate(found) for each, found in metrics.items() if np.isfinite(found.value)},
        threshold=None,
        value=_estimate(mean_interval(worth[name])) if worth else None,
        winner_ahead=_estimate(paired_difference(worth["boosting"], worth[name])) if worth and not chosen else None,
        chosen=chosen,
        fit_s=1.5,
        bought=Estimate(12.0, 8.0, 16.0) if chosen else None,
        search_s=20.0,
        latency_us=103.0,
        size_bytes=3_700_000,
        explained="sum over 300 trees",
    )


def _evaluation(
    task: str, results: list[CandidateResult], frame: pl.DataFrame, base: float, bent: dict[str, Any]
) -> Evaluation:
    n, chosen = frame.height, results[-1]
    summary = Summary(
        version="m/1",
        model_digest="sha256:" + "4f" * 32,
        task=task,
        split="time",
        rows={"train": 3 * n, "calibration": n, "holdout": n},
        base_rate=base,
        metrics=chosen.metrics,
        currency="EUR" if chosen.value else "",
        threshold=None,
        threshold_interval=None,
        value=chosen.value,
        share_high=None,
        candidates=tuple(results),
        findings=(FINDING,),
        snapshot="sha256:" + "ab" * 32,
        seed=7,
        splits={way: _split(task, less) for way, less in (("random", 0.0), ("time", 0.2))},
        settings={"learner": "boosting", "learning_rate": 0.0512345, "trees": 300},
        cost=COST,
        curves=(CURVE,),
        holdout="h1",
        looks=3,
    )
    return Evaluation(msgspec.structs.replace(summary, **bent), frame)


def _split(task: str, less: float) -> dict[str, Estimate]:
    metric = "r2" if task == "regression" else "accuracy"
    return {metric: Estimate(0.94 - less, 0.92 - less, 0.96 - less)}


def _estimate(interval: Interval) -> Estimate:
    low, high = (None if np.isnan(bound) else float(bound) for bound in (interval.low, interval.high))
    return Estimate(float(interval.value), low, high)
