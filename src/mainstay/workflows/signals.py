"""Signals for people: one told whole, and what is said of them (in hand, muted, no longer muted)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import polars as pl

from mainstay.domain.attention import Kind, Standing, standing
from mainstay.domain.errors import Asked, NotFound, Refused, did_you_mean
from mainstay.domain.event import Act
from mainstay.domain.finding import Signal
from mainstay.domain.life import Life
from mainstay.domain.moments import iso, parse_moment
from mainstay.monitoring.causes import why_cause
from mainstay.monitoring.hit import Hit, columns_of, hit
from mainstay.store.home import Home
from mainstay.workflows.watch import open_watch

__all__ = ["Hit", "Measured", "Reason", "Shown", "acknowledge", "mute", "show", "unmute"]

CODE = re.compile(r"F\d\d-[a-z-]+")
ABOUT = frozenset({Act.SIGNAL_OPENED, Act.SIGNAL_CHANGED, Act.SIGNAL_CLOSED, Act.ACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class Reason:
    """What a person says of signals: why, and until when it holds."""

    why: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to a signal: when, by whom, what, and what was said."""

    at: str
    by: str
    act: str
    said: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What one period was judged to be, of a signal's code and subjects."""

    version: int
    end: datetime
    subjects: tuple[str, ...]
    verdict: str
    measured: float | None
    limit: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A signal, whole: how it stands, why its cause is named, what happened to it, how it went, whom it hit."""

    standing: Standing
    why_cause: str
    story: tuple[Step, ...]
    course: tuple[Measured, ...]
    hit: Hit | None


def show(home: Home, model: str, id_: str, *, at: datetime) -> Shown:
    """Return all that is known of a signal at a moment; raises `NotFound`."""
    events = home.ledger.events(model, until=at)
    life = home.ledger.life(model, at=at)
    signal = _signal(life, id_)
    story = tuple(
        Step(event.at, event.actor, event.act, _said(event.body))
        for event in events
        if event.act in ABOUT and id_ in (event.body.get("id"), event.body.get("signal", {}).get("id"))
    )
    ended = story[-1].at if signal.status == "closed" else None
    watched = open_watch(home, model)
    course = _course(watched.journal.judgements(), signal, until=ended)
    until = parse_moment(ended) if ended is not None else at
    found = _hit(home, model, life, signal, until) if life.live is not None else None
    return Shown(standing(life.attention, signal, at=at), why_cause(signal), story, course, found)


def acknowledge(home: Home, model: str, id_: str, reason: Reason, *, actor: str, at: datetime) -> Standing:
    """Write down that somebody has a signal in hand; raises `NotFound`, and `Refused` where it is over."""
    life = home.ledger.life(model)
    signal = _signal(life, id_)
    if signal.status == "closed":
        raise Refused(f"signal {id_} is over: there is nothing to have in hand", remedy="See: mainstay signals")
    body = {"id": id_, "why": _why(reason), "until": _until(reason, at)}
    home.ledger.append(model, Act.ACKNOWLEDGED, body, actor=actor, at=at, expect_seq=life.seq)
    now = home.ledger.life(model)
    return standing(now.attention, now.signals[id_], at=at)


def mute(home: Home, model: str, name: str, reason: Reason, *, actor: str, at: datetime) -> tuple[Standing, ...]:
    """Write down that a signal, a code or an input is not to be told of until a moment; return what it covers now."""
    life = home.ledger.life(model)
    kind = kind_of(home, life, name)
    body = {"kind": kind.value, "name": name, "why": _why(reason), "until": _until(reason, at)}
    home.ledger.append(model, Act.MUTED, body, actor=actor, at=at, expect_seq=life.seq)
    now = home.ledger.life(model)
    mine = next(each for each in now.attention.mutes if (each.kind, each.name) == (kind, name))
    return tuple(standing(now.attention, s, at=at) for s in now.open_signals if mine.covers(s))


def unmute(home: Home, model: str, name: str, *, why: str, actor: str, at: datetime) -> None:
    """Take a mute back; raises `NotFound` where there is none of that name."""
    life = home.ledger.life(model)
    found = next((each for each in life.attention.mutes if each.name == name), None)
    if found is None:
        names = [each.name for each in life.attention.mutes]
        remedy = did_you_mean(name, names) if names else "Nothing is muted."
        raise NotFound(f"{name!r} is not muted", remedy=remedy)
    body = {"kind": found.kind.value, "name": name, "why": why}
    home.ledger.append(model, Act.UNMUTED, body, actor=actor, at=at, expect_seq=life.seq)


def kind_of(home: Home, life: Life, name: str) -> Kind:
    """Say what a name means: a signal's number, a code, or an input; raises `NotFound` where it is none of them."""
    if name in life.signals:
        return Kind.SIGNAL
    if CODE.fullmatch(name):
        return Kind.CODE
    seen = {s for signal in life.signals.values() for each in signal.finding.subjects for s in (each, _input(each))}
    inputs = seen | (set(open_watch(home, life.model).kept(life.live).columns) if life.live is not None else set())
    if name in inputs:
        return Kind.SUBJECT
    known = [*life.signals, *sorted({s.finding.code for s in life.signals.values()}), *sorted(inputs)]
    remedy = did_you_mean(name, known) if known else "There is no signal yet: mainstay watch"
    raise NotFound(f"{name!r} is no signal, no code and no input of {life.model}", remedy=remedy)


def _signal(life: Life, id_: str) -> Signal:
    if id_ not in life.signals:
        known = f"Known: {', '.join(list(life.signals)[-12:])}" if life.signals else "There is none yet: mainstay watch"
        raise NotFound(f"{life.model} has no signal {id_!r}", remedy=known)
    return life.signals[id_]


def _course(judgements: pl.DataFrame, signal: Signal, *, until: str | None) -> tuple[Measured, ...]:
    """What periods were judged to be while a signal lasted, in order."""
    mine = judgements.filter(code=signal.finding.code).filter(pl.col("period_end") >= parse_moment(signal.since))
    if until is not None:
        mine = mine.filter(pl.col("period_end") <= parse_moment(until))
    wanted, names = set(signal.finding.subjects), ("version", "verdict", "measured", "limit", "low", "high")
    found = []
    for row in mine.iter_rows(named=True):
        subjects = tuple(msgspec.json.decode(row["subjects"], type=list[str]))
        if not wanted or wanted & set(subjects):
            found.append(Measured(end=row["period_end"], subjects=subjects, **{name: row[name] for name in names}))
    return tuple(found)


def _hit(home: Home, model: str, life: Life, signal: Signal, until: datetime) -> Hit:
    assert life.live is not None
    watched = open_watch(home, model)
    kept = watched.kept(life.live)
    wanted = columns_of(signal, kept.columns)
    columns = ["at", "version", "id", *wanted]
    rows = watched.journal.decisions(since=parse_moment(signal.since), until=until, columns=columns)
    personal = {field.name for field in kept.schema.fields if field.personal}
    personal |= {kept.brief.data.entity} if kept.brief.data.entity else set()
    mine = rows.filter(version=life.live)
    return hit(signal, mine, kept.reference, columns=kept.columns, personal=personal)


def _said(body: dict[str, Any]) -> str:
    if "signal" in body:
        return str(body["signal"]["finding"]["because"])
    return str(body.get("why") or body.get("because") or "")


def _why(reason: Reason) -> str:
    if not reason.why.strip():
        raise Asked("why? whoever looks next wants to know", remedy='Say it: --why "they have changed the form"')
    return reason.why.strip()


def _until(reason: Reason, at: datetime) -> str:
    if reason.until <= at:
        raise Asked(f"{iso(reason.until)} is past: it would end at once", remedy="Name a later moment, or 14d.")
    return iso(reason.until)


def _input(subject: str) -> str:
    return subject.partition("=")[0]
