"""What was answered to callers' own ids, as a worker knows it: by all workers of this home, and by itself."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field

import msgspec

from mainstay.serving.identity import read_id
from mainstay.serving.repeats import Given, Repeats
from mainstay.store.answered import Answered, name_of
from mainstay.store.home import Home

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Given)


@dataclass(frozen=True, slots=True)
class KnownIds:
    """Answers by id. What is too large for the shared table, or where there is none, this worker alone remembers."""

    shared: Answered | None
    own: Repeats = field(default_factory=Repeats)

    def find(self, model: str, key: str, own_id: str) -> Given | None:
        """Return what was answered to this caller's id, or None.

        Where the answer was too large for the table, other workers know of the row alone: `answer` is None.
        """
        mine = self.own.find(model, key, own_id)
        if mine is not None or self.shared is None:
            return mine
        found = self.shared.find(name_of(model, key, own_id))
        return None if found is None else _decoder.decode(found)

    def add(self, model: str, key: str, own_id: str, given: Given) -> None:
        """Remember an answer; only once its decision is journalled, and while its id is held."""
        if self.shared is not None:
            name = name_of(model, key, own_id)
            if self.shared.put(name, _encoder.encode(given)):
                return
            self.shared.put(name, _encoder.encode(Given(given.row_digest, given.version, None)))
        self.own.add(model, key, own_id, given)

    def held(self, model: str, key: str, raw_ids: Sequence[object]) -> AbstractContextManager[None]:
        """Keep other workers from answering these ids meanwhile; what is no id is nobody's."""
        if self.shared is None:
            return nullcontext()
        names = []
        for raw_id in raw_ids:
            with suppress(ValueError):
                own_id = read_id(raw_id)
                names += [] if own_id is None else [name_of(model, key, own_id)]
        return self.shared.held(names) if names else nullcontext()

    def close(self) -> None:
        """Let go of the shared table."""
        if self.shared is not None:
            self.shared.close()


def open_known_ids(home: Home) -> KnownIds:
    """Open what the workers of this home share, replicas' too; where that cannot be, each remembers its own."""
    try:
        return KnownIds(Answered(home.root / "answered"))
    except OSError:
        return KnownIds(None)
