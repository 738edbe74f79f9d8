"""A replay as a page: what was served, what it was worth, what was noticed on which day, beside the truth if known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Signal
from mainstay.domain.moments import parse_duration
from mainstay.monitoring.measured import REALISED_CODES
from mainstay.monitoring.performance import CALIBRATION, PERFORMANCE_FELL, VALUE_FELL
from mainstay.report.pictures import Mark
from mainstay.report.story import Noticed, Period, Story, lateness, render_replay, says_money
from mainstay.report.words import money, number, percent, step_of
from mainstay.simulation.change import Change
from mainstay.store.files import put_file
from mainstay.workflows.replayed import Noticed as Seen
from mainstay.workflows.replayed import Replayed

CENT = 0.01


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
    lasting = [i for i, seen in enumerate(replayed.signals) if _is_of_outcomes(seen) and seen.signal.status != "closed"]
    turn = lasting[0] if lasting else None
    story = Story(
        title=brief.model.purpose or brief.model.name,
        answer="",
        periods=tuple(_period(replayed, i) for i in range(len(replayed.periods))),
        marks=(*(Mark(c.at, _short(c), "truth") for c in truth), *_numbered(replayed.signals)),
        signals=tuple(_noticed(seen, known[seen.signal.id], brief) for seen in replayed.signals),
        missed=tuple(change.says for change in truth if change not in told),
        currency=brief.value.currency,
        baseline="today's rule" if brief.today.rule else "the same for everybody",
        next_steps=("mainstay status", "mainstay train"),
        turn_at=None if turn is None else datetime.fromisoformat(replayed.signals[turn].signal.since),
    )
    if not replayed.value:
        return replace(story, answer=_lived(replayed))
    return replace(story, answer=_answer(story, turn), more=(_lived(replayed),))


def explains(change: Change, signal: Signal) -> bool:
    """Say whether a change of the truth is what a signal is about: its columns, or the outcome where no input moves."""
    names = {subject.partition("=")[0] for subject in signal.finding.subjects}
    if change.columns:
        return bool(names & set(change.columns))
    return signal.finding.code.startswith("F32")


def _truth_of(seen: Seen, truth: Sequence[Change]) -> Change | None:
    earlier = [change for change in truth if change.at <= seen.noticed_at and explains(change, seen.signal)]
    return earlier[-1] if earlier else None


def in_words(signal: Signal, currency: str, each: str = "decision") -> str:
    """Say what a signal noticed in the reader's words: money with its currency per `each`, shares as they came.

    >>> from mainstay.domain.finding import Finding, Verdict
    >>> finding = Finding(code=VALUE_FELL, verdict=Verdict.FAIL, because="", measured=-2.131, limit=10.48)
    >>> in_words(Signal(id="1", finding=finding, since="2025-07-01", cause="world"), "USD", "sign-up")
    'worth USD −2.13 a sign-up where the holdout promised 10.48'
    """
    finding = signal.finding
    measured, limit = finding.measured, finding.limit
    if measured is not None and limit is not None:
        if finding.code == VALUE_FELL:
            step = max(min(step_of(measured), step_of(limit)), CENT)
            return f"worth {money(measured, currency, step)} a {each} where the holdout promised {number(limit, step)}"
        if finding.code == PERFORMANCE_FELL:
            return f"ranks worse: ROC AUC {measured:.2f} where the holdout promised {limit:.2f}"
        if finding.code == CALIBRATION:
            return f"{percent(measured)} of known outcomes were positive where scores expected {percent(limit)}"
    about = f"{', '.join(finding.subjects)}: " if finding.subjects else ""
    return f"{about}{finding.because}"


def _answer(story: Story, turn: int | None) -> str:
    """The money before and after the turn, and how late it was noticed."""
    if turn is None:
        return f"{says_money(story)}."
    late = lateness(story.signals[turn])
    return f"{says_money(story)}. {late[:1].upper()}{late[1:]}."


def _lived(replayed: Replayed) -> str:
    lived = f"{replayed.decisions:,} decisions from {replayed.train_until:%d %B %Y} on"
    raised = f"{len(replayed.signals)} signal{'' if len(replayed.signals) == 1 else 's'} raised"
    return f"Lived through {lived}: {raised}."


def _is_of_outcomes(seen: Seen) -> bool:
    return seen.signal.finding.code in {PERFORMANCE_FELL, CALIBRATION, *REALISED_CODES}


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
    return f"{change.columns[0]} changes" if change.columns else "outcomes change"


def _numbered(signals: Sequence[Seen]) -> tuple[Mark, ...]:
    """Signals carry the number of the list below the picture: their names would hide each other."""
    return tuple(Mark(seen.noticed_at, str(no), "signal") for no, seen in enumerate(signals, start=1))


def _noticed(seen: Seen, change: Change | None, brief: Brief) -> Noticed:
    signal = seen.signal
    wait = parse_duration(brief.data.outcome_delay) / timedelta(days=1)
    return Noticed(
        what=in_words(signal, brief.value.currency),
        noticed_at=seen.noticed_at,
        since=datetime.fromisoformat(signal.since),
        cause=signal.cause,
        remedy=signal.finding.remedy,
        truth="" if change is None else change.says,
        truth_at=None if change is None else change.at,
        wait_days=wait if _is_of_outcomes(seen) else None,
    )
