"""The pictures of the watch page: what each draws, and the sentence that it found."""

from __future__ import annotations

from datetime import datetime, timedelta

import altair as alt

from mainstay.domain.brief import Brief
from mainstay.domain.estimates import VALUE, VALUE_OF_RULE
from mainstay.domain.evaluation import Estimate
from mainstay.domain.moments import parse_moment
from mainstay.domain.overview import Moved, Overview, SignalTold
from mainstay.domain.signature import SCORE
from mainstay.domain.task import Task
from mainstay.report import pictures
from mainstay.report.actions import cut, words_of
from mainstay.report.figure import Figure, figure, small_figure
from mainstay.report.metrics import LOWER_IS_BETTER, name_of, title_of
from mainstay.report.pictures import Beside, Bounded, Course, Level
from mainstay.report.watch.answer import against_promise, share_of_due
from mainstay.report.watch.ways import way_of
from mainstay.report.watch.when import marks, moments
from mainstay.report.words import counted, percent
from mainstay.stats.intervals import wilson

AS_PROMISED = {
    "as": "{what} lies where it was promised",
    "less": "{what} lies below what was promised",
    "more": "{what} lies above what was promised",
    "": "{what} over time",
}


def money_figure(found: Overview, brief: Brief) -> Figure | None:
    """Money per decision by stretch, beside what was promised and what others would have earned."""
    earned = found.earned
    if not earned.course:
        return None
    stretches, coming = moments(earned.spans), _estimated(found, VALUE)
    ends = (stretches[0][0], max(stretches[-1][1], *coming.at) if coming.at else stretches[-1][1])
    beside = [
        Beside(way_of(name, brief), values, "other" if name == VALUE_OF_RULE else "grey")
        for name, values in earned.course_otherwise.items()
    ]
    beside += [coming] if coming.at else []
    drawn = Course(
        at=pictures.middles(*zip(*stretches, strict=True)),
        ends=ends,
        name=f"{found.model}/{found.version}" if beside else "",
        ours=tuple(map(_bounded, earned.course)),
        beside=tuple(beside),
        level=_level(earned.promised),
        marks=marks(found, ends),
    )
    unit = f"{found.currency} a decision" if found.currency else "Money a decision"
    shows = f"{unit} by when was decided, outcomes due, with 95% intervals{_grey(earned.promised)}"
    says = _kept("Money", earned.value, earned.promised)
    return figure("money", lambda width: pictures.course(drawn, says=says, shows=shows, width=width))


def record_figure(found: Overview) -> Figure | None:
    """What was estimated before outcomes came, and what then came."""
    name = record_name(found)
    known = [each for each in found.estimates.periods if name in each.estimated]
    if not known or not any(name in each.realised for each in known):
        return None
    at = pictures.middles(*zip(*((parse_moment(each.start), parse_moment(each.end)) for each in known), strict=True))
    came = tuple(each.realised[name].value if name in each.realised else None for each in known)
    drawn = Course(
        at=at,
        ends=(parse_moment(known[0].start), parse_moment(known[-1].end)),
        name="estimated",
        ours=tuple(_bounded(each.estimated[name]) for each in known),
        beside=(Beside("came", came),),
    )
    what = f"{found.currency} a decision".strip() if name == VALUE else title_of(name)
    shows = f"{what} by when was decided: estimated before outcomes, with 90% intervals, and what then came"
    says = record_words(found)
    return figure("record", lambda width: pictures.course(drawn, says=says, shows=shows, width=width))


def record_name(found: Overview) -> str:
    """What the record is told of: money where it is priced, else the leading metric."""
    known = {name for each in found.estimates.periods for name in each.estimated}
    return VALUE if VALUE in known else found.performance.metric


def record_words(found: Overview) -> str:
    """How many of the estimates held what came."""
    one = next((each for each in found.estimates.record if each.metric == record_name(found)), None)
    if one is None or not one.ripe:
        return "No estimate has been proved yet"
    what = "money" if one.metric == VALUE else name_of(one.metric)
    share = f"{one.within} of {one.ripe}" if one.within != one.ripe else f"all {one.ripe}"
    return f"Estimates of {what} held what then came in {share} stretches of time, where 9 of 10 should"


def _estimated(found: Overview, name: str) -> Beside:
    """What is estimated of decisions that are not ripe yet, after the last that is."""
    known = [
        each for each in found.estimates.periods if name in each.estimated and not each.realised and not each.withdrawn
    ]
    at = tuple(parse_moment(each.start) + (parse_moment(each.end) - parse_moment(each.start)) / 2 for each in known)
    return Beside("estimated", tuple(each.estimated[name].value for each in known), "ours", at, (4, 3))


def performance_figure(found: Overview) -> Figure | None:
    """The leading metric by stretch beside what the holdout promised."""
    shown = found.performance
    if not shown.course:
        return None
    stretches = moments(shown.spans)
    ends = (stretches[0][0], stretches[-1][1])
    drawn = Course(
        at=pictures.middles(*zip(*stretches, strict=True)),
        ends=ends,
        name="",
        ours=tuple(map(_bounded, shown.course)),
        level=_level(shown.promised),
        marks=marks(found, ends),
    )
    better = ": lower is better" if shown.metric in LOWER_IS_BETTER else ""
    shows = (
        f"{title_of(shown.metric)} by when was decided, outcomes due, with 95% intervals{better}{_grey(shown.promised)}"
    )
    says = _kept(title_of(shown.metric), shown.value, shown.promised)
    return figure("performance", lambda width: pictures.course(drawn, says=says, shows=shows, width=width))


def happened_figure(found: Overview, brief: Brief) -> Figure | None:
    """Of two outcomes: the share that came, beside the share that scores made expect."""
    shown = found.performance
    if not shown.happened:
        return None
    stretches = moments(shown.spans)
    ends = (stretches[0][0], stretches[-1][1])
    n = shown.n_by_span
    came, expected = (
        sum(s * k for s, k in zip(each, n, strict=True)) / sum(n) for each in (shown.happened, shown.expected)
    )
    drawn = Course(
        at=pictures.middles(*zip(*stretches, strict=True)),
        ends=ends,
        name="came",
        ours=tuple(Bounded(share, *_wilson(share, k)) for share, k in zip(shown.happened, n, strict=True)),
        beside=(Beside("scores made expect", shown.expected),),
        is_share=True,
        from_zero=True,
        marks=marks(found, ends),
    )
    event = words_of(brief).event
    says = f"{percent(came)} had {event}, where scores made expect {percent(expected)}"
    shows = f"Share with {event} by when was decided, outcomes due, with 95% intervals"
    return figure("happened", lambda width: pictures.course(drawn, says=says, shows=shows, width=width))


def arrival_figure(found: Overview) -> Figure | None:
    """The curve of arrival."""
    arrival = found.arrival
    if not arrival.lag_days or not arrival.came:
        return None
    half = "" if arrival.half_days is None else f", half of them within {_in_days(arrival.half_days)}"
    says = f"{share_of_due(found)} of the outcomes that are due have come{half}"
    silence = "; silence counts as an outcome once it is due" if arrival.by_silence else ""
    shows = f"Share of decisions whose outcome is known, by days since they were made{silence}"
    return figure(
        "arrival",
        lambda width: pictures.arriving(
            arrival.lag_days, arrival.share, arrival.delay_days, says=says, shows=shows, width=width
        ),
    )


def traffic_figure(found: Overview) -> Figure:
    """Decisions by stretch, with rows that were refused on top."""
    seen = found.traffic
    stretches = moments(found.spans)
    bars = [("decisions", "ours", seen.decisions), ("refused", "fail", seen.refused)]
    n, n_refused = sum(seen.decisions), sum(seen.refused)
    refused = f"; {n_refused:,} rows were refused" if n_refused else ", and no row was refused"
    says = f"{n:,} decisions{refused}"
    each = _length(stretches[0][1] - stretches[0][0])
    shows = f"How many came in, by {each}"
    return figure("traffic", lambda width: pictures.volume(stretches, bars, says=says, shows=shows, width=width))


def decided_figure(found: Overview) -> Figure | None:
    """The share of the decision that moved most, by stretch."""
    seen, total = found.traffic, sum(found.traffic.decisions)
    if found.task == Task.REGRESSION or not seen.decided or not total:
        return None
    shares = {word: sum(counts) / total for word, counts in seen.decided.items()}
    word = max(shares, key=lambda each: (abs(shares[each] - seen.decided_before.get(each, shares[each])), each))
    stretches = moments(found.spans)
    ends = (stretches[0][0], stretches[-1][1])
    counts = zip(seen.decided[word], seen.decisions, strict=True)
    expected = seen.decided_before.get(word)
    drawn = Course(
        at=pictures.middles(*zip(*stretches, strict=True)),
        ends=ends,
        name="",
        ours=tuple(Bounded(n / of, *_wilson(n / of, of)) if of else None for n, of in counts),
        level=None if expected is None else Level("on the holdout", expected),
        is_share=True,
        from_zero=True,
        marks=marks(found, ends),
    )
    was = "" if expected is None else f", {percent(expected)} on the holdout"
    says = f"“{cut(word)}” was decided in {percent(shares[word])} of cases{was}"
    shows = "Share decided so by when was decided, with 95% intervals"
    return figure("decided", lambda width: pictures.course(drawn, says=says, shows=shows, width=width))


def moved_figures(found: Overview, moved: Moved, says: str, name: str) -> tuple[Figure, Figure]:
    """How one input, or the score, is spread now, and how it went."""
    stretches = moments(found.spans)
    called = cut(moved.name)
    spread = small_figure(
        f"{name}-spread",
        lambda width: pictures.shape(moved, says=says, shows="Now (line) over the reference (grey)", width=width),
    )
    return spread, small_figure(f"{name}-course", lambda width: _course_of(found, moved, stretches, called, width))


def _course_of(
    found: Overview, moved: Moved, stretches: list[tuple[datetime, datetime]], called: str, width: int
) -> alt.LayerChart:
    ends = (stretches[0][0], stretches[-1][1])
    mine = [signal.id for signal in found.signals if _is_about(signal, moved)]
    usual = moved.usual
    if moved.cuts:
        columns = zip(moved.course, moved.course_low, moved.course_high, strict=True)
        ours = tuple(
            Bounded(m, a, b) if m is not None and a is not None and b is not None else None for m, a, b in columns
        )
        level = None if usual is None else Level("reference", *usual)
        says, shows = f"{called}: the middle by time", "The middle and the middle half of rows; grey is the reference"
    else:
        ours = tuple(None if share is None else Bounded(share, share, share) for share in moved.course)
        level = None if usual is None else Level("reference", usual[0])
        says, shows = f"{called}: the share of {cut(moved.level)}", f"Share of “{cut(moved.level)}” by time"
    drawn = Course(
        at=pictures.middles(*zip(*stretches, strict=True)),
        ends=ends,
        name="",
        ours=ours,
        level=level,
        is_share=not moved.cuts,
        from_zero=not moved.cuts,
        marks=marks(found, ends, mine),
    )
    return pictures.course(drawn, says=says, shows=shows, width=width)


def _is_about(signal: SignalTold, moved: Moved) -> bool:
    return moved.name in _names(signal.subjects) or (moved.name == SCORE and signal.code == "F31-score-moved")


def _names(subjects: tuple[str, ...]) -> set[str]:
    return {name for subject in subjects for name in (subject, subject.partition("=")[0])}


def _kept(what: str, value: Estimate | None, promised: Estimate | None) -> str:
    how = "" if value is None else against_promise(value, promised)
    return AS_PROMISED[how].format(what=what)


def _bounded(each: Estimate) -> Bounded:
    return Bounded(*(each.value if bound is None else bound for bound in (each.value, each.low, each.high)))


def _level(promised: Estimate | None) -> Level | None:
    return None if promised is None else Level("promised", promised.value, promised.low, promised.high)


def _grey(promised: Estimate | None) -> str:
    return "" if promised is None else "; grey is what was promised"


def _wilson(share: float, n: int) -> tuple[float, float]:
    bounds = wilson(share * n, n)
    return bounds.low, bounds.high


def _in_days(n: float) -> str:
    return f"{counted(round(n), 'day')}" if n >= 1 else f"{n * 24:.0f} hours"


def _length(span: timedelta) -> str:
    days = span / timedelta(days=1)
    known = {1: "day", 7: "week", 1 / 24: "hour"}
    return next((word for length, word in known.items() if abs(days - length) < 1e-6), "") or (
        f"{days:g} days" if days >= 1 else f"{days * 24:g} hours"
    )
