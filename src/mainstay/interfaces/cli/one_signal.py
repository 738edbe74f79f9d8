"""One signal as people and scripts read it: measured against what, since when, how it went, whom it hit, why."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from mainstay.domain.attention import Standing
from mainstay.domain.finding import signal_json
from mainstay.domain.moments import iso
from mainstay.interfaces.cli.show import sentences, verdict
from mainstay.workflows.signals import Hit, Measured, Shown

MOST_PERIODS = 12  # of how it went: the latest are what matters
MOST_SUBJECTS = 12


def standing_json(standing: Standing) -> dict[str, Any]:
    """Return a signal as JSON, with its status now and what somebody said that makes it so."""
    word = standing.word
    said = word and {"by": word.by, "at": word.at, "until": word.until, "why": word.why}
    return signal_json(standing.as_signal) | {"said": said}


def shown_json(shown: Shown, *, with_ids: bool) -> dict[str, Any]:
    """Return all that is known of a signal as JSON."""
    hit = shown.hit
    return standing_json(shown.standing) | {
        "why_cause": shown.why_cause,
        "story": [{"at": step.at, "by": step.by, "act": step.act, "said": step.said} for step in shown.story],
        "course": [_measured_json(each) for each in shown.course],
        "hit": hit and _hit_json(hit, with_ids=with_ids),
    }


def shown_lines(shown: Shown, *, with_ids: bool) -> Iterator[str]:
    """Write all that is known of a signal for people."""
    signal = shown.standing.signal
    finding = signal.finding
    state = shown.standing.state.value
    yield f"{verdict(finding.verdict.value)}  {signal.id}  {finding.code}, {state}, since {_day(signal.since)}"
    yield f"  {sentences(finding.because)}"
    if said := word_of(shown.standing):
        yield f"  {said}"
    yield ""
    if finding.measured is not None:
        yield f"Measured   {_number(finding.measured)}{_limits(shown)}"
    if finding.subjects:
        more = len(finding.subjects) - MOST_SUBJECTS
        yield f"About      {', '.join(finding.subjects[:MOST_SUBJECTS])}{f' and {more} more' if more > 0 else ''}"
    yield f"Cause      {signal.cause or 'not known'}{f': {shown.why_cause}' if shown.why_cause else ''}"
    if shown.hit is not None:
        yield from _hit_lines(shown.hit, with_ids=with_ids)
    if finding.remedy:
        yield f"To do      {sentences(finding.remedy)}"
    yield from _course_lines(shown)
    yield ""
    for step in shown.story:
        yield f"{_minute(step.at)}  {step.act} by {step.by}{f': {step.said}' if step.said else ''}"


def word_of(standing: Standing) -> str:
    """Say who said what of a signal, and until when it holds; nothing where nobody did.

    >>> from mainstay.domain.attention import State, Word
    >>> from mainstay.domain.finding import Finding, Signal, Verdict
    >>> moved = Finding(code="F29-input-drift", verdict=Verdict.WARN, because="")
    >>> said = Word("anna", "2026-03-01T09:00:00Z", "asked the source", "2026-03-15T09:00:00Z")
    >>> word_of(Standing(Signal(id="1", finding=moved, since="", cause=""), State.MUTED, said))
    'Muted by anna until 2026-03-15 09:00 UTC: asked the source.'
    """
    word = standing.word
    if word is None:
        return ""
    until = f" until {_minute(word.until)} UTC" if word.until else ""
    return sentences(f"{standing.state.value.capitalize()} by {word.by}{until}: {word.why}")


def _limits(shown: Shown) -> str:
    finding = shown.standing.signal.finding
    between = f" ({_number(finding.low)} to {_number(finding.high)})" if finding.low is not None else ""
    return f"{between}, limit {_number(finding.limit)}" if finding.limit is not None else between


def _hit_lines(hit: Hit, *, with_ids: bool) -> Iterator[str]:
    times = f", {_minute(iso(hit.first))} to {_minute(iso(hit.last))} UTC" if hit.first and hit.last else ""
    if hit.row_by_row:
        yield f"Decisions  {hit.n:,} of {hit.of:,} since then show it{times}"
    else:
        yield f"Decisions  all {hit.of:,} since then together, no single one{times}"
    for example in hit.examples:
        yield f"           {example.column} = {'missing' if example.value is None else example.value}: {example.n:,}"
    if hit.withheld:
        yield f"           personal, so not shown: {', '.join(hit.withheld)}"
    if with_ids:
        yield from (f"           {each}" for each in hit.ids)


def _course_lines(shown: Shown) -> Iterator[str]:
    latest = shown.course[-MOST_PERIODS:]
    if not latest:
        return
    yield ""
    yield "How it went, by the end of a period:"
    for each in latest:
        about = f"  {', '.join(each.subjects[:3])}" if each.subjects else ""
        measured = "" if each.measured is None else f"  {_number(each.measured)}"
        yield f"  {_minute(iso(each.end))}  {verdict(each.verdict)}{measured}{about}"


def _measured_json(each: Measured) -> dict[str, Any]:
    return {
        "version": each.version,
        "end": iso(each.end),
        "subjects": list(each.subjects),
        "verdict": each.verdict,
        "measured": each.measured,
        "limit": each.limit,
        "low": each.low,
        "high": each.high,
    }


def _hit_json(hit: Hit, *, with_ids: bool) -> dict[str, Any]:
    return {
        "decisions": hit.n,
        "of": hit.of,
        "row_by_row": hit.row_by_row,
        "first": hit.first and iso(hit.first),
        "last": hit.last and iso(hit.last),
        "examples": [{"column": e.column, "value": e.value, "decisions": e.n} for e in hit.examples],
        "withheld": list(hit.withheld),
        "ids": list(hit.ids) if with_ids else None,
    }


def _number(value: float | None) -> str:
    return "unknown" if value is None or not math.isfinite(value) else f"{value:,.4g}"


def _day(moment: str) -> str:
    return moment[:10]


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")
