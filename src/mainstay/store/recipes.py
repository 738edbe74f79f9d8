"""A recipe of one's own on disk, and the process that it runs in: bounded in time, and heard on a pipe of its own.

The process starts in an empty folder that is removed with it; whatever it starts is ended with it, also what leaves its
group; and what it prints goes to a file. One that hangs is asked for its line. It speaks in messages of eight bytes of
length and so many of MessagePack.
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

import msgspec
import polars as pl

from mainstay.domain.errors import NotFound, RecipeError
from mainstay.domain.recipe import RECIPE, Reply, Request
from mainstay.store.files import disk_faults
from mainstay.store.outlived import MARK, end_marked

HEADER = 8
ENTRY = "mainstay.interfaces.recipe_child"
PRINTED = "printed"
MOST_PRINTED = 8_000  # characters at the end of what it printed that are looked at
TELL_LINE, TELLING_S = signal.SIGUSR1, 0.3  # a signal that makes it print where it is, and how long that may take
# One thread each, whatever library counts them: sums in another order are other models.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "LOKY_MAX_CPU_COUNT"), "1"
)
AGAIN = "Mend it, and try it: mainstay check --recipe"

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


class Hangs(RecipeError):
    """A recipe gave no answer in the time it had."""


def recipe_text(folder: Path, file: Path | None = None) -> tuple[str, str] | None:
    """Return name and text of a recipe: of `file`, else of `recipe.py` in a folder; None where there is none.

    Raises `NotFound` for a file that is named and not there, `RecipeError` for one that is no text.
    """
    path = file or folder / RECIPE
    if path.is_dir():
        raise RecipeError(f"{path} is a folder; a recipe is one file", remedy="Move the folder, or name a file in it.")
    if not path.is_file():
        if file is None:
            return None
        raise NotFound(f"there is no {path}", remedy="Write it: see docs/recipes.md, or name another file.")
    try:
        with disk_faults(f"reading {path.name}"):
            return path.name, path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path.name} is not UTF-8 text (byte {error.start})", remedy="Save it as UTF-8.") from error


def write_rows(rows: pl.DataFrame, path: Path) -> None:
    """Write rows where the process of a recipe can read them."""
    with disk_faults(f"writing {path.name}"):
        rows.write_ipc(path)


def read_rows(path: Path) -> pl.DataFrame:
    """Read rows that were written for a recipe."""
    return pl.read_ipc(path)


@dataclass(frozen=True, slots=True)
class RecipeProcess:
    """A running process of a recipe; `folder` is its empty folder, where rows for it may be put."""

    folder: Path
    name: str
    process: subprocess.Popen[bytes]
    reads: int
    writes: int

    def ask(self, request: Request, *, within_s: float) -> Iterator[Reply]:
        """Send a request and yield replies as they come, forever; the caller knows which is the last.

        Raises `RecipeError` where none comes within so many seconds, or where the process has died; it is ended then.
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

    def _reply(self, within_s: float) -> Reply:
        until = time.monotonic() + within_s
        size = int.from_bytes(self._read(HEADER, until, within_s), "big")
        return _decoder.decode(self._read(size, until, within_s))

    def _read(self, size: int, until: float, within_s: float) -> bytes:
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(self.reads, selectors.EVENT_READ)
            while size:
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise Hangs(f"{self._where()} hangs: no answer within {within_s:.3g} seconds", remedy=AGAIN)
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
        if code is not None and code < 0:
            how = f"its process was ended by {signal.Signals(-code).name}"
        if code == -signal.SIGKILL:
            how += ": probably it needed more memory than there is"
        said = self.printed()
        return RecipeError(f"{self.name}: {how}{_last_line(said)}", remedy=AGAIN)


def _last_line(printed: str) -> str:
    return f"; it last printed: {printed.splitlines()[-1][:200]}" if printed else ""


@contextmanager
def recipe_process(name: str, *, environment: Mapping[str, str] = ONE_THREAD) -> Iterator[RecipeProcess]:
    """Start a process for a recipe, `name` being that of its file, and end it when the block is left."""
    with disk_faults("starting a process for the recipe"), TemporaryDirectory(prefix="mainstay-recipe-") as folder:
        process = _started(Path(folder), name, environment)
        try:
            yield process
        finally:
            process.end()


def _started(folder: Path, name: str, environment: Mapping[str, str]) -> RecipeProcess:
    theirs_reads, writes = os.pipe()
    reads, theirs_writes = os.pipe()
    with (folder / PRINTED).open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", ENTRY, str(theirs_reads), str(theirs_writes)],
            cwd=folder,
            env={**os.environ, **environment, MARK: str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            pass_fds=(theirs_reads, theirs_writes),
            start_new_session=True,
        )
    os.close(theirs_reads)
    os.close(theirs_writes)
    return RecipeProcess(folder, name, process, reads, writes)


def _write(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]
