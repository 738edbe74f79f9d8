"""False alarms on clean streams against the promise, in all and by part, for docs/alarms.json."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from alarms.clean import BUDGETS, poisson_interval

Line = dict[str, Any]


def clean_figures(lines: Sequence[Line]) -> dict[str, Any]:
    """False alarms on clean streams against the promise, in all and by rows a day and inputs."""
    return {f"{budget:g}": _rates(lines, f"{budget:g}") for budget in BUDGETS}


def _rates(lines: Sequence[Line], budget: str) -> dict[str, Any]:
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        groups["all"].append(line)
        groups[f"{line['rows_a_day']} rows a day"].append(line)
        groups[f"{line['n_inputs']} inputs"].append(line)
        groups[f"{line['n_reference']} days of reference"].append(line)
        groups[f"memory {line['autocorrelation']}"].append(line)
    return {name: _rate(part, budget) for name, part in groups.items()}


def _rate(lines: Sequence[Line], budget: str) -> dict[str, float]:
    n, months = sum(len(line["found"][budget]["alarms"]) for line in lines), sum(line["months"] for line in lines)
    low, high = poisson_interval(n, months)
    return {"streams": len(lines), "months": months, "alarms": n, "a_month": n / months, "low": low, "high": high}
