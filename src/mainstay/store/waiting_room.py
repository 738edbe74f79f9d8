"""What waits in the spool: answered or told, and not yet in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mainstay.store.home import Home
from mainstay.store.journal import Journal
from mainstay.store.spool import STREAMS
from mainstay.store.spool_reading import Batches, read_batches, segments, slots

CHUNK_BYTES = 16 << 20


class _Moment(msgspec.Struct, frozen=True):
    """The moment in a line of any stream: when it was decided, or when it was learned."""

    at_us: int = 0
    learned_us: int = 0


_DECODER = msgspec.json.Decoder(_Moment)


@dataclass(frozen=True, slots=True)
class Spooled:
    """What waits of a model: slots there are, bytes, rows, torn batches, and the moment of the oldest row."""

    slots: int
    n_bytes: int
    rows: int
    torn: int
    oldest_at: datetime | None


def spooled(home: Home, model: str, *, journal: Journal | None = None) -> Spooled:
    """Return what waits of a model beyond what the journal holds; nothing is moved."""
    journal = journal or Journal(home, model)
    folders = [(stream, slot) for stream in STREAMS for slot in slots(home.spool_root, model, stream)]
    n_bytes = rows = torn = 0
    oldest: list[int] = []
    for stream, slot in folders:
        position = journal.table(stream).mark(slot.name) or 0
        for part, size in _beyond(slot, position):
            n_bytes += size
            torn += part.torn
            rows += sum(batch.count(b"\n") for batch in part.batches)
            oldest += _first_moment(part)
    return Spooled(len(folders), n_bytes, rows, torn, _moment(min(oldest)) if oldest else None)


def _beyond(slot: Path, position: int) -> Iterator[tuple[Batches, int]]:
    for segment in segments(slot):
        offset = max(position - segment.position(0), 0)
        with suppress(FileNotFoundError):  # an ingester was faster
            while offset < segment.size:
                part = read_batches(segment, offset, limit=CHUNK_BYTES)
                yield part, max(part.end - offset, 0)
                if part.end <= offset:
                    break
                offset = part.end


def _first_moment(part: Batches) -> list[int]:
    for batch in part.batches[:1]:
        with suppress(msgspec.DecodeError):
            line = _DECODER.decode(batch.split(b"\n", 1)[0])
            return [line.learned_us or line.at_us]
    return []


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, tz=UTC)
