"""How a model stands: what is live, what it is worth, what is wrong, and what is waited for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from mainstay.bundle.inspect import Contents, inspect
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.errors import BriefError, MainstayError, NotFound
from mainstay.domain.estimates import Estimates
from mainstay.domain.evaluation import Summary, read_summary
from mainstay.domain.finding import ORDER, Signal
from mainstay.domain.life import Life, fold
from mainstay.domain.moments import parse_duration
from mainstay.monitoring.realised import Realised, realised
from mainstay.store.home import Home, find_home
from mainstay.store.journal import Journal
from mainstay.store.project import read_brief
from mainstay.workflows.estimates import estimates_of
from mainstay.workflows.place import known_model
from mainstay.workflows.shadow import Shadowed, shadowed
from mainstay.workflows.time_box import TimeBox, time_box
from mainstay.workflows.traffic import Traffic, traffic
from mainstay.workflows.waiting import Standing, Waiting, waits

__all__ = ["Realised", "Shadowed", "Status", "TimeBox", "Traffic", "Waiting", "status", "statuses"]


@dataclass(frozen=True, slots=True)
class Status:
    """A model at a moment.

    `worth` is what training measured of the live version, or of the newest if none is live; `realised` what the live
    version has earned on ripe decisions, `estimates` what is thought of those that are not, and how right that proved.
    """

    life: Life
    at: datetime
    worth: Summary | None
    realised: Realised | None
    estimates: Estimates | None
    traffic: Traffic
    shadow: Shadowed | None
    signals: tuple[Signal, ...]
    waiting: tuple[Waiting, ...]
    time_box: TimeBox | None


def statuses(folder: Path, model: str | None, *, at: datetime) -> tuple[Status, ...]:
    """Say how the model asked for stands, or every model of the home; raises `NotFound`."""
    home = find_home(folder)
    brief, problem = _project_brief(folder)
    own = brief.model.name if brief is not None else None
    names = home.ledger.models() or ((own,) if own else ())
    if model is not None:
        names = (known_model(home, model),)
    if not names:
        raise NotFound(
            "no model is kept here yet", remedy="Draft one: mainstay init FOLDER --data FILE --target COLUMN"
        )
    seen = tuple(status(home, name, brief=brief if name == own else None, at=at) for name in names)
    return tuple(replace(each, waiting=(*problem, *each.waiting)) for each in seen) if problem else seen


def _project_brief(folder: Path) -> tuple[Brief | None, tuple[Waiting, ...]]:
    """Return a folder's brief if it can be read; a wrong one must not hide how the model stands."""
    try:
        return read_brief(folder)[1], ()
    except NotFound:
        return None, ()
    except BriefError as error:
        return None, (Waiting("brief-wrong", f"The brief cannot be read: {error.what}", remedy=error.remedy),)


def status(home: Home, model: str, *, brief: Brief | None, at: datetime) -> Status:
    """Say how a model stands; `brief` is the project's, or None where there is only a home."""
    events = home.ledger.events(model, until=at)
    life = fold(model, events)
    contents = _in_force(home, life)
    in_force = parse_brief(contents.brief) if contents is not None else brief
    delay = parse_duration(in_force.data.outcome_delay) if in_force is not None else timedelta()
    seen = traffic(home, model, outcome_delay=delay, at=at)

    worth = worth_of(life)
    box = time_box(events, brief or in_force, at=at)
    standing = Standing(life, in_force, worth, seen, box, at)

    return Status(
        life=life,
        at=at,
        worth=worth,
        realised=_earned(home, life, contents, delay, at),
        estimates=estimates_of(home, model, at=at) if contents is not None else None,
        traffic=seen,
        shadow=shadowed(home, life),
        signals=tuple(sorted(life.signals_at(at), key=_badness)),
        waiting=tuple(waits(standing)),
        time_box=box,
    )


def _in_force(home: Home, life: Life) -> Contents | None:
    """Return the live version's bundle; None if nothing is live or it is torn, of which the doctor tells."""
    if life.live is None:
        return None
    try:
        return inspect(home.artifacts.version_files(life.model, life.live))
    except MainstayError:
        return None


def _earned(home: Home, life: Life, contents: Contents | None, delay: timedelta, at: datetime) -> Realised | None:
    if contents is None or life.live is None:
        return None
    cells = Journal(home, life.model).plain_cells(life.live, known_at=at)
    return realised(cells, contents.reference, outcome_delay=delay, at=at)


def worth_of(life: Life) -> Summary | None:
    """Return what training measured of the live version, or of the newest if none is live; None before training."""
    number = life.live if life.live is not None else (life.versions[-1].number if life.versions else None)
    version = life.version(number) if number is not None else None
    return read_summary(version.summary) if version is not None else None


def _badness(signal: Signal) -> tuple[int, str]:
    return -ORDER.index(signal.finding.verdict), signal.since
