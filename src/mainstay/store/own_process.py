"""Somebody's code in a process of its own: bounded in time, and heard on a pipe of its own.

Its process has an empty folder that is removed with it; whatever it starts is ended with it, also what leaves its
group; and what it prints goes to a file. One that hangs is asked for its line. It speaks in messages of eight bytes of
length and so many of MessagePack; one that is none, or longer than it may be, ends it.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, TypeVar

import msgspec

from mainstay.domain.errors import RecipeError
from mainstay.store.files import disk_faults
from mainstay.store.outlived import MARK, end_marked

HEADER = 8
PRINTED = "printed"
MOST_PRINTED = 8_000  # characters at the end of what it printed that are looked at
TELL_LINE, TELLING_S = signal.SIGUSR1, 0.3  # a signal that makes it print where it is, and how long that may take
# One thread each, whatever library counts them: sums in another order are other models.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "LOKY_MAX_CPU_COUNT"), "1"
)
LARGEST = 1 << 40  # bytes of a reply where nothing smaller is said: a length beyond it is none

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()


class Hangs(RecipeError):
    """It gave no answer in the time it had."""


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """A file of somebody's code: its name in messages, the module that runs it, what that says, and what mends it.

    `cwd` is where it runs, its empty folder if none is named; a reply has at most `most_bytes`.
    """

    name: str
    entry: str
    says: msgspec.msgpack.Decoder[T]
    again: str
    cwd: Path | None = None
    most_bytes: int = LARGEST


@dataclass(frozen=True, slots=True)
class OwnProcess(Generic[T]):
    """A running process of somebody's code; `folder` is its empty folder, where rows for it may be put."""

    folder: Path
    written: Written[T]
    process: subprocess.Popen[bytes]
    reads: int
    writes: int

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.written.name

    def ask(self, request: msgspec.Struct, *, within_s: float) -> Iterator[T]:
        """Send a request and yield replies as they come, forever; the caller knows which is the last.

        Raises `RecipeError` where none comes within so many seconds, where it is none, or where the process has died.
        """
        data = _encoder.encode(request)
        with suppress(BrokenPipeError):  # it died: reading says how
            _write(self.writes, len(data).to_bytes(HEADER, "big") + data)
        while True:
            yield self._reply(within_s)

    def printed(self) -> str:
        """Return the end of what it printed."""
        with suppress(OSError):
            return (self.folder / PRINTED).read_text(encoding="utf-8", errors="replace")[-MOST_PRINTED:].strip()
        return ""

    def end(self) -> None:
        """End it and whatever it started, and let go of the pipes."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        end_marked(str(self.folder))
        for pipe in (self.reads, self.writes):
            with suppress(OSError):
                os.close(pipe)

    def _reply(self, within_s: float) -> T:
        until = time.monotonic() + within_s
        size = int.from_bytes(self._read(HEADER, until, within_s), "big")
        if size > self.written.most_bytes:
            what = f"{self.name} answers more than {self.written.most_bytes / 1e6:,.0f} MB, or writes into its answers"
            raise RecipeError(what, remedy=self.written.again)
        try:
            return self.written.says.decode(self._read(size, until, within_s))
        except msgspec.DecodeError as error:
            raise RecipeError(f"{self.name} writes into its answers: {error}", remedy=self.written.again) from error

    def _read(self, size: int, until: float, within_s: float) -> bytes:
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(self.reads, selectors.EVENT_READ)
            while size:
                if not selector.select(max(0.0, until - time.monotonic())):
                    what = f"{self._where()} hangs: no answer within {within_s:.3g} seconds"
                    raise Hangs(what, remedy=self.written.again)
                part = os.read(self.reads, min(size, 1 << 20))
                if not part:
                    raise self._death()
                parts.append(part)
                size -= len(part)
        return b"".join(parts)

    def _where(self) -> str:
        """Return `recipe.py:12`, the line that it is at, if it still says so; else the name alone."""
        with suppress(ProcessLookupError, PermissionError):
            self.process.send_signal(TELL_LINE)
            time.sleep(TELLING_S)
        lines = re.findall(rf'^  File "{re.escape(self.name)}", line (\d+)', self.printed(), re.MULTILINE)
        return f"{self.name}:{lines[0]}" if lines else self.name

    def _death(self) -> RecipeError:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(5.0)
        code = self.process.poll()
        how = f"its process ended by itself (exit code {code})"
        if code is None:
            how = "it closed the pipe that its answers go into"
        elif code < 0:
            how = f"its process was ended by {signal.Signals(-code).name}"
        if code == -signal.SIGKILL:
            how += ": probably it needed more memory than there is"
        said = self.printed()
        return RecipeError(f"{self.name}: {how}{_last_line(said)}", remedy=self.written.again)


def _last_line(printed: str) -> str:
    return f"; it last printed: {printed.splitlines()[-1][:200]}" if printed else ""


@contextmanager
def own_process(written: Written[T], *, environment: Mapping[str, str] = ONE_THREAD) -> Iterator[OwnProcess[T]]:
    """Start a process for somebody's code, and end it when the block is left."""
    with (
        disk_faults(f"starting a process for {written.name}"),
        TemporaryDirectory(prefix="mainstay-own-", ignore_cleanup_errors=True) as folder,
    ):
        process = _started(Path(folder), written, environment)
        try:
            yield process
        finally:
            process.end()


def _started(folder: Path, written: Written[T], environment: Mapping[str, str]) -> OwnProcess[T]:
    theirs_reads, writes = os.pipe()
    reads, theirs_writes = os.pipe()
    with (folder / PRINTED).open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", written.entry, str(theirs_reads), str(theirs_writes)],
            cwd=written.cwd or folder,
            env={**os.environ, **environment, MARK: str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            pass_fds=(theirs_reads, theirs_writes),
            start_new_session=True,
        )
    os.close(theirs_reads)
    os.close(theirs_writes)
    return OwnProcess(folder, written, process, reads, writes)


def _write(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]
