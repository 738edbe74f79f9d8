"""What a model waits for: each thing with its reason and the command that ends the wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Summary, read_summary
from mainstay.domain.instead import instead_of_deploying, toward_deploying
from mainstay.domain.life import Life, VersionLife
from mainstay.domain.moments import span
from mainstay.workflows.time_box import TimeBox
from mainstay.workflows.traffic import Traffic

REVIEW_AHEAD = timedelta(days=30)  # a month is what it takes to get people into a room


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that is waited for. `n` counts it where it can be counted; `remedy` is empty where only time helps."""

    code: str
    because: str
    n: int | None = None
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the waits are read from."""

    life: Life
    brief: Brief | None
    worth: Summary | None
    traffic: Traffic
    time_box: TimeBox | None
    at: datetime


def waits(standing: Standing) -> Iterator[Waiting]:
    """Say what is waited for: what people must do first, then what traffic brings, then what only time does."""
    for wait in (_version, _deployment, _time_box, _value, _decisions, _spool, _watch, _missing, _review, _early):
        yield from wait(standing)


def _version(standing: Standing) -> Iterator[Waiting]:
    if not standing.life.versions:
        yield Waiting("no-version", "Nothing is trained yet.", remedy="mainstay train")


def _deployment(standing: Standing) -> Iterator[Waiting]:
    life = standing.life
    if not life.versions:
        return
    newest = life.versions[-1]
    name = f"{life.model}/{newest.number}"
    if life.live is None:
        yield _first_deployment(name, newest)
    elif newest.number > life.live and _may_follow(life, newest):
        yield _newer(name, newest)


def _may_follow(life: Life, newest: VersionLife) -> bool:
    is_open = life.status(newest.number) == "ready" or (newest.awaits_exam and newest.number not in life.once_live)
    return is_open and not instead_of_deploying(read_summary(newest.summary))


def _newer(name: str, newest: VersionLife) -> Waiting:
    if not newest.is_examined:
        because = f"{name} was never live, and nobody has examined it."
        return Waiting("newer-version", because, remedy=f"mainstay check {name}")
    because = f"{name} is ready and was never live."
    return Waiting("newer-version", because, remedy=f"mainstay report {name}, then mainstay deploy {name}")


def _first_deployment(name: str, newest: VersionLife) -> Waiting:
    if not newest.failed_gates or newest.awaits_exam:
        return Waiting("nothing-live", "No version is live.", remedy=toward_deploying(name, newest))
    failed = ", ".join(newest.failed_gates)
    because = f"No version is live, and {name} failed its gates: {failed}."
    return Waiting("gates-failed", because, n=len(newest.failed_gates), remedy=f"mainstay report {name}")


def _time_box(standing: Standing) -> Iterator[Waiting]:
    box = standing.time_box
    if box is None or box.limit is None or not box.is_missed:
        return
    because = f"The time box is over: {span(box.taken)} since the first fit of {span(box.limit)}, and nothing is live."
    remedy = "Deploy the simplest version that passes its gates, or move time_box in mainstay.toml and say why"
    yield Waiting("time-box", because, n=box.taken.days, remedy=remedy)


def _value(standing: Standing) -> Iterator[Waiting]:
    if standing.worth is not None and standing.worth.value is None:
        yield Waiting(
            "no-value",
            "The brief does not say what an outcome is worth, so nobody knows what the model is worth.",
            remedy="Fill [value] in mainstay.toml, then: mainstay train",
        )


def _decisions(standing: Standing) -> Iterator[Waiting]:
    if standing.life.live is not None and not standing.traffic.decisions and not standing.traffic.spooled.rows:
        yield Waiting("no-decisions", "Nobody has asked for a decision yet.", n=0, remedy="mainstay serve")


def _spool(standing: Standing) -> Iterator[Waiting]:
    spooled = standing.traffic.spooled
    if spooled.rows:
        since = f", the oldest since {_moment(spooled.oldest_at)}" if spooled.oldest_at is not None else ""
        because = f"{_count(spooled.rows, 'row')} in the spool wait for the journal{since}."
        yield Waiting("spool", because, n=spooled.rows, remedy="mainstay watch --once")


def _watch(standing: Standing) -> Iterator[Waiting]:
    unseen, since = standing.traffic.unseen, standing.traffic.unseen_since
    if unseen and since is not None:
        because = f"{_count(unseen, 'decision')}, the first of {_moment(since)}, wait for the watch to look."
        yield Waiting("unwatched", because, n=unseen, remedy="mainstay watch --once")


def _missing(standing: Standing) -> Iterator[Waiting]:
    due, missing, brief = standing.traffic.due, standing.traffic.missing, standing.brief
    if not missing:
        return
    silence = brief is not None and brief.data.no_outcome_means == "negative"
    because = f"{missing:,} of the {_count(due, 'outcome')} that are due have not come" + (
        "; the watch will take their silence as negative." if silence else "."
    )
    yield Waiting("outcomes-missing", because, n=missing, remedy="mainstay outcomes FILE")


def _early(standing: Standing) -> Iterator[Waiting]:
    early, next_at = standing.traffic.early, standing.traffic.next_due_at
    if early and next_at is not None:
        because = f"{_count(early, 'outcome')} not due yet; the next on {next_at:%Y-%m-%d}."
        yield Waiting("outcomes-early", because, n=early)


def _count(n: int, what: str) -> str:
    """Write a count.

    >>> _count(1, "row"), _count(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{n:,} {what}{'s' * (n != 1)}"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at is not None else ""


def _review(standing: Standing) -> Iterator[Waiting]:
    by = standing.brief.model.review_by if standing.brief is not None else None
    days = (by - standing.at.date()).days if by is not None else None
    if days is None or days > REVIEW_AHEAD.days:
        return
    said = f"was due on {by}" if days < 0 else f"is due on {by}"
    remedy = "Look at mainstay report and mainstay signals; then move review_by in mainstay.toml, or retire the model"
    yield Waiting("review", f"A review {said}.", n=days, remedy=remedy)
