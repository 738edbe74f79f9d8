"""A replay as a page: what was served, what it was worth, what was noticed on which day, beside the truth if known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Signal
from mainstay.report.pictures import Mark
from mainstay.report.story import Noticed, Period, Story, render_replay
from mainstay.simulation.change import Change
from mainstay.store.files import put_file
from mainstay.workflows.replayed import Noticed as Seen
from mainstay.workflows.replayed import Replayed


def write_story(
    replayed: Replayed, brief: Brief, out: Path, *, made_at: datetime, truth: Sequence[Change] = ()
) -> Path:
    """Write the page of a replay to `out` and return its path; `truth` is what really changed, where it is known."""
    page = render_replay(tell(replayed, brief, truth), version=replayed.summary.version, made_at=made_at)
    put_file(out, page.encode())
    return out


def tell(replayed: Replayed, brief: Brief, truth: Sequence[Change] = ()) -> Story:
    """Return a replay as a story."""
    known = {seen.signal.id: _truth_of(seen, truth) for seen in replayed.signals}
    told = [change for change in known.values() if change is not None]
    return Story(
        title=brief.model.purpose or brief.model.name,
        answer=_answer(replayed, brief),
        periods=tuple(_period(replayed, i) for i in range(len(replayed.periods))),
        marks=(*(Mark(c.at, _short(c), "truth") for c in truth), *map(_mark, replayed.signals)),
        signals=tuple(_noticed(seen, known[seen.signal.id]) for seen in replayed.signals),
        missed=tuple(change.says for change in truth if change not in told),
        currency=brief.value.currency,
        baseline="today’s rule" if brief.today.rule else "the same for everybody",
        next_steps=("mainstay status", "mainstay train"),
    )


def explains(change: Change, signal: Signal) -> bool:
    """Say whether a change of the truth is what a signal is about: its columns, or the outcome where no input moves."""
    names = {subject.partition("=")[0] for subject in signal.finding.subjects}
    if change.columns:
        return bool(names & set(change.columns))
    return signal.finding.code.startswith("F32")


def _truth_of(seen: Seen, truth: Sequence[Change]) -> Change | None:
    earlier = [change for change in truth if change.at <= seen.noticed_at and explains(change, seen.signal)]
    return earlier[-1] if earlier else None


def _answer(replayed: Replayed, brief: Brief) -> str:
    lived = f"{replayed.decisions:,} decisions from {replayed.train_until:%d %B %Y} on"
    raised = f"{len(replayed.signals)} signal{'' if len(replayed.signals) == 1 else 's'} raised"
    ahead = replayed.value.get("ahead")
    if ahead is None or ahead.low is None or ahead.high is None:
        return f"Lived through {lived}: {raised}."
    worth = f"{brief.value.currency} {ahead.value:,.2f} a decision over what is done without the model"
    return f"Lived through {lived}: worth {worth} (likely {ahead.low:,.2f} to {ahead.high:,.2f}), {raised}."


def _period(replayed: Replayed, i: int) -> Period:
    period = replayed.periods[i]
    return Period(
        at=period.start,
        decisions=period.decisions,
        value_mainstay=_value(period.value.get("mainstay")),
        value_baseline=_value(period.value.get("baseline")),
        roc_auc=_value(period.metrics.get("roc_auc")),
    )


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value


def _short(change: Change) -> str:
    return f"{change.columns[0]} changes" if change.columns else f"{change.kind} changes"


def _mark(seen: Seen) -> Mark:
    finding = seen.signal.finding
    words = finding.code.partition("-")[2].replace("-", " ")
    return Mark(seen.noticed_at, finding.subjects[0] if finding.subjects else words, "signal")


def _noticed(seen: Seen, change: Change | None) -> Noticed:
    signal = seen.signal
    about = f"{', '.join(signal.finding.subjects)}: " if signal.finding.subjects else ""
    return Noticed(
        what=f"{about}{signal.finding.because}",
        noticed_at=seen.noticed_at,
        since=datetime.fromisoformat(signal.since),
        cause=signal.cause,
        remedy=signal.finding.remedy,
        truth="" if change is None else change.says,
        truth_at=None if change is None else change.at,
    )
