"""Notices: what is to be told of a signal to whom, and what of it has been told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from mainstay.domain.attention import Standing


class Topic(StrEnum):
    """What a message is about."""

    OPENED = "opened"
    WORSENED = "worsened"
    STILL_OPEN = "still-open"  # an acknowledgement or a mute has run out
    CLOSED = "closed"
    DIGEST = "digest"
    TEST = "test"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of one signal for one address (`target`, its name in the brief): waiting until `sent_at` says otherwise.

    `id` is the same for every address and every attempt; moments are ISO. `problem` is why the last attempt failed.
    """

    id: str
    target: str
    signal: str
    topic: Topic
    made_at: str
    due_at: str
    attempts: int = 0
    problem: str = ""
    sent_at: str | None = None


class Outbox(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a model's notices: those that wait, and those that were told and may matter yet."""

    notices: tuple[Notice, ...] = ()

    @property
    def waiting(self) -> tuple[Notice, ...]:
        """Those that were not told yet, the earliest due first."""
        return tuple(sorted((n for n in self.notices if n.sent_at is None), key=lambda n: (n.due_at, n.id)))


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it leaves: about one signal, or a digest of several, or a test of the address without any.

    `version` is the live version's name or None; `at` an ISO moment. The same `id` is the same message, sent again.
    """

    id: str
    topic: Topic
    model: str
    version: str | None
    at: str
    about: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One signal in a letter: the notice's id, what happened to it and when that was noticed, and how it stands."""

    id: str
    topic: Topic
    at: str
    standing: Standing
