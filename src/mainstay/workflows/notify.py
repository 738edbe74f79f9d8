"""Telling people: what the history says must be told, to whom, when; each message once, and again until it is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mainstay.bundle.inspect import inspect
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.brief.notify import NotifyPart
from mainstay.domain.errors import NotFound, Undelivered, did_you_mean
from mainstay.domain.life import Life
from mainstay.domain.moments import iso
from mainstay.domain.notice import Letter, Notice, Outbox, Topic
from mainstay.monitoring.notices import due, failed, hurried, planned, sent
from mainstay.store.home import Home
from mainstay.store.outbox import read_outbox, sending, write_outbox
from mainstay.store.project import read_brief

HOW = 'Write a table [notify.NAME] with to = "${VARIABLE}" into mainstay.toml; docs/notifying.md has examples.'

Deliver = Callable[[str, NotifyPart, Letter], None]  # raises `Undelivered`


@dataclass(frozen=True, slots=True)
class Problem:
    """An address that did not take what it was sent, and why."""

    target: str
    why: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What one round of telling brought: how many messages were taken, who did not take theirs, and what waits."""

    taken: int
    problems: tuple[Problem, ...]
    waiting: tuple[Notice, ...]


NOBODY = Telling(0, (), ())


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of a test message: `why` is empty where it was taken."""

    target: str
    why: str
    remedy: str


def tell(home: Home, model: str, *, at: datetime, deliver: Deliver) -> Telling:
    """Send what is due at a moment. Safe beside others, and after a kill: what was taken is not sent again.

    Only a message whose taking could not be noted any more, because the process died in that moment, leaves twice,
    with the same id.
    """
    brief = brief_in_force(home, model)
    if brief is None or not brief.notify:
        return NOBODY
    with sending(home, model):
        life, before = home.ledger.life(model), read_outbox(home, model)
        outbox = planned(before, life, brief, at=at)
        if outbox != before:
            write_outbox(home, model, outbox)
        taken, problems = 0, list[Problem]()
        for batch in due(outbox, life, brief, at=at):
            if any(problem.target == batch.target for problem in problems):
                continue  # it would not take the next one either, and others wait behind it
            part = brief.told[batch.target]
            try:
                deliver(batch.target, part, batch.letter)
            except Undelivered as error:
                problems.append(Problem(batch.target, error.what))
                zone = brief.data.time_zone
                outbox = failed(outbox, batch.notices, part, error.what, at=at, zone=zone)
            else:
                taken += 1
                outbox = sent(outbox, batch.notices, at=at)
            write_outbox(home, model, outbox)
    return Telling(taken, tuple(problems), outbox.waiting)


def prove_addresses(home: Home, model: str, name: str | None, *, at: datetime, deliver: Deliver) -> tuple[Tested, ...]:
    """Send a message of no signal to one address or to all; one that takes it gets what had failed at the next look.

    Raises `NotFound` where there is none of that name, or none at all.
    """
    brief = brief_in_force(home, model)
    parts = brief.notify if brief is not None else {}
    if not parts or (name is not None and name not in parts):
        what = f"there is no [notify.{name}] in the brief" if name else "the brief names nobody to tell"
        raise NotFound(what, remedy=did_you_mean(name, parts) if name and parts else HOW)
    return tuple(_tested(home, model, each, parts[each], at, deliver) for each in ([name] if name else parts))


def outbox_of(home: Home, model: str) -> Outbox:
    """Return what waits to be told of a model, and what was told and may matter yet."""
    return read_outbox(home, model)


def brief_in_force(home: Home, model: str) -> Brief | None:
    """Return the brief that says whom to tell: the project's as it is now, else that of the live version, else none.

    Whom to tell changes more often than a model: nobody should have to train to be told somewhere else.
    """
    try:
        brief = read_brief(home.root.parent)[1]
    except NotFound:
        brief = None
    if brief is not None and brief.model.name == model:
        return brief
    life = home.ledger.life(model)
    return _live_brief(home, life) if life.live is not None else None


def _live_brief(home: Home, life: Life) -> Brief:
    assert life.live is not None
    return parse_brief(inspect(home.artifacts.version_files(life.model, life.live), opens_model=False).brief)


def _tested(home: Home, model: str, name: str, part: NotifyPart, at: datetime, deliver: Deliver) -> Tested:
    life = home.ledger.life(model)
    version = f"{model}/{life.live}" if life.live is not None else None
    try:
        deliver(name, part, Letter(f"{model}.test.{iso(at)}", Topic.TEST, model, version, iso(at)))
    except Undelivered as error:
        return Tested(name, error.what, error.remedy)
    with sending(home, model):
        outbox = read_outbox(home, model)
        write_outbox(home, model, hurried(outbox, name, at=at))
    return Tested(name, "", "")
