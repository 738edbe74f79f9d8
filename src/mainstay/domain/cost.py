"""What a training and a decision cost, in the currency of the brief, and how soon a version pays for itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mainstay.domain.brief.parts import CostsPart
from mainstay.domain.evaluation import Cost

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Used:
    """What a piece of work took: seconds on the wall, seconds of computing on all cores, the most bytes at once."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def priced(used: Used, *, rows: int, labels: int, costs: CostsPart) -> Cost:
    """Return a training's account: rows read, labels used, time and memory, priced where the brief gives a price.

    A compute hour is an hour of the machine, however many of its cores were busy. Labels are rows with an outcome.

    >>> costs = CostsPart(compute_hour=2, label=0.5)
    >>> priced(Used(1800.0, 3000.0, 10**9), rows=900, labels=800, costs=costs).label_money
    400.0
    """
    return Cost(
        rows=rows,
        labels=labels,
        seconds=used.seconds,
        cpu_seconds=used.cpu_seconds,
        peak_bytes=used.peak_bytes,
        compute_money=None if costs.compute_hour is None else costs.compute_hour * used.seconds / HOUR_S,
        label_money=None if costs.label is None else costs.label * labels,
    )


def made_for(cost: Cost) -> float | None:
    """Return what a version cost to make, in money; None where nothing of it has a price."""
    parts = [part for part in (cost.compute_money, cost.label_money) if part is not None]
    return math.fsum(parts) if parts else None


def per_decision(costs: CostsPart) -> float | None:
    """Return what serving one decision costs; None where the brief does not say.

    >>> per_decision(CostsPart(per_1000_decisions=5))
    0.005
    """
    return None if costs.per_1000_decisions is None else costs.per_1000_decisions / 1000


def pays_after(cost: Cost, ahead: float, costs: CostsPart) -> int | None:
    """Return after how many decisions a version has earned what it cost to make.

    `ahead` is the money per decision by which it is better than what is done without it; serving it is taken off. None
    where it was not priced or never pays.

    >>> bare = Cost(rows=1, labels=1, seconds=1.0, cpu_seconds=1.0, peak_bytes=1, compute_money=10.0)
    >>> pays_after(bare, 0.5, CostsPart()), pays_after(bare, -0.5, CostsPart())
    (20, None)
    """
    made, gained = made_for(cost), ahead - (per_decision(costs) or 0.0)
    return None if made is None or gained <= 0 else math.ceil(made / gained)
