"""What was answered to an id before, so that a caller's retry gets the same answer and is not journalled again."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

import msgspec

from mainstay.serving.answer import Answer

REMEMBERED = 10_000  # by one process alone, in about 10 MB


class Given(msgspec.Struct, frozen=True, gc=False):
    """An answer that left, the digest of the row it was for and the version that gave it.

    `answer` is None where it was too large to be kept: then only the row is known.
    """

    row_digest: str
    version: int
    answer: Answer | None


class Earlier(Protocol):
    """Whoever remembers answers."""

    def find(self, model: str, key: str, own_id: str) -> Given | None:
        """Return what was answered to this caller's id, or None."""
        ...


class Repeats:
    """The last answers, by model, key and id; the one unused longest is forgotten first."""

    __slots__ = ("_by_id", "_most")

    def __init__(self, most: int = REMEMBERED) -> None:
        self._by_id: OrderedDict[tuple[str, str, str], Given] = OrderedDict()
        self._most = most

    def find(self, model: str, key: str, own_id: str) -> Given | None:
        """Return what was answered to this caller's id, or None."""
        found = self._by_id.get((model, key, own_id))
        if found is not None:
            self._by_id.move_to_end((model, key, own_id))
        return found

    def add(self, model: str, key: str, own_id: str, given: Given) -> None:
        """Remember an answer; only once its decision is journalled."""
        self._by_id[model, key, own_id] = given
        if len(self._by_id) > self._most:
            self._by_id.popitem(last=False)

    def __len__(self) -> int:
        return len(self._by_id)
