"""A process that goes on from this one: what has been loaded is there at once, and is held once for all of them."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, NoReturn

from mainstay.interfaces.logs import where

ENDS = (signal.SIGTERM, signal.SIGINT)
LOOK_S = 0.02
STANDARD = 2  # the last of the standard streams
FAILED, INTERRUPTED = 1, 130

log = logging.getLogger("mainstay.http")


class Forked:
    """A child of this process that runs a function and ends with it, asked like a `subprocess.Popen`.

    It has no input, and its output can be read here. Of the files that are open here it keeps standard error and those
    named. Only for a process without threads.
    """

    stdin: IO[bytes] | None = None

    def __init__(self, run: Callable[[], None], *, keeps: int) -> None:
        self.returncode: int | None = None
        reads, writes = os.pipe()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # until the child has handlers of its own
        self.pid = os.fork()
        if self.pid == 0:
            _go_on(run, writes, keeps)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(writes)
        self.stdout: IO[bytes] | None = os.fdopen(reads, "rb")

    def poll(self) -> int | None:
        """Return its exit code (of a signal: negative) once it has ended."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; raises `subprocess.TimeoutExpired`."""
        ends = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if ends is not None and time.monotonic() > ends:
                raise subprocess.TimeoutExpired("a forked process", timeout or 0.0)
            time.sleep(LOOK_S)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def _go_on(run: Callable[[], None], writes: int, keeps: int) -> NoReturn:
    """Be the child: let go of what is the parent's, run, and end without what the parent would do at its end."""
    code = FAILED
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(writes, 1)
        _close_all_but(keeps)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        run()
        code = 0
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else FAILED
    except BaseException as error:  # noqa: BLE001 - the outermost edge of a process
        log.error("ended by a fault of its own: %s", where(error))
    finally:
        logging.shutdown()
        sys.stderr.flush()
        os._exit(code)


def _close_all_but(keeps: int) -> None:
    """Close what is open beside the standard streams; by looking: so many may be allowed that trying takes hours."""
    for number in map(int, os.listdir("/dev/fd")):
        if number > STANDARD and number != keeps:
            with suppress(OSError):  # the one that the looking itself took
                os.close(number)
