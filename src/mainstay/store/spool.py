"""The spool: what a worker answered, on disk before the answer leaves (standard library only).

`spool/MODEL/STREAM/SLOT/000000012.ndjson`. A slot belongs to one process at a time, by a lock that dies with it. Its
segments hold frames: one line `LENGTH CRC`, then the batch, one JSON document per line. A batch is one write: it is
there whole, or it is torn and was never answered. Positions (segment number, offset) only ever rise within a slot,
whatever the clock does: the number comes from a counter that is durable before the segment exists, and a slot whose
counter is lost is never written again.
"""

from __future__ import annotations

import os
import re
import secrets
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mainstay.domain.errors import Asked, StoreError
from mainstay.domain.version import MODEL_NAME
from mainstay.store.files import disk_fault, disk_faults, is_named, lock_now, put_file, sync_folder

STREAMS = ("decisions", "actions", "outcomes", "faults")
ROTATE_AT = 64 << 20  # bytes: about 100,000 decisions, read back in half a second
COUNTER = "counter"
LOCK = "lock"
SLOT_NAME = re.compile(r"[0-9a-f]{16}")
REFUSE = "The answer must not be sent; the caller may try again."


class Spool:
    """A stream of a model, as one process writes it. Not for threads; a forked child takes a slot of its own.

    With `fsync` a batch survives the loss of power, not only the death of the process.
    """

    def __init__(self, root: Path, model: str, stream: str, *, rotate_at: int = ROTATE_AT, fsync: bool = False) -> None:
        self._folder = stream_folder(root, model, stream)
        self._rotate_at = rotate_at
        self._fsync = fsync
        self._slot: _Slot | None = None
        self._segment, self._size = -1, 0
        self._process = os.getpid()

    def write(self, lines: bytes) -> None:
        """Append one batch, whole lines of JSON; when this returns it will reach the journal exactly once.

        Raises `StoreError` if it cannot be kept: then nothing of it is kept, and it must be answered with 503.
        """
        if not lines.endswith(b"\n"):
            raise ValueError("a batch is whole lines")
        frame = b"%d %08x\n%b" % (len(lines), zlib.crc32(lines), lines)
        descriptor, start = self._open_segment()
        try:
            written = os.write(descriptor, frame)
            if written == len(frame) and self._fsync:
                os.fdatasync(descriptor)
        except OSError as error:
            self._undo(start)
            raise disk_fault("writing the spool", error) from error
        self._size = start + len(frame)
        if written != len(frame):  # a full disk gives a short write, not an error
            self._undo(start)
            raise StoreError("the disk is full while writing the spool", remedy=f"Free some space. {REFUSE}")

    def close(self) -> None:
        """Close the segment and let go of the slot."""
        self._close_segment()
        if self._slot is not None:
            os.close(self._slot.held)
        self._slot = None

    def _open_segment(self) -> tuple[int, int]:
        if self._process != os.getpid():  # forked: the slot stays the parent's
            self.close()
            self._process = os.getpid()
        if self._segment >= 0 and self._size < self._rotate_at:
            return self._segment, self._size
        self._close_segment()
        with disk_faults("opening the spool"):
            while self._segment < 0:
                self._slot = self._slot or _claim(self._folder)
                self._segment = _new_segment(self._slot)
                self._slot = self._slot if self._segment >= 0 else None
        self._size = 0
        return self._segment, 0

    def _undo(self, start: int) -> None:
        # The segment ends here: what a reader saw of it keeps its position, and what comes next gets a higher one.
        with suppress(OSError):
            os.ftruncate(self._segment, start)
        self._close_segment()

    def _close_segment(self) -> None:
        if self._segment >= 0:
            os.close(self._segment)
        self._segment = -1


@dataclass
class _Slot:
    """A slot that this process holds: its folder, the descriptor of its lock and the number of its last segment."""

    folder: Path
    held: int
    number: int


def stream_folder(root: Path, model: str, stream: str) -> Path:
    """Return the folder of a model's stream; raises `Asked` for a name that is none."""
    if not MODEL_NAME.fullmatch(model) or stream not in STREAMS:
        raise Asked(f"'{model}/{stream}' is not a stream", remedy=f"Streams: {', '.join(STREAMS)}.")
    return root / model / stream


def segment_name(number: int) -> str:
    """Return the file name of a segment.

    >>> segment_name(12)
    '000000012.ndjson'
    """
    return f"{number:09d}.ndjson"


def _new_segment(slot: _Slot) -> int:
    """Open the next segment of a slot; -1 if the slot had to be given up."""
    slot.number += 1
    put_file(slot.folder / COUNTER, _counter_line(slot.number))
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        segment = os.open(slot.folder / segment_name(slot.number), flags, 0o644)
    except FileExistsError:  # the counter is older than the segments: no position of this slot can be trusted
        (slot.folder / COUNTER).unlink(missing_ok=True)
        os.close(slot.held)
        return -1
    sync_folder(slot.folder)
    return segment


def _claim(folder: Path) -> _Slot:
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(path.name for path in folder.iterdir() if SLOT_NAME.fullmatch(path.name)):
        slot = _claimed(folder / name)
        if slot is not None:
            return slot
    return _new_slot(folder)


def _claimed(folder: Path) -> _Slot | None:
    try:
        held = os.open(folder / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return None
    number = read_counter(folder / COUNTER) if lock_now(held) and is_named(held, folder / LOCK) else None
    if number is None:
        os.close(held)
        return None
    return _Slot(folder, held, number)


def _new_slot(folder: Path) -> _Slot:
    while True:
        place = folder / secrets.token_hex(8)
        with suppress(FileNotFoundError):  # somebody tidied the empty folder away in the moment before it was locked
            place.mkdir(parents=True)
            held = os.open(place / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
            if lock_now(held) and is_named(held, place / LOCK):
                sync_folder(folder)
                return _Slot(place, held, 0)
            os.close(held)


def read_counter(path: Path) -> int | None:
    """Return the number of a slot's last segment, or None if the counter is lost or torn."""
    try:
        line = path.read_bytes()
    except FileNotFoundError:
        return None
    number = line.split(b" ")[0]
    return int(number) if number.isdigit() and line == _counter_line(int(number)) else None


def _counter_line(number: int) -> bytes:
    text = b"%d" % number
    return b"%b %08x\n" % (text, zlib.crc32(text))
