"""Opening a file that may be packed with gzip or zstd: what is read is what was packed."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import polars as pl
from polars.exceptions import PanicException, PolarsError

from mainstay.domain.errors import DataError

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
READ_BYTES = 1 << 20


class Chunks(io.RawIOBase):
    """A stream of bytes made of chunks that come one by one."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__()
        self._chunks = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        while not self._rest:
            following = next(self._chunks, None)
            if following is None:
                return 0
            self._rest = following
        n = min(len(buffer), len(self._rest))
        buffer[:n], self._rest = self._rest[:n], self._rest[n:]
        return n


def is_packed(head: bytes) -> bool:
    """Say whether a file that begins so is packed with gzip or zstd."""
    return head.startswith((GZIP, ZSTD))


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file and unpack it as it is read; raises `DataError` where the packing is torn."""
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        try:
            if head.startswith(GZIP):
                yield cast(IO[bytes], gzip.GzipFile(fileobj=file))
            elif head.startswith(ZSTD):
                yield io.BufferedReader(Chunks(_zstd(path)), READ_BYTES)
            else:
                yield file
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            what = f"{path.name} is not whole: the gzip in it ends or breaks before its end"
            raise DataError(what, remedy="Write or copy the file again.") from error


def _zstd(path: Path) -> Iterator[bytes]:
    what = f"{path.name} cannot be unpacked as zstd of UTF-8 text"
    if not hasattr(pl, "scan_lines"):
        raise DataError(what, remedy="Unpack it first: unzstd FILE.")
    try:
        for batch in pl.scan_lines(path, glob=False).collect_batches():
            yield "\n".join([*batch.to_series().to_list(), ""]).encode()
    except (PolarsError, PanicException, OSError) as error:
        raise DataError(what, remedy="Unpack it first: unzstd FILE.") from error
