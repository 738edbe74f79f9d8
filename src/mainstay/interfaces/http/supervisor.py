"""Keeping processes alive: a child that dies is started again, one that hangs is ended first, all stop in order.

uvicorn's own supervisor has no stable interface (its arguments changed between 0.50 and 0.54), looks twice a second and
gives up for good when a worker fails to start. This one also keeps the ingesting child.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Protocol

LOOK_S = 0.1
HANGS_S = 20.0  # a worker beats five times a second; no request holds it longer than a fraction of a second
STARTS_S = 120.0  # what loading may take on a machine that is very busy
SETTLED_S = 10.0  # a child that lived this long died of something new
PATIENCE = 5  # deaths in a row before it ever beat, after which starting it again is pointless
LONGEST_PAUSE_S = 10.0

log = logging.getLogger("mainstay.http")


class Process(Protocol):
    """A process as it is looked after here: one that was started anew, or that goes on from this one."""

    pid: int

    @property
    def stdin(self) -> IO[bytes] | None:
        """Where it reads, while that is open."""
        ...

    @property
    def stdout(self) -> IO[bytes] | None:
        """Where it beats."""
        ...

    def poll(self) -> int | None:
        """Return its exit code once it has ended."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; raises `subprocess.TimeoutExpired`."""
        ...

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of child: its name for the log, how it is started, and whether it beats on its standard output.

    One that does not beat reads its standard input: the end of it asks it to finish.
    """

    name: str
    start: Callable[[], Process]
    beats: bool
    first_pause_s: float = 0.0


class Child:
    """A role being played by one process after another."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.process: Process | None = None
        self.has_beaten = False
        self.n_early_deaths = 0
        self._started = 0.0
        self._heard: float | None = None
        self._not_before = time.monotonic() + role.first_pause_s

    def is_up(self) -> bool:
        """Say whether the process that plays it now has beaten."""
        self._listen()
        return self.process is not None and self._heard is not None

    def keep(self) -> None:
        """Look after it once: start it if it is not running, end it if it hangs."""
        if self.process is None:
            if time.monotonic() >= self._not_before:
                self._start()
            return
        if self.role.beats:
            self._listen()
        if (code := self.process.poll()) is not None:
            self._died(code)

    def ask_to_stop(self) -> None:
        """Ask it to finish what it is doing, and stop."""
        if self.process is None:
            return
        if self.role.beats:
            self.process.send_signal(signal.SIGTERM)
        elif self.process.stdin is not None:
            self.process.stdin.close()

    def wait(self, seconds: float) -> None:
        """Wait until it has stopped; end it if it takes longer."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            log.error("%s %d did not stop within %g s and was ended", self.role.name, self.process.pid, seconds)
            self.process.kill()
            self.process.wait()

    def _start(self) -> None:
        self.process = self.role.start()
        if self.process.stdout is not None:
            os.set_blocking(self.process.stdout.fileno(), False)
        self._started, self._heard = time.monotonic(), None

    def _listen(self) -> None:
        process = self.process
        if process is None or process.stdout is None:
            return
        with suppress(BlockingIOError):
            if os.read(process.stdout.fileno(), 4096):
                self._heard, self.has_beaten = time.monotonic(), True
        silent_s = time.monotonic() - (self._heard or self._started)
        if silent_s > (HANGS_S if self._heard else STARTS_S) and process.poll() is None:
            log.error("%s %d hangs and was ended", self.role.name, process.pid)
            process.kill()

    def _died(self, code: int) -> None:
        lived_s = time.monotonic() - self._started
        self.n_early_deaths = 0 if lived_s > SETTLED_S else self.n_early_deaths + 1
        pause_s = min(LONGEST_PAUSE_S, 0.25 * 2.0 ** (self.n_early_deaths - 3)) if self.n_early_deaths > 2 else 0.0
        log.error("%s died (%s); starting another", self.role.name, _cause(code))
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()
        self.process, self._not_before = None, time.monotonic() + pause_s


def started(arguments: Sequence[str], environment: Mapping[str, str]) -> Process:
    """Start Python anew for a child that does not beat."""
    return subprocess.Popen([sys.executable, "-P", *arguments], stdin=subprocess.PIPE, env=dict(environment))


def keep_all(children: Sequence[Child], *, stopping: Callable[[], bool], ready: Callable[[], None]) -> bool:
    """Keep all children alive until `stopping`; `ready` is called once, when one of those that beat first does.

    Returns False where they die again and again without ever having come up.
    """
    told = False
    while not stopping():
        for child in children:
            child.keep()
        beating = [child for child in children if child.role.beats]
        if not told and any(child.has_beaten for child in beating):
            told = True
            ready()
        if not told and all(child.n_early_deaths >= PATIENCE for child in beating):
            return False
        time.sleep(LOOK_S)
    return True


def _cause(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
