"""Reading the spool: slots, segments and the whole batches in them (standard library only)."""

from __future__ import annotations

import os
import re
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mainstay.store.files import is_named, lock_now
from mainstay.store.spool import COUNTER, LOCK, SLOT_NAME, read_counter, stream_folder

OFFSET_BITS = 40  # a position is `number << 40 | offset`: it fits the 63 bits of a Delta transaction version
HEADER = re.compile(rb"(\d{1,10}) ([0-9a-f]{8})\n")
SEGMENT_NAME = re.compile(r"(\d{9,})\.ndjson")


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One file of a slot. A `final` one will not grow any more: its writer has moved on or is dead."""

    number: int
    path: Path
    size: int
    final: bool

    def position(self, offset: int) -> int:
        """Return the position of an offset in this segment; it rises over the life of the slot."""
        return self.number << OFFSET_BITS | offset


@dataclass(frozen=True, slots=True)
class Batches:
    """What was read of a segment: whole batches, the offset after the last, and how many torn ones were passed over."""

    batches: tuple[bytes, ...]
    end: int
    torn: int


def slots(root: Path, model: str, stream: str) -> tuple[Path, ...]:
    """Return the folders of all slots of a model's stream."""
    folder = stream_folder(root, model, stream)
    if not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.iterdir() if SLOT_NAME.fullmatch(path.name)))


def segments(slot: Path) -> tuple[Segment, ...]:
    """Return the segments of a slot in order, each with the size it has now."""
    found = sorted(_named(slot))
    held = _open_lock(slot)
    is_dead = held is None  # a lock is made before the first segment: what was listed before belongs to nobody
    if held is not None:
        # Whoever takes a free slot starts a new segment: what is listed while we hold the lock is final for ever.
        is_dead = lock_now(held)
        found = sorted(_named(slot))
        os.close(held)
    last = found[-1][0] if found else 0
    return tuple(Segment(n, path, size, is_dead or n < last) for n, path, size in found)


def read_batches(segment: Segment, offset: int, *, limit: int) -> Batches:
    """Read whole batches from `offset` on, about `limit` bytes, at least one if there is one.

    What is torn is passed over in a final segment, and waited for in one that may still grow.
    """
    rest = segment.size - offset
    data = b""
    batches: list[bytes] = []
    end = 0
    with segment.path.open("rb") as file:
        file.seek(offset)
        while not batches and len(data) < rest:  # a batch may be longer than the limit
            more = file.read(min(max(limit, len(data)), rest - len(data)))
            if not more:  # a write that failed was taken back
                break
            data += more
            batches, end = _whole(data, 0)
    torn = 0
    if segment.final and not batches:
        torn, batches, end = _after_damage(data)
    return Batches(tuple(batches), offset + end, torn)


def remove_segments(slot: Path, *, consumed: int) -> int:
    """Remove a slot's final segments whose end lies at or below the position `consumed`; return how many.

    A slot that is empty and can never be written again goes too.
    """
    done = [segment for segment in segments(slot) if is_consumed(segment, consumed)]
    for segment in done:
        segment.path.unlink(missing_ok=True)
    _remove_abandoned(slot)
    return len(done)


def is_consumed(segment: Segment, consumed: int) -> bool:
    """Say whether a segment is final and ends at or below a position, or is final and empty."""
    return segment.final and segment.position(segment.size) <= max(consumed, segment.position(0))


def spool_bytes(root: Path) -> int:
    """Return how many bytes wait in the spool, journalled or not."""
    return sum(size for folder in root.glob("*/*/*") for _, _, size in _named(folder))


def _whole(data: bytes, start: int) -> tuple[list[bytes], int]:
    batches, end = [], start
    while (header := HEADER.match(data, end)) is not None:
        batch = data[header.end() : header.end() + int(header[1])]
        if len(batch) < int(header[1]) or zlib.crc32(batch) != int(header[2], 16):
            break
        batches.append(batch)
        end = header.end() + len(batch)
    return batches, end


def _after_damage(data: bytes) -> tuple[int, list[bytes], int]:
    place = 0
    while (place := data.find(b"\n", place) + 1) > 0:
        batches, end = _whole(data, place)
        if batches:
            return 1, batches, end
    return (1 if data else 0), [], len(data)


def _named(slot: Path) -> list[tuple[int, Path, int]]:
    found = []
    for path in slot.iterdir() if slot.is_dir() else ():
        match = SEGMENT_NAME.fullmatch(path.name)
        if match is not None:
            with suppress(FileNotFoundError):
                found.append((int(match[1]), path, path.stat().st_size))
    return found


def _open_lock(slot: Path) -> int | None:
    try:
        return os.open(slot / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return None


def _remove_abandoned(slot: Path) -> None:
    held = _open_lock(slot)
    if held is None:
        with suppress(OSError):  # its maker died before the lock, or is about to make it: then it takes another name
            slot.rmdir()
        return
    try:
        if lock_now(held) and is_named(held, slot / LOCK) and read_counter(slot / COUNTER) is None and not _named(slot):
            (slot / COUNTER).unlink(missing_ok=True)
            (slot / LOCK).unlink()
            with suppress(OSError):  # a temporary file may still lie in it
                slot.rmdir()
    finally:
        os.close(held)
