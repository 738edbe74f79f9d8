"""Estimates before labels in words and as JSON: the newest, and how right they proved."""

from __future__ import annotations

from typing import Any

import msgspec

from mainstay.domain.estimates import VALUE, EstimatedPeriod, Estimates
from mainstay.domain.spelled import spelled_range, with_unit

TOLD_PERIODS = 30  # in JSON: the newest; a page shows all
NAMED = ("roc_auc", "accuracy", "mae")  # the first of these that is known is told in a sentence, beside money


def estimates_json(known: Estimates | None) -> dict[str, Any] | None:
    """Return the estimates of a version as JSON, the newest thirty stretches; None where nothing is live."""
    if known is None:
        return None
    told: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(known, periods=known.periods[-TOLD_PERIODS:]))
    return told


def estimate_lines(known: Estimates | None) -> list[str]:
    """Say in a sentence or two what the newest decisions are thought to be worth; nothing where none are known."""
    if known is None or known.last is None:
        return []
    last = known.last
    when = f"Of {last.decisions:,} decisions from {last.start[:10]} to {last.end[:10]}"
    if known.withdrawn:
        return [f"{when} nothing can be estimated before their outcomes come: {known.withdrawn}."]
    said = _said(known, last)
    if not said:
        return []
    return [f"{when} scores make expect {said}{_record(known)}."]


def _said(known: Estimates, last: EstimatedPeriod) -> str:
    units = {name: "of ROC AUC" if name == "roc_auc" else f"of {name}" for name in NAMED} | {VALUE: known.currency}
    first = next((name for name in NAMED if name in last.estimated), None)
    told = []
    for name in (VALUE, first):
        found = last.estimated.get(name or "")
        if name is not None and found is not None and found.low is not None and found.high is not None:
            each = " a decision" if name == VALUE else ""
            told.append(with_unit(spelled_range(found.value, found.low, found.high), units[name]) + each)
    return " and ".join(told)


def _record(known: Estimates) -> str:
    """How often what came true lay within the interval of the metric told first."""
    named = {record.metric: record for record in known.record}
    record = next((named[name] for name in (VALUE, *NAMED) if name in named), None)
    if record is None:
        return ""
    return f"; {record.within} of {record.ripe} such intervals held what came true"
