"""The page of a replay or a demo: what was served, what was noticed on which day, and what it was worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mainstay.report import pictures
from mainstay.report.cells import NONE, Cell, Column, Table, count_cell
from mainstay.report.figure import Figure, figure
from mainstay.report.frame import html_of
from mainstay.report.pictures import Mark
from mainstay.report.turn import Period, Turn, money_words, ranking_words, turned, value_words
from mainstay.report.words import counted, day, number, step_of

__all__ = ["Noticed", "Period", "Story", "lateness", "render_replay", "says_money"]

SECONDS_A_DAY = 86400
ALWAYS_SHOWN = 4  # columns of the signals that every story knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """A signal as the story tells it. `truth` and `truth_at` say what really changed and when, where that is known.

    `wait_days` is how long outcomes take to be known, for a signal that rests on outcomes; None for any other.
    """

    what: str
    noticed_at: datetime
    since: datetime | None = None
    cause: str = ""
    remedy: str = ""
    truth: str = ""
    truth_at: datetime | None = None
    wait_days: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A history retold: `answer` is the sentence on top, `more` what follows it, `marks` the named verticals.

    `missed` are changes of the truth that no signal noticed; `turn_at` is when what it was worth changed for good, as
    the first lasting signal about outcomes says.
    """

    title: str
    answer: str
    periods: tuple[Period, ...]
    more: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    signals: tuple[Noticed, ...] = ()
    missed: tuple[str, ...] = ()
    currency: str = ""
    baseline: str = "today's rule"
    next_steps: tuple[str, ...] = ()
    turn_at: datetime | None = None


def render_replay(story: Story, *, version: str, made_at: datetime) -> str:
    """One offline HTML page of a story, in the look of the report. `version` names the version that was replayed."""
    return html_of(
        "story.html.j2",
        title=f"{story.title} · {version}",
        scripts=("page.js",),
        story=story,
        version=version,
        made_at=made_at,
        pictures=[drawn for drawn in (_money(story, version), _ranking(story)) if drawn],
        signals=_signals(story),
        lateness=[lateness(signal) for signal in story.signals],
        periods=_periods(story, version),
    )


def says_money(story: Story) -> str:
    """What deciding so was worth, before and after the turn where there is one, each with its likely range."""
    return value_words(_turn(story), story.currency, story.baseline)


def _turn(story: Story) -> Turn:
    return turned(story.periods, story.turn_at)


def _money(story: Story, version: str) -> Figure | None:
    names = (
        (version, "value_mainstay"),
        (story.baseline, "value_baseline"),
        ("never retrained", "value_never_retrained"),
    )
    lines = {name: [getattr(period, key) for period in story.periods] for name, key in names}
    lines = {name: values for name, values in lines.items() if any(value is not None for value in values)}
    if not lines:
        return None
    unit = f"{story.currency} a decision" if story.currency else "Money a decision"
    return _timeline(
        story,
        "money",
        lines,
        money_words(_turn(story), story.currency, story.baseline),
        f"{unit} by period, with what happened and when",
    )


def _ranking(story: Story) -> Figure | None:
    if all(period.roc_auc is None for period in story.periods):
        return None
    lines = {"ROC AUC": [period.roc_auc for period in story.periods]}
    shows = "ROC AUC by period: 1 ranks perfectly, 0.5 is chance"
    return _timeline(story, "ranking", lines, ranking_words(_turn(story)), shows)


def _timeline(story: Story, name: str, lines: dict[str, list[float | None]], says: str, shows: str) -> Figure:
    at = [period.at for period in story.periods]
    return figure(
        name,
        lambda width: pictures.watch_timeline(at, lines, marks=story.marks, says=says, shows=shows, width=width),
    )


def _signals(story: Story) -> Table:
    """The signals; what is known of none of them (the truth, how late) has no column."""
    rows = [_signal(i, signal) for i, signal in enumerate(story.signals, start=1)]
    columns = (
        Column("no."),
        Column("what", is_number=False),
        Column("since"),
        Column("noticed on"),
        Column("truth", is_number=False),
        Column("truth since"),
        Column("days until noticed"),
    )
    kept = [i for i in range(len(columns)) if i < ALWAYS_SHOWN or any(row[i].text != NONE for row in rows)]
    beside = ", beside the truth" if len(kept) > ALWAYS_SHOWN + 1 else ""
    shown = tuple(tuple(row[i] for i in kept) for row in rows)
    return Table("signals", f"What was noticed{beside}", tuple(columns[i] for i in kept), shown)


def _signal(no: int, signal: Noticed) -> tuple[Cell, ...]:
    late = _days_late(signal)
    return (
        Cell(str(no), float(no)),
        Cell(signal.what),
        Cell(day(signal.since) if signal.since else NONE, _sort(signal.since)),
        Cell(day(signal.noticed_at), _sort(signal.noticed_at)),
        Cell(signal.truth or NONE),
        Cell(day(signal.truth_at) if signal.truth_at else NONE, _sort(signal.truth_at)),
        Cell(NONE if late is None else number(late, 1.0), late),
    )


def _periods(story: Story, version: str) -> Table:
    shown: list[tuple[str, str, str]] = [
        (version, story.currency, "value_mainstay"),
        (story.baseline, story.currency, "value_baseline"),
        ("never retrained", story.currency, "value_never_retrained"),
        ("ROC AUC", "", "roc_auc"),
    ]
    kept = [each for each in shown if any(getattr(period, each[2]) is not None for period in story.periods)]
    rows = tuple(
        (
            Cell(day(period.at), _sort(period.at)),
            count_cell(period.decisions),
            *(_measured(getattr(period, key)) for _, _, key in kept),
        )
        for period in story.periods
    )
    columns = (Column("period from", is_number=False), Column("decisions"))
    return Table("periods", "Period by period", columns + tuple(Column(n, unit) for n, unit, _ in kept), rows)


def _measured(value: Any) -> Cell:
    return Cell(NONE) if value is None else Cell(number(value, step_of(value)), value)


def lateness(signal: Noticed) -> str:
    """When it was noticed, how long after it began, and how much of that no one could have spared."""
    days = _days_late(signal)
    if days is None:
        return f"noticed on {day(signal.noticed_at)}"
    began = "it began" if signal.truth_at else "it seems to have begun"
    late = counted(round(days), "day") + " after" if round(days) else "the day that"
    waited = ""
    if signal.wait_days and days >= signal.wait_days:
        waited = f", of which {counted(round(signal.wait_days), 'day')} are the wait for outcomes"
    return f"noticed on {day(signal.noticed_at)}, {late} {began}{waited}"


def _days_late(signal: Noticed) -> float | None:
    """From the truth where it is known; a signal about outcomes else from where it seems to have begun."""
    began = signal.truth_at or (signal.since if signal.wait_days is not None else None)
    return None if began is None else (signal.noticed_at - began).total_seconds() / SECONDS_A_DAY


def _sort(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
