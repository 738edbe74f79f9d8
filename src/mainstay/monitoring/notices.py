"""Whom to tell of which signal, and when. The history is what must be told; the outbox only says what has been.

Nothing is kept of what is to be told but what follows from the history again at every look: so no notice can be lost
between a signal's change and its sending, and none is made twice, since its id names the event it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from mainstay.domain.attention import Standing, State, Turn
from mainstay.domain.brief import Brief
from mainstay.domain.brief.notify import NotifyPart, read_clock, read_hours
from mainstay.domain.canonical import digest
from mainstay.domain.finding import ORDER, Signal, Verdict
from mainstay.domain.life import Life
from mainstay.domain.moments import iso
from mainstay.domain.notice import Letter, Notice, Outbox, Told, Topic

MOST_APART = 10  # of so many due at once each is a message of its own; more are one, for nobody reads thirty
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)  # between attempts: an address that is mended is told the same day
MONDAY = 0

TOPICS = {Turn.OPENED: Topic.OPENED, Turn.WORSENED: Topic.WORSENED, Turn.CLOSED: Topic.CLOSED}


@dataclass(frozen=True, slots=True)
class Batch:
    """What one message takes: its letter, and the notices that are told once it was taken."""

    target: str
    letter: Letter
    notices: tuple[Notice, ...]


def planned(outbox: Outbox, life: Life, brief: Brief, *, at: datetime) -> Outbox:
    """Return the outbox with what is to be told at a moment: new notices, without those that nobody needs any more.

    A notice waits for each address and signal at most: a later turn takes the place of one that was not told yet.
    """
    standings = {standing.signal.id: standing for standing in life.standings(at)}
    kept = tuple(n for n in outbox.notices if n.target in brief.told and n.signal in standings)
    fresh = [notice for name in brief.told for notice in _fresh(name, kept, life, brief, standings, at)]
    replaced = {(notice.target, notice.signal) for notice in fresh}
    left = [n for n in kept if n.sent_at is not None or _still_wanted(n, standings, replaced)]
    return Outbox(notices=tuple(_without_the_past([*left, *fresh], standings)))


def due(outbox: Outbox, life: Life, brief: Brief, *, at: datetime) -> tuple[Batch, ...]:
    """Return the messages to send at a moment, those of one address in the order of their signals."""
    standings = {standing.signal.id: standing for standing in life.standings(at)}
    waiting = [n for n in outbox.waiting if _moment(n.due_at) <= at]
    batches = []
    for name, part in brief.told.items():
        mine = sorted((n for n in waiting if n.target == name), key=lambda n: _number(n.signal))
        together = bool(mine) and (part.digest is not None or len(mine) > MOST_APART)
        for group in [mine] if together else [[n] for n in mine]:
            batches.append(_batch(name, group, life, standings, at, as_digest=together))
    return tuple(batches)


def sent(outbox: Outbox, notices: Sequence[Notice], *, at: datetime) -> Outbox:
    """Return the outbox once notices were taken."""
    return _changed(
        outbox, {(n.target, n.id): msgspec.structs.replace(n, sent_at=iso(at), problem="") for n in notices}
    )


def failed(outbox: Outbox, notices: Sequence[Notice], part: NotifyPart, why: str, *, at: datetime, zone: str) -> Outbox:
    """Return the outbox after notices were not taken: each is tried again, later every time, but never given up."""
    changed = {}
    for notice in notices:
        wait = min(FIRST_WAIT * 2 ** min(notice.attempts, 20), LONGEST_WAIT)
        again = (at + wait) if part.digest is not None else out_of_quiet(part, at + wait, zone=zone)
        changed[notice.target, notice.id] = msgspec.structs.replace(
            notice, attempts=notice.attempts + 1, problem=why, due_at=iso(again)
        )
    return _changed(outbox, changed)


def hurried(outbox: Outbox, target: str, *, at: datetime) -> Outbox:
    """Return the outbox with what failed for an address due at once: the address was mended."""
    late = [n for n in outbox.waiting if n.target == target and n.attempts]
    return _changed(outbox, {(n.target, n.id): msgspec.structs.replace(n, due_at=iso(at)) for n in late})


def concerns(name: str, brief: Brief, signal: Signal) -> bool:
    """Say whether an address is told of a signal: grave enough for it, and about what its owner answers for."""
    part = brief.told[name]
    if ORDER.index(signal.finding.verdict) < ORDER.index(Verdict(part.severity)):
        return False
    return not part.owner or part.owner in _owners(brief, signal)


def due_at(part: NotifyPart, signal: Signal, *, at: datetime, zone: str) -> datetime:
    """Return when an address is told of what happened to a signal at a moment; `zone` is that of the brief's data."""
    if part.digest is not None:
        day = _next(at, read_clock(part.digest_at), zone=part.time_zone or zone)
        while part.digest == "weekly" and day.astimezone(ZoneInfo(part.time_zone or zone)).weekday() != MONDAY:
            day = _next(day, read_clock(part.digest_at), zone=part.time_zone or zone)
        return day
    return at if signal.finding.verdict is Verdict.FAIL else out_of_quiet(part, at, zone=zone)


def out_of_quiet(part: NotifyPart, at: datetime, *, zone: str) -> datetime:
    """Return the first moment from `at` on that lies in no quiet hours.

    >>> from datetime import UTC
    >>> part = NotifyPart(to="${OPS}", quiet="22:00-07:00", time_zone="Europe/Berlin")
    >>> out_of_quiet(part, datetime(2026, 1, 5, 23, tzinfo=UTC), zone="UTC").isoformat()
    '2026-01-06T06:00:00+00:00'
    """
    if part.quiet is None:
        return at
    (first, last), where = read_hours(part.quiet), part.time_zone or zone
    wall = at.astimezone(ZoneInfo(where)).time()
    inside = first <= wall < last if first < last else wall >= first or wall < last
    return _next(at, last, zone=where) if inside else at


def _fresh(
    name: str, kept: Sequence[Notice], life: Life, brief: Brief, standings: Mapping[str, Standing], at: datetime
) -> Iterator[Notice]:
    """What an address has not been told yet, and is not waiting to be."""
    known = {n.id for n in kept if n.target == name}
    heard = {n.signal for n in kept if n.target == name}
    zone = brief.data.time_zone
    for id_, standing in standings.items():
        turned = life.attention.turns.get(id_)
        is_wanted = id_ in heard if standing.state is State.CLOSED else concerns(name, brief, standing.signal)
        if turned is None or not is_wanted or standing.state in (State.ACKNOWLEDGED, State.MUTED):
            continue
        topic = TOPICS[turned.turn] if standing.again_at is None else Topic.STILL_OPEN
        notice_id = _id(life.model, id_, turned.seq, standing.again_at)
        if notice_id not in known:
            when = iso(due_at(brief.told[name], standing.signal, at=at, zone=zone))
            yield Notice(id=notice_id, target=name, signal=id_, topic=topic, made_at=iso(at), due_at=when)


def _still_wanted(notice: Notice, standings: Mapping[str, Standing], replaced: set[tuple[str, str]]) -> bool:
    """Whether a waiting notice is to be told: nobody has its signal in hand, and no later one takes its place."""
    state = standings[notice.signal].state
    return state not in (State.ACKNOWLEDGED, State.MUTED) and (notice.target, notice.signal) not in replaced


def _without_the_past(notices: Sequence[Notice], standings: Mapping[str, Standing]) -> Iterator[Notice]:
    """Leave out what can bring nothing any more: that of closed signals whose end was told."""
    over = {(n.target, n.signal) for n in notices if n.topic is Topic.CLOSED and n.sent_at is not None}
    for notice in notices:
        closed = standings[notice.signal].state is State.CLOSED
        if not (closed and (notice.target, notice.signal) in over):
            yield notice


def _batch(
    target: str,
    notices: Sequence[Notice],
    life: Life,
    standings: Mapping[str, Standing],
    at: datetime,
    *,
    as_digest: bool,
) -> Batch:
    about = tuple(Told(n.id, n.topic, n.made_at, standings[n.signal]) for n in notices)
    if as_digest:
        named = digest("\n".join(n.id for n in notices).encode()).partition(":")[2][:16]
        id_, topic = f"{life.model}.digest.{named}", Topic.DIGEST
    else:
        id_, topic = notices[0].id, notices[0].topic
    version = f"{life.model}/{life.live}" if life.live is not None else None
    return Batch(target, Letter(id_, topic, life.model, version, iso(at), about), tuple(notices))


def _owners(brief: Brief, signal: Signal) -> set[str]:
    """Who answers for what a signal is about: the owners of its inputs, and of what has none the model's."""
    names = {subject.partition("=")[0] for subject in signal.finding.subjects} | set(signal.finding.subjects)
    owners = {brief.fields[name].owner for name in names if name in brief.fields} - {""}
    return owners or {brief.model.owner}


def _next(at: datetime, clock: time, *, zone: str) -> datetime:
    """Return the first moment after `at` at which the clocks of a zone show a time."""
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    day = datetime.combine(wall.date(), clock)
    if day <= wall:
        day += timedelta(days=1)
    return day.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _id(model: str, signal: str, seq: int, again_at: str | None) -> str:
    again = f".{re.sub(r'[^0-9]', '', again_at)}" if again_at is not None else ""
    return f"{model}.{signal}.{seq}{again}"


def _changed(outbox: Outbox, changed: Mapping[tuple[str, str], Notice]) -> Outbox:
    return Outbox(notices=tuple(changed.get((n.target, n.id), n) for n in outbox.notices))


def _number(signal: str) -> tuple[int, str]:
    return (int(signal), "") if signal.isdecimal() else (0, signal)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
