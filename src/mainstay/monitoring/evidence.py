"""How much a sum over ripe cohorts says, in standard errors, and what it says of money: the same for every task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.signature import FIRST_BIN, SCORE
from mainstay.domain.spelled import spelled, with_unit
from mainstay.monitoring.bins import Floats
from mainstay.monitoring.cohorts import Cohorts, money
from mainstay.monitoring.yardstick import Yardstick

VALUE_FELL = "F32-value-fell"
LEAST_MONEY = 0.05  # of the promised money per decision
CAREFUL = 1.5  # standard errors by which calibration itself may be off, having learned from finite rows
KNOWN_COHORTS = 4  # cohorts after which the usual share of outcomes is known

Say: TypeAlias = Callable[[Cohorts, bool, Mapping[str, Estimate], Brief], Finding | None]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each ripe cohort says beyond its scores, shape (n_cohorts, n_columns): binary, base rate, ranking and money.

    `standard` in standard errors where the model keeps its word; `slack` what is tolerated, in the same unit.
    """

    standard: Floats
    slack: Floats


def standardised(sums: Floats, variances: Floats, slack: Floats) -> Evidence:
    """Return sums over cohorts in standard errors, and what is tolerated of them; shapes (n_cohorts, n_columns)."""
    error = np.sqrt(variances)
    standard = sums / error
    scatter = _scatter(standard)
    return Evidence(standard / scatter, slack / error / scatter)


def n_learned_of(yardstick: Yardstick) -> float:
    """Return the rows that the calibration was learned from, at worst: half of those with a fair score."""
    total = yardstick.total[yardstick.layout.columns(SCORE)]
    return float(total[FIRST_BIN:].sum()) / 2


def _scatter(standard: Floats) -> Floats:
    """How much more cohorts scatter than their rows explain: from successive differences, so that a shift is not it."""
    if standard.shape[0] < KNOWN_COHORTS:
        return np.ones(standard.shape[1])
    scatter: Floats = np.sqrt(np.maximum((np.diff(standard, axis=0) ** 2).mean(axis=0) / 2, 1.0))
    return scatter


def value_fell(one: Cohorts, lower: bool, promised: Mapping[str, Estimate], brief: Brief) -> Finding | None:
    """Say that money fell, where it did."""
    realised, told = money(one), promised.get("value")
    if not lower or (told is not None and realised.value >= told.value):
        return None
    rows = float(one.beyond[..., 0].sum())
    missed = float(one.beyond[..., 1].sum()) / max(rows, 1.0)
    currency = brief.value.currency or "units of money"
    said = f"; the holdout promised {spelled(told.value, 4)}" if told is not None else ""
    return Finding(
        code=VALUE_FELL,
        verdict=Verdict.FAIL,
        because=f"{with_unit(spelled(realised.value, 4), currency)} a decision over {rows:,.0f} ripe decisions{said}; "
        f"scores made expect {-missed:.4g} more",
        measured=realised.value,
        limit=float(told.value) if told is not None else None,
        low=realised.low,
        high=realised.high,
        remedy="Retrain on the outcomes since then and compare; until then consider today's rule, or roll back.",
    )
