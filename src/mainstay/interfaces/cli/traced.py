"""A gap followed back, as people and scripts read it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from mainstay.workflows.trace import Rows, Trace, TracedGroup, TracedInput


def traced_json(trace: Trace) -> dict[str, Any]:
    """Return a trace as JSON."""
    return {
        "version": trace.version,
        "snapshot": trace.snapshot,
        "groups": [_group_json(group) for group in trace.groups],
        "inputs": [_input_json(trace, each) for each in trace.inputs],
        "rows_not_read": trace.why_not,
    }


def traced_lines(trace: Trace) -> Iterator[str]:
    """Write a trace for people: rows and labels first, then the inputs that make the gap."""
    yield ""
    yield f"Followed to the rows of version {trace.version}:"
    for group in trace.groups:
        yield from _group_lines(group)
    for each in trace.inputs:
        against = "before" if each.before else "of the others"
        yield f"  {each.group}: {each.share:.0%} have {each.name} {each.where}, {each.other_share:.0%} {against}"
        rows = trace.rows.get((each.group, each.name))
        if rows is not None:
            yield f"    {_rows_said(rows)}"
    if trace.why_not:
        yield f"  The rows that the version was made from cannot be read: {trace.why_not}."


def _group_lines(group: TracedGroup) -> Iterator[str]:
    if group.n_learned is None or group.outcome_learned is None:
        yield f"  {group.name}: the version keeps nothing of it: fewer than 30 rows, or it was not protected then"
    else:
        yield f"  {group.name}: {group.n_learned:,} rows learned from, {group.outcome_learned:.3g} their mean label"
    for word, part in (("before", group.before), ("since", group.since)):
        if part.n_decided:
            came = f", {part.outcome.value:.1%} of {part.n_outcomes:,} outcomes positive" if part.n_outcomes else ""
            wrong = f"; missed {part.missed.value:.1%}" if part.missed.known else ""
            wrong += f", wrongly chosen {part.wrong.value:.1%}" if part.wrong.known else ""
            chosen = f"{part.selected.value:.1%} of {part.n_decided:,} chosen at a mean score of {part.score:.3g}"
            yield f"    {word}: {chosen}{came}{wrong}"


def _rows_said(rows: Rows) -> str:
    share = rows.n_there / rows.n if rows.n else 0.0
    labels = "" if math.isnan(rows.outcome_there) else f", {rows.outcome_there:.3g} their mean label"
    return f"of its {rows.n:,} rows that the version was made from {rows.n_there:,} lie there ({share:.0%}){labels}"


def _group_json(group: TracedGroup) -> dict[str, Any]:
    parts = {
        word: {
            "decisions": part.n_decided,
            "selection_rate": _number(part.selected.value),
            "mean_score": _number(part.score),
            "outcomes": part.n_outcomes,
            "outcome_rate": _number(part.outcome.value),
            "false_negative_rate": _number(part.missed.value),
            "false_positive_rate": _number(part.wrong.value),
        }
        for word, part in (("before", group.before), ("since", group.since))
    }
    learned = {"rows_learned": group.n_learned, "outcome_learned": group.outcome_learned}
    return {"group": group.name} | learned | parts


def _input_json(trace: Trace, each: TracedInput) -> dict[str, Any]:
    rows = trace.rows.get((each.group, each.name))
    told = None
    if rows is not None:
        there = {"rows_there": rows.n_there, "outcome_there": _number(rows.outcome_there)}
        told = {"rows": rows.n, "outcome": _number(rows.outcome)} | there
    return {
        "group": each.group,
        "input": each.name,
        "where": each.where,
        "share": each.share,
        "other_share": each.other_share,
        "against": "before" if each.before else "other groups",
        "distance": each.distance,
        "made_from": told,
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
