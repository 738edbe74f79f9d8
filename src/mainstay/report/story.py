"""The page of a replay or a demo: what was served, what was noticed on which day, and what it was worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from mainstay.report import pictures
from mainstay.report.cells import NONE, Cell, Column, Table, count_cell
from mainstay.report.figure import Figure, figure
from mainstay.report.frame import html_of
from mainstay.report.pictures import Mark
from mainstay.report.words import counted, day, fixed, likely, money, number, step_of
from mainstay.stats.intervals import Interval, ratio_interval

SECONDS_A_DAY = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period from `at` on: how many decisions, money per decision by way of deciding, and how well it ranked.

    None where the truth is not known or the way was not followed.
    """

    at: datetime
    decisions: int
    value_mainstay: float | None = None
    value_baseline: float | None = None
    value_never_retrained: float | None = None
    roc_auc: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """A signal as the story tells it. `truth` and `truth_at` say what really changed and when, where that is known."""

    what: str
    noticed_at: datetime
    since: datetime | None = None
    cause: str = ""
    remedy: str = ""
    truth: str = ""
    truth_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A history retold: `answer` is the sentence on top, `more` what follows it, `marks` the named verticals.

    `missed` are changes of the truth that no signal noticed.
    """

    title: str
    answer: str
    periods: tuple[Period, ...]
    more: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    signals: tuple[Noticed, ...] = ()
    missed: tuple[str, ...] = ()
    currency: str = ""
    baseline: str = "today’s rule"
    next_steps: tuple[str, ...] = ()


def render_replay(story: Story, *, version: str, made_at: datetime) -> str:
    """One offline HTML page of a story, in the look of the report. `version` names the version that was replayed."""
    ahead = over_baseline(story)
    return html_of(
        "story.html.j2",
        title=f"{story.title} · {version}",
        scripts=("page.js",),
        story=story,
        version=version,
        made_at=made_at,
        pictures=[drawn for drawn in (_money(story, ahead), _ranking(story)) if drawn],
        signals=_signals(story),
        lateness=[_lateness(signal) for signal in story.signals],
        periods=_periods(story),
    )


def over_baseline(story: Story) -> Interval | None:
    """Money per decision over the baseline across all periods that know both, each period a cluster; None without.

    Unit: currency per decision. Periods are taken as independent of one another.
    """
    both = [
        (period.decisions, period.value_mainstay - period.value_baseline)
        for period in story.periods
        if period.decisions and period.value_mainstay is not None and period.value_baseline is not None
    ]
    if not both:
        return None
    n, ahead = (np.array(column, dtype=np.float64) for column in zip(*both, strict=True))
    return ratio_interval(n * ahead, n)


def _money(story: Story, ahead: Interval | None) -> Figure | None:
    names = (
        ("Mainstay", "value_mainstay"),
        (story.baseline, "value_baseline"),
        ("never retrained", "value_never_retrained"),
    )
    lines = {name: [getattr(period, key) for period in story.periods] for name, key in names}
    lines = {name: values for name, values in lines.items() if any(value is not None for value in values)}
    if not lines:
        return None
    unit = f"{story.currency} a decision" if story.currency else "Money a decision"
    return _timeline(story, "money", lines, _says_money(story, ahead), f"{unit} by period, with what happened and when")


def _says_money(story: Story, ahead: Interval | None) -> str:
    if ahead is None:
        return "Money per decision over time"
    step = step_of(ahead.value, ahead.low, ahead.high)
    if not ahead.known or ahead.low <= 0 <= ahead.high:
        return f"Over the whole time the money cannot be told from {story.baseline}"
    amount = money(abs(ahead.value), story.currency, step)
    more, bounds = ("more", (ahead.low, ahead.high)) if ahead.value > 0 else ("less", (-ahead.high, -ahead.low))
    return f"Worth {amount} a decision {more} than {story.baseline} over the whole time ({likely(*bounds, step)})"


def _ranking(story: Story) -> Figure | None:
    known = [period.roc_auc for period in story.periods if period.roc_auc is not None]
    if not known:
        return None
    says = f"Ranking lay between {fixed(min(known), 2)} and {fixed(max(known), 2)}"
    lines = {"ROC AUC": [period.roc_auc for period in story.periods]}
    return _timeline(story, "ranking", lines, says, "ROC AUC by period: 1 ranks perfectly, 0.5 is chance")


def _timeline(story: Story, name: str, lines: dict[str, list[float | None]], says: str, shows: str) -> Figure:
    at = [period.at for period in story.periods]
    return figure(
        name,
        lambda width: pictures.watch_timeline(at, lines, marks=story.marks, says=says, shows=shows, width=width),
    )


def _signals(story: Story) -> Table:
    rows = []
    for signal in story.signals:
        late = _days_late(signal)
        rows.append(
            (
                Cell(signal.what),
                Cell(day(signal.since) if signal.since else NONE, _sort(signal.since)),
                Cell(day(signal.noticed_at), _sort(signal.noticed_at)),
                Cell(signal.truth or NONE),
                Cell(day(signal.truth_at) if signal.truth_at else NONE, _sort(signal.truth_at)),
                Cell(NONE if late is None else number(late, 1.0), late),
            )
        )
    columns = (
        Column("what", is_number=False),
        Column("since"),
        Column("noticed on"),
        Column("truth", is_number=False),
        Column("truth since"),
        Column("days until noticed"),
    )
    return Table("signals", "What was noticed, beside the truth where it is known", columns, tuple(rows))


def _periods(story: Story) -> Table:
    shown: list[tuple[str, str, str]] = [
        ("Mainstay", story.currency, "value_mainstay"),
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


def _lateness(signal: Noticed) -> str:
    """When it was noticed, and how long after it began."""
    days = _days_late(signal)
    if days is None:
        return f"noticed on {day(signal.noticed_at)}"
    late = counted(round(days), "day") + " after" if round(days) else "the day that"
    return f"noticed on {day(signal.noticed_at)}, {late} it began"


def _days_late(signal: Noticed) -> float | None:
    if signal.truth_at is None:
        return None
    return (signal.noticed_at - signal.truth_at).total_seconds() / SECONDS_A_DAY


def _sort(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
