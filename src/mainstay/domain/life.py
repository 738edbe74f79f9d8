"""State as a fold over events: what is live, what was, which signals are open. Nothing here is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import index
from typing import Any

import msgspec

from mainstay.domain.attention import Attention, Standing, standing
from mainstay.domain.event import Act, Event, understood
from mainstay.domain.finding import Signal

OF_SIGNALS = frozenset(
    {Act.SIGNAL_OPENED, Act.SIGNAL_CHANGED, Act.SIGNAL_CLOSED, Act.ACKNOWLEDGED, Act.MUTED, Act.UNMUTED}
)


@dataclass(frozen=True, slots=True)
class VersionLife:
    """One version as the ledger tells it. Where gates failed, in training or in the newest exam, it is not deployed."""

    number: int
    created_at: str
    model_digest: str
    bundle_digest: str
    snapshot: str
    failed_in_training: tuple[str, ...]
    summary: dict[str, Any]
    approved_by: tuple[str, ...] = ()
    evaluation_digest: str | None = None  # None where the event, an older one, does not tell it
    gates_of_exam: tuple[str, ...] = ()  # those that training cannot answer
    failed_in_exam: tuple[str, ...] = ()
    is_examined: bool = False

    @property
    def failed_gates(self) -> tuple[str, ...]:
        """The codes of gates that failed, or that only an exam can answer and none did; empty: free to deploy."""
        by_exam = self.failed_in_exam if self.is_examined else self.gates_of_exam
        return tuple(dict.fromkeys((*self.failed_in_training, *by_exam)))

    @property
    def awaits_exam(self) -> bool:
        """Whether nothing failed yet but gates ask for an exam."""
        return bool(self.gates_of_exam) and not self.is_examined and not self.failed_in_training


@dataclass(frozen=True, slots=True)
class Life:
    """A model at a moment. `live` is the number of the live version or None; `before` the stack that rollback walks.

    `shadow` is the number of the version that is scored beside the live one, or None.
    """

    model: str
    versions: tuple[VersionLife, ...] = ()
    live: int | None = None
    live_since: str | None = None
    live_by: str | None = None
    before: tuple[int, ...] = ()
    once_live: frozenset[int] = frozenset()
    signals: dict[str, Signal] = field(default_factory=dict)
    attention: Attention = field(default_factory=Attention)
    seq: int = 0
    shadow: int | None = None
    shadow_since: str | None = None
    shadow_by: str | None = None

    def version(self, number: int) -> VersionLife | None:
        """Return a version's life, or None if there is no such version."""
        return next((v for v in self.versions if v.number == number), None)

    def twin(self, number: int) -> int | None:
        """Return an older version with the same model, the live one first, then the newest; None where none may serve.

        One that its gates hold back is none: by gates that were changed the new version may pass.
        """
        this = self.version(number)
        alike = [v.number for v in self.versions if this and v.number < number and v.model_digest == this.model_digest]
        able = [each for each in alike if self.status(each) != "held"]
        return self.live if self.live in able else max(able, default=None)

    def status(self, number: int) -> str:
        """Return `live`, `shadow`, `retired` (was live once) or `ready` / `held` (never; gates passed or failed)."""
        if number == self.live:
            return "live"
        if number == self.shadow:
            return "shadow"
        if number in self.once_live:
            return "retired"
        version = self.version(number)
        return "held" if version is not None and version.failed_gates else "ready"

    @property
    def open_signals(self) -> tuple[Signal, ...]:
        """Signals that are not closed, oldest first."""
        return tuple(s for s in self.signals.values() if s.status != "closed")

    def signals_at(self, at: datetime) -> tuple[Signal, ...]:
        """Signals that are not closed, oldest first, each with its status at a moment: open, acknowledged or muted."""
        return tuple(standing(self.attention, signal, at=at).as_signal for signal in self.open_signals)

    def standings(self, at: datetime) -> tuple[Standing, ...]:
        """How every signal stands at a moment, closed ones too, oldest first."""
        return tuple(standing(self.attention, signal, at=at) for signal in self.signals.values())


def fold(model: str, events: Iterable[Event]) -> Life:
    """Return the model's life after the events, which must be in order of `seq`; raises `LedgerBroken`."""
    life = Life(model)
    for event in events:
        with understood(f"event {event.seq} of {model}"):
            life = replace(_step(life, event), seq=event.seq)
    return life


def _step(life: Life, event: Event) -> Life:
    body = event.body
    match event.act:
        case Act.TRAINED:
            return replace(life, versions=(*life.versions, _trained(event)))
        case Act.EXAMINED:
            return _examined(life, body["version"], tuple(body["failed_gates"]))
        case Act.APPROVED:
            return _approved(life, body["version"], event.actor)
        case Act.DEPLOYED:
            stack = (*life.before, life.live) if life.live is not None and life.live != body["version"] else life.before
            return _live(life, body["version"], event, before=stack)
        case Act.ROLLED_BACK:
            return _live(life, body["version"], event, before=life.before[: -body.get("steps", 1)])
        case Act.SHADOWED:
            return _shadow(life, body["version"], event)
        case _ if event.act in OF_SIGNALS:
            return _of_signals(life, event)
    return life


def _of_signals(life: Life, event: Event) -> Life:
    """What became of a signal, or was said of some."""
    body, attention = event.body, life.attention
    match event.act:
        case Act.SIGNAL_OPENED:
            signal = msgspec.convert(body["signal"], Signal)
            return _with(life, signal, attention.opened(signal, seq=event.seq, at=event.at))
        case Act.SIGNAL_CHANGED:
            signal = msgspec.convert(body["signal"], Signal)
            before = life.signals[signal.id]
            attention = attention.changed(before, signal, seq=event.seq, at=event.at)
            has_it = signal.id in attention.acks
            return _with(life, _now(signal, "acknowledged" if has_it else "open"), attention)
        case Act.SIGNAL_CLOSED:
            attention = attention.closed(body["id"], seq=event.seq, at=event.at)
            return _with(life, _now(life.signals[body["id"]], "closed"), attention)
        case Act.ACKNOWLEDGED:
            signal = _now(life.signals[body["id"]], "acknowledged")
            return _with(life, signal, attention.acknowledged(body, by=event.actor, at=event.at))
        case Act.MUTED:
            return replace(life, attention=attention.muted(body, by=event.actor, at=event.at))
    return replace(life, attention=attention.unmuted(body))


def _with(life: Life, signal: Signal, attention: Attention) -> Life:
    return replace(life, signals=life.signals | {signal.id: signal}, attention=attention)


def _now(signal: Signal, status: str) -> Signal:
    return msgspec.structs.replace(signal, status=status)


def _live(life: Life, number: int, event: Event, *, before: tuple[int, ...]) -> Life:
    once_live = life.once_live | {number}
    if number == life.shadow:
        life = replace(life, shadow=None, shadow_since=None, shadow_by=None)
    return replace(life, live=number, live_since=event.at, live_by=event.actor, before=before, once_live=once_live)


def _shadow(life: Life, number: int | None, event: Event) -> Life:
    if number is None:
        return replace(life, shadow=None, shadow_since=None, shadow_by=None)
    return replace(life, shadow=index(number), shadow_since=event.at, shadow_by=event.actor)


def _trained(event: Event) -> VersionLife:
    body = event.body
    return VersionLife(
        number=index(body["version"]),
        created_at=event.at,
        model_digest=body["model_digest"],
        bundle_digest=body["bundle_digest"],
        snapshot=body["snapshot"],
        failed_in_training=tuple(body["failed_gates"]),
        summary=body["summary"],
        evaluation_digest=body.get("evaluation_digest"),
        gates_of_exam=tuple(body.get("gates_of_exam", ())),
    )


def _examined(life: Life, number: int, failed: tuple[str, ...]) -> Life:
    """The newest exam counts: an older one may have failed by a check that was mended."""
    seen = (replace(v, failed_in_exam=failed, is_examined=True) if v.number == number else v for v in life.versions)
    return replace(life, versions=tuple(seen))


def _approved(life: Life, number: int, actor: str) -> Life:
    versions = tuple(
        replace(v, approved_by=(*v.approved_by, actor)) if v.number == number else v for v in life.versions
    )
    return replace(life, versions=versions)
