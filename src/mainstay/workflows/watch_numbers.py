"""What the watch knows of a model as numbers, cheaply enough for every scrape: no table is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mainstay.domain.attention import State
from mainstay.domain.errors import StoreError
from mainstay.domain.last_look import Money
from mainstay.domain.life import Life
from mainstay.domain.moments import parse_moment
from mainstay.store.clock import now
from mainstay.store.home import Home
from mainstay.store.last_looks import read_last_look
from mainstay.store.outbox import read_outbox

SignalKind = tuple[str, str, str]  # severity, code, state
Waiting = tuple[str, bool]  # the address's name, and whether it has failed


@dataclass(frozen=True, slots=True)
class WatchNumbers:
    """How a model stands: signals that are not closed by kind, ages in seconds, outcomes, money, notices that wait.

    Ages are None where nobody has looked, or nothing was judged yet.
    """

    signals: Mapping[SignalKind, int]
    look_age_s: float | None = None
    judged_age_s: float | None = None
    due: int = 0
    came: int = 0
    value: Mapping[str, Money] = field(default_factory=dict)
    waiting: Mapping[Waiting, int] = field(default_factory=dict)


def numbers_now(home: Home, lives: Mapping[str, Life]) -> dict[str, WatchNumbers]:
    """Return what is known of every model at this moment."""
    at = now()
    return {model: watch_numbers(home, life, at=at) for model, life in lives.items()}


def watch_numbers(home: Home, life: Life, *, at: datetime) -> WatchNumbers:
    """Return what is known of a model at a moment: its signals from the ledger, the rest from what the watch left."""
    standings = (each for each in life.standings(at) if each.state is not State.CLOSED)
    signals = Counter((s.signal.finding.verdict.value, s.signal.finding.code, s.state.value) for s in standings)
    look, waiting = read_last_look(home, life.model), _waiting(home, life.model)
    if look is None:
        return WatchNumbers(signals, waiting=waiting)
    return WatchNumbers(
        signals,
        look_age_s=_age_s(look.at, at),
        judged_age_s=None if look.judged_through is None else _age_s(look.judged_through, at),
        due=look.due,
        came=look.came,
        value=look.value,
        waiting=waiting,
    )


def _waiting(home: Home, model: str) -> Mapping[Waiting, int]:
    try:
        notices = read_outbox(home, model).waiting
    except StoreError:  # the watch says so
        return {}
    return Counter((notice.target, bool(notice.attempts)) for notice in notices)


def _age_s(moment: str, at: datetime) -> float:
    return max(0.0, (at - parse_moment(moment)).total_seconds())
