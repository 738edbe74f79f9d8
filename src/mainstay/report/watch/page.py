"""The watch page: from what was gathered to one page that works offline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mainstay.domain.brief import Brief
from mainstay.domain.overview import ELSE, Moved, Overview
from mainstay.report.actions import cut
from mainstay.report.figure import Figure
from mainstay.report.frame import html_of
from mainstay.report.watch import answer, drawn, signals, tables
from mainstay.report.watch.when import on
from mainstay.report.words import counted, fixed, percent

MOST_INPUTS = 6  # drawn; the table has all


@dataclass(frozen=True, slots=True)
class MovedShown:
    """One input, or the score: what it does, and its two pictures."""

    name: str
    says: str
    figures: tuple[Figure, Figure]


def told(found: Overview, brief: Brief, *, made_at: datetime) -> dict[str, Any]:
    """Everything the page says, by name: what the page and the folder of pictures show."""
    has_rows = sum(found.traffic.decisions) > 0
    inputs = [_moved(found, each, f"input-{i}") for i, each in enumerate(_first(found))] if has_rows else []
    return {
        "title": f"{found.model}/{found.version} under watch",
        "scripts": ("page.js",),
        "found": found,
        "brief": brief,
        "made_at": made_at,
        "when": f"{on(found, found.since)} to {on(found, found.at)}",
        "live_since": on(found, found.live_since) if found.live_since else "",
        "answer": answer.answer(found, brief),
        "more": answer.more(found, brief),
        "signals": signals.shown(found),
        "unsaid": signals.unsaid(found, brief),
        "calm": signals.calm(found),
        "money": drawn.money_figure(found, brief),
        "money_table": tables.money_table(found, brief),
        "inputs": inputs,
        "inputs_head": _inputs_head(found),
        "inputs_table": tables.inputs_table(found),
        "score": _moved(found, found.score, "score") if has_rows and found.score.rows else None,
        "decided": drawn.decided_figure(found),
        "record": drawn.record_figure(found),
        "record_table": tables.record_table(found),
        "withdrawn": found.estimates.withdrawn,
        "performance": drawn.performance_figure(found),
        "happened": drawn.happened_figure(found, brief),
        "performance_table": tables.performance_table(found),
        "arrival": drawn.arrival_figure(found),
        "arrival_words": _arrival_words(found),
        "outcomes_table": tables.outcomes_table(found),
        "traffic": drawn.traffic_figure(found),
        "traffic_table": tables.traffic_table(found),
        "faults_table": tables.faults_table(found),
        "reference": _reference(found),
    }


def page_of(says: dict[str, Any]) -> str:
    """The page of what is told: it asks for nothing outside it."""
    return html_of("watch.html.j2", **says)


def _first(found: Overview) -> list[Moved]:
    """The inputs to draw: those of open signals, then those that lie farthest from the reference."""
    named = [name for signal in found.signals for name in _subjects(signal.subjects)]
    by_name = {each.name: each for each in found.inputs}
    loud = [by_name[name] for name in dict.fromkeys(named) if name in by_name]
    rest = sorted((each for each in found.inputs if each not in loud), key=lambda each: -_psi(each))
    return [each for each in (*loud, *rest) if each.rows][:MOST_INPUTS]


def _subjects(subjects: tuple[str, ...]) -> list[str]:
    return [name for subject in subjects for name in (subject, subject.partition("=")[0])]


def _psi(moved: Moved) -> float:
    return moved.distances.psi if moved.distances else 0.0


def _moved(found: Overview, moved: Moved, name: str) -> MovedShown:
    says = moved_words(moved)
    return MovedShown(cut(moved.name), says, drawn.moved_figures(found, moved, says, name))


def moved_words(moved: Moved) -> str:
    """What an input did, in a sentence with its distance."""
    name, apart = cut(moved.name), moved.distances
    if apart is None:
        return f"{name}: nothing to compare"
    parts = []
    if moved.level == ELSE:
        return f"{name}: {moved.levels[0]} in the reference, {percent(moved.now[1])} something else now"
    if moved.cuts and apart.wasserstein is not None:
        parts.append(f"{fixed(apart.wasserstein, 2)} sd from the reference")
    elif moved.level:
        before, now = (shares[moved.levels.index(moved.level)] for shares in (moved.reference, moved.now))
        parts.append(f"“{cut(moved.level)}” in {percent(now)}, was {percent(before)}")
    parts.append(f"PSI {fixed(apart.psi, 2)}")
    if moved.outside >= 0.001:
        parts.append(f"{percent(moved.outside)} {'outside what was seen' if moved.cuts else 'new'}")
    if moved.missing - moved.missing_before >= 0.01:
        parts.append(f"{percent(moved.missing)} missing, was {percent(moved.missing_before)}")
    return f"{name}: {', '.join(parts)}"


def _inputs_head(found: Overview) -> str:
    named = {name for signal in found.signals if signal.verdict != "unknown" for name in _subjects(signal.subjects)}
    n = sum(each.name in named for each in found.inputs)
    if not n:
        return "No input raised a signal"
    return f"{n} of {len(found.inputs)} inputs raised a signal"


def _arrival_words(found: Overview) -> str:
    arrival = found.arrival
    if not arrival.came:
        return f"No outcome has come yet for {arrival.decided:,} decisions."
    late = (
        "" if arrival.most_days is None else f"; nine of ten of those that come do so within {_days(arrival.most_days)}"
    )
    due = f"; {arrival.due_came:,} of the {arrival.due:,} that are due" if arrival.due else "; none is due yet"
    return f"{arrival.came:,} outcomes of {arrival.decided:,} decisions are known{due}{late}."


def _days(n: float) -> str:
    return counted(round(n), "day") if n >= 1 else f"{n * 24:.0f} hours"


def _reference(found: Overview) -> str:
    rows = f"{found.n_reference:,} rows that the version was made from"
    if not found.timed:
        return f"The reference is {rows}."
    return f"The reference is {rows}, from {on(found, found.reference_from)} to {on(found, found.reference_to)}."
