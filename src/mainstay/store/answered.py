"""What the workers of a home answered lately to ids of callers' own: one file that all of them read and write.

A retry may reach any worker, and two may be asked at the same moment. So an id is held, by a lock that dies with its
process, from before it is looked up until its answer is journalled and written here. The file is a fixed table: an id's
hash says which bucket it is in, and a bucket forgets its oldest answer for the newest. Nothing here is the record: that
is the journal, where the first decision of an id is the decision. So a write that fails is let go, a torn one is not
found, and the file may be removed at any time. It holds answers and hashes, never rows; only its owner may read it.
"""

from __future__ import annotations

import fcntl
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from time import monotonic, sleep

BUCKETS, SLOTS = 8_192, 16  # of the last 32,768 ids all but one in a hundred thousand are found, in 64 MB of disk
BUCKET_BYTES, HEAD = 8_192, 32
SLOT_BYTES = (BUCKET_BYTES - HEAD) // SLOTS
NAME_BYTES, FRAME = 16, 16 + 4 + 2  # name, checksum, length
MOST_BYTES = SLOT_BYTES - FRAME  # of an answer: a usual one has 250 and a few warnings fit
WAIT_S, PAUSE_S = 1.0, 0.0002


class Answered:
    """The table, opened by one process. Raises `OSError` where its file cannot be made."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def find(self, name: bytes) -> bytes | None:
        """Return what was put under a name, or None; a record that is torn is not there."""
        bucket = self._bucket(_bucket_of(name))
        at = bucket.find(name, HEAD)
        while at >= 0:
            if (at - HEAD) % SLOT_BYTES == 0 and (found := _read(bucket, at)) is not None:
                return found
            at = bucket.find(name, at + 1)
        return None

    def put(self, name: bytes, data: bytes) -> bool:
        """Keep something under a name that is held; return False where it is too large or the disk does not take it."""
        if len(data) > MOST_BYTES:
            return False
        number = _bucket_of(name)
        start = number * BUCKET_BYTES
        record = name + zlib.crc32(name + data).to_bytes(4, "little") + len(data).to_bytes(2, "little") + data
        try:
            head = os.pread(self._file, 1, start)
            slot = head[0] % SLOTS if head else 0
            if os.pwrite(self._file, record, start + HEAD + slot * SLOT_BYTES) != len(record):
                return False
            os.pwrite(self._file, bytes([(slot + 1) % SLOTS]), start)
        except OSError:
            return False
        return True

    @contextmanager
    def held(self, names: Iterable[bytes]) -> Iterator[None]:
        """Keep other processes from these names meanwhile; who waits longer than a second goes on without."""
        numbers = sorted({_bucket_of(name) for name in names})  # in one order everywhere, so that none waits in a ring
        until_s = monotonic() + WAIT_S
        mine = [number for number in numbers if self._take(number, until_s)]
        try:
            yield
        finally:
            for number in mine:
                with suppress(OSError):
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _take(self, number: int, until_s: float) -> bool:
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
            except OSError:
                if monotonic() > until_s:
                    return False
                sleep(PAUSE_S)
            else:
                return True

    def _bucket(self, number: int) -> bytes:
        try:
            return os.pread(self._file, BUCKET_BYTES, number * BUCKET_BYTES)
        except OSError:
            return b""


def name_of(model: str, key: str, own_id: str) -> bytes:
    """Return the name of an id: a hash that nobody can turn back.

    >>> len(name_of("credit", "", "a-1")) == NAME_BYTES
    True
    """
    return blake2b(f"{model}\0{key}\0{own_id}".encode("utf-8", "surrogatepass"), digest_size=NAME_BYTES).digest()


def _bucket_of(name: bytes) -> int:
    return int.from_bytes(name[:2], "little") % BUCKETS


def _read(bucket: bytes, at: int) -> bytes | None:
    name, data = bucket[at : at + NAME_BYTES], at + FRAME
    length = int.from_bytes(bucket[data - 2 : data], "little")
    found = bucket[data : data + length]
    checksum = int.from_bytes(bucket[at + NAME_BYTES : data - 2], "little")
    return found if len(found) == length and zlib.crc32(name + found) == checksum else None
