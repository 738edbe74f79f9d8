"""What people said about signals: who has one in hand, which are not to be told of, why, and until when.

All of it is a fold over events, like everything else that is known. An acknowledgement and a mute hold for what was
seen: they end at their moment, and for a signal that gets worse they end at once. Nothing here asks a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from mainstay.domain.finding import ORDER, Signal, Verdict


class State(StrEnum):
    """How a signal stands at a moment."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    CLOSED = "closed"


class Kind(StrEnum):
    """What a mute names: one signal, all signals of a code, or all about an input."""

    SIGNAL = "signal"
    CODE = "code"
    SUBJECT = "subject"


class Turn(StrEnum):
    """What last happened to a signal that somebody should know of."""

    OPENED = "opened"
    WORSENED = "worsened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody said: who, when, why, and until when it holds (ISO moments; None: until the signal changes)."""

    by: str
    at: str
    why: str
    until: str | None


@dataclass(frozen=True, slots=True)
class Mute:
    """Which signals are not to be told of. `woken` are ids of those that got worse since: told again."""

    kind: Kind
    name: str
    word: Word
    woken: frozenset[str] = frozenset()

    def covers(self, signal: Signal) -> bool:
        """Whether a signal is meant: by its id, its code, or where all its subjects are of the input named.

        >>> from mainstay.domain.finding import Finding
        >>> moved = Finding(code="F15-unseen-category", verdict=Verdict.FAIL, because="", subjects=("event=fest",))
        >>> signal = Signal(id="1", finding=moved, since="", cause="")
        >>> Mute(Kind.SUBJECT, "event", Word("a", "", "", None)).covers(signal)
        True
        """
        if signal.id in self.woken:
            return False
        match self.kind:
            case Kind.SIGNAL:
                return signal.id == self.name
            case Kind.CODE:
                return signal.finding.code == self.name
        subjects = signal.finding.subjects
        return bool(subjects) and all(self.name in (each, each.partition("=")[0]) for each in subjects)


@dataclass(frozen=True, slots=True)
class Turned:
    """The last turn of a signal: the number of the event that tells it, and its moment."""

    turn: Turn
    seq: int
    at: str


@dataclass(frozen=True, slots=True)
class Attention:
    """All that was said and has not ended, and the last turn of every signal, by id."""

    acks: Mapping[str, Word] = field(default_factory=dict)
    mutes: tuple[Mute, ...] = ()
    turns: Mapping[str, Turned] = field(default_factory=dict)

    def opened(self, signal: Signal, *, seq: int, at: str) -> Attention:
        """Note that a signal opened."""
        return replace(self, turns={**self.turns, signal.id: Turned(Turn.OPENED, seq, at)})

    def changed(self, before: Signal, after: Signal, *, seq: int, at: str) -> Attention:
        """Note that a signal changed: where it got worse, what was said of it no longer holds."""
        if not is_worse(before, after):
            return self
        mutes = (
            replace(m, woken=m.woken | {after.id}) if m.covers(before) or m.covers(after) else m for m in self.mutes
        )
        turns = {**self.turns, after.id: Turned(Turn.WORSENED, seq, at)}
        return replace(self, acks=_without(self.acks, after.id), mutes=tuple(mutes), turns=turns)

    def closed(self, id_: str, *, seq: int, at: str) -> Attention:
        """Note that a signal closed."""
        turns = {**self.turns, id_: Turned(Turn.CLOSED, seq, at)}
        return replace(self, acks=_without(self.acks, id_), turns=turns)

    def acknowledged(self, body: Mapping[str, Any], *, by: str, at: str) -> Attention:
        """Note that somebody has a signal in hand."""
        return replace(self, acks={**self.acks, body["id"]: _word(body, by, at)})

    def muted(self, body: Mapping[str, Any], *, by: str, at: str) -> Attention:
        """Note that some signals are not to be told of; a mute of the same name takes the place of the one before."""
        mute = Mute(Kind(body["kind"]), body["name"], _word(body, by, at))
        return replace(self, mutes=(*self.unmuted(body).mutes, mute))

    def unmuted(self, body: Mapping[str, Any]) -> Attention:
        """Note that a mute was taken back."""
        left = (mute for mute in self.mutes if (mute.kind, mute.name) != (body["kind"], body["name"]))
        return replace(self, mutes=tuple(left))


@dataclass(frozen=True, slots=True)
class Standing:
    """A signal at a moment: its state, what somebody said that makes it so, and when something said of it ran out.

    `again_at` is the moment at which an acknowledgement or a mute ended by itself, since the signal's last turn.
    """

    signal: Signal
    state: State
    word: Word | None = None
    again_at: str | None = None

    @property
    def as_signal(self) -> Signal:
        """The signal with its state at that moment as its status."""
        return msgspec.structs.replace(self.signal, status=self.state.value)


def standing(attention: Attention, signal: Signal, *, at: datetime) -> Standing:
    """Say how a signal stands at a moment."""
    if signal.status == State.CLOSED:
        return Standing(signal, State.CLOSED)
    mutes = [mute.word for mute in attention.mutes if mute.covers(signal)]
    ack = attention.acks.get(signal.id)
    for state, words in ((State.MUTED, mutes), (State.ACKNOWLEDGED, [ack] if ack is not None else [])):
        holding = [word for word in words if _holds(word, at)]
        if holding:
            return Standing(signal, state, max(holding, key=_end))
    turned = attention.turns.get(signal.id)
    ended = [word.until for word in (*mutes, *([ack] if ack else [])) if word.until is not None]
    since = [until for until in ended if turned is None or _moment(until) > _moment(turned.at)]
    return Standing(signal, State.OPEN, None, max(since, key=_moment, default=None))


def is_worse(before: Signal, after: Signal) -> bool:
    """Say whether a signal got worse: a worse verdict, or more subjects; of a mere notice more subjects are no matter.

    >>> from mainstay.domain.finding import Finding
    >>> def moved(verdict, *subjects):
    ...     finding = Finding(code="F29-input-drift", verdict=verdict, because="", subjects=subjects)
    ...     return Signal(id="1", finding=finding, since="", cause="")
    >>> is_worse(moved(Verdict.WARN, "age"), moved(Verdict.FAIL, "age"))
    True
    >>> is_worse(moved(Verdict.WARN, "age", "job"), moved(Verdict.WARN, "age"))
    False
    """
    one, other = before.finding, after.finding
    if one.verdict is not other.verdict:
        return ORDER.index(other.verdict) > ORDER.index(one.verdict)
    return other.verdict is not Verdict.UNKNOWN and not set(other.subjects) <= set(one.subjects)


def _word(body: Mapping[str, Any], by: str, at: str) -> Word:
    return Word(by, at, body.get("why", ""), body.get("until"))


def _without(acks: Mapping[str, Word], id_: str) -> dict[str, Word]:
    return {known: word for known, word in acks.items() if known != id_}


def _holds(word: Word, at: datetime) -> bool:
    return word.until is None or _moment(word.until) > at


def _end(word: Word) -> tuple[bool, datetime | None]:
    return word.until is None, None if word.until is None else _moment(word.until)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
