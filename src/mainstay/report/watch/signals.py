"""Open signals as the page tells them, what is calm, and what cannot be said."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.domain.brief import Brief
from mainstay.domain.overview import Moved, Overview, SignalCost, SignalTold
from mainstay.report.actions import cut
from mainstay.report.estimates import how_likely
from mainstay.report.watch.answer import why_not
from mainstay.report.watch.when import on
from mainstay.report.words import fixed, money, step_of

SHAPES = {"pass": "●", "warn": "▲", "fail": "■", "unknown": "○"}
WORDS = {"fail": "grave", "warn": "warning", "unknown": "notice"}
NEAR = 0.25  # sd (or Jensen-Shannon distance) up to which something lies where it did


@dataclass(frozen=True, slots=True)
class Shown:
    """One signal in words."""

    id: str
    verdict: str
    shape: str
    word: str
    title: str
    because: str
    cost: str
    remedy: str
    code: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsaid:
    """What cannot be said, why, and what would help."""

    what: str
    why: str
    remedy: str = ""


def shown(found: Overview) -> list[Shown]:
    """Alarms, the worst first."""
    return [_shown(found, signal) for signal in found.signals if signal.verdict != "unknown"]


def unsaid(found: Overview, brief: Brief) -> list[Unsaid]:
    """What cannot be said: notices of the watch, and what a brief or missing outcomes leave open."""
    told = [
        Unsaid(signal.because, f"since {on(found, signal.since)}", signal.remedy)
        for signal in found.signals
        if signal.verdict == "unknown"
    ]
    if found.earned.value is None and brief.value.task is None:
        told.append(Unsaid("what it earns", "the brief states no value of decisions", "Say it under [value]."))
    if found.earned.value is None and found.performance.value is None:
        told.append(Unsaid("how well it foretells", why_not(found)))
    if not found.timed:
        told.append(
            Unsaid("what a season does", "the rows it learned from carry no time", "Name the column: data.time.")
        )
    if brief.decision.control_share == 0:
        why = "every case is decided by the model, so what acting on it changes looks like drift"
        told.append(Unsaid("what our own acts change", why, "Leave a slice to chance: decision.control_share."))
    return told


def calm(found: Overview) -> list[str]:
    """What is watched and well, a sentence each."""
    loud = {
        name for signal in found.signals for subject in signal.subjects for name in (subject, subject.partition("=")[0])
    }
    codes = {signal.code for signal in found.signals}
    quiet = [each for each in found.inputs if each.name not in loud]
    said = []
    if quiet:
        said.append(_inputs(quiet, len(found.inputs)))
    if "F31-score-moved" not in codes and found.score.distances is not None:
        said.append(_scores(found.score))
    if not codes & {"F31-outcomes-missing", "F31-no-outcomes"} and found.arrival.came:
        said.append("Outcomes come as they used to.")
    if any(found.traffic.decisions) and not any(found.traffic.refused):
        said.append("No row was refused.")
    if "F28-silence" not in codes and any(found.traffic.decisions):
        said.append("Decisions come without a gap that would be news.")
    return said


def _scores(score: Moved) -> str:
    apart = score.distances
    far = 0.0 if apart is None else apart.wasserstein or 0.0
    if far <= NEAR:
        return "Scores lie where they did in the reference."
    return (
        f"Scores lie {fixed(far, 2)} standard deviations from the reference, which is within how its own periods "
        "differed: no signal."
    )


def _inputs(quiet: list[Moved], n: int) -> str:
    names = ", ".join(cut(each.name) for each in quiet)
    if len(quiet) == n:
        return f"No input raised a signal ({n} watched): {names}."
    return f"{len(quiet)} of {n} inputs raised no signal: {names}."


def _shown(found: Overview, signal: SignalTold) -> Shown:
    acknowledged = f" ({signal.status})" if signal.status != "open" else ""
    return Shown(
        id=signal.id,
        verdict=signal.verdict,
        shape=SHAPES[signal.verdict],
        word=WORDS[signal.verdict],
        title=f"Since {on(found, signal.since)}{acknowledged}; likely cause: {signal.cause}.",
        because=signal.because,
        cost=_cost(found, signal),
        remedy=signal.remedy,
        code=signal.code,
        subjects=signal.subjects,
    )


def _cost(found: Overview, signal: SignalTold) -> str:
    if signal.cost is None:
        return f"Cost: {signal.no_cost}."
    return _refused(found, signal.cost) if signal.cost.basis == "refused" else _missed(found, signal.cost)


def _missed(found: Overview, cost: SignalCost) -> str:
    so_far, rows = cost.so_far, f"{cost.rows:,} decisions since then whose outcomes are due"
    if so_far.low is None or so_far.high is None or so_far.low <= 0 <= so_far.high:
        return f"Cost: none that can be told on {rows} ({how_likely(so_far)}, {found.currency})."
    if so_far.high < 0:
        return f"Cost: none; {rows} earned more than their scores made expect."
    amount = money(so_far.value, found.currency, step_of(so_far.value, so_far.low, so_far.high))
    how = f"{rows} earned so much less than their scores made expect"
    return f"Cost: {amount} so far ({how_likely(so_far)}): {how}{_a_month(found, cost)}."


def _refused(found: Overview, cost: SignalCost) -> str:
    amount = money(cost.so_far.value, found.currency, step_of(cost.so_far.value, cost.so_far.low, cost.so_far.high))
    return f"Cost: about {amount} so far, for {cost.rows:,} rows that got no decision{_a_month(found, cost)}."


def _a_month(found: Overview, cost: SignalCost) -> str:
    each = cost.a_month
    if each is None:
        return ""
    return f"; about {money(each.value, found.currency, step_of(each.value, each.low, each.high))} a month at this pace"
