"""The ingesting child of the service: `python -m mainstay.interfaces.ingester FOLDER EVERY_S LOG_FORMAT`.

A process of its own, so that workers stay small. It reads its standard input: when that ends (the service stops, or has
died), it makes a last round and goes.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from mainstay.domain.errors import MainstayError
from mainstay.interfaces.logs import begin_logging
from mainstay.workflows.ingest import Ingester, has_shadow, ingest_round, open_ingester
from mainstay.workflows.place import now

LONGEST_SHADOW_S = 600.0

log = logging.getLogger("mainstay.ingester")


def run(folder: Path, every_s: float) -> None:
    """Move the spool into the journal every so many seconds, until standard input ends; then once more."""
    ingester, beside = open_ingester(folder), Beside(folder)
    asked_to_stop = False
    while not asked_to_stop:
        asked_to_stop = _input_ended(every_s)
        beside.is_due |= _round(ingester)
        if asked_to_stop:
            beside.end()
        elif not beside.look() and beside.is_due and _has_shadow(ingester):
            beside.start()


class Beside:
    """The process that scores shadows, one at a time; one that takes too long is ended.

    `is_due` says whether there may be something to score: at the beginning, and whenever decisions came since.
    """

    def __init__(self, folder: Path) -> None:
        self.is_due = True
        self._arguments = [sys.executable, "-P", "-m", "mainstay.interfaces.shadow_child", str(folder)]
        self._process: subprocess.Popen[bytes] | None = None
        self._started_s = 0.0

    def look(self) -> bool:
        """Say whether it is still at work; end it where that takes too long."""
        if self._process is None or self._process.poll() is not None:
            return False
        if time.monotonic() - self._started_s < LONGEST_SHADOW_S:
            return True
        log.error("the shadows took more than %g s and were ended; they go on from there", LONGEST_SHADOW_S)
        self.end()
        return False

    def start(self) -> None:
        """Start it."""
        self._process, self._started_s = subprocess.Popen(self._arguments, stdin=subprocess.DEVNULL), time.monotonic()
        self.is_due = False

    def end(self) -> None:
        """End it: what it has not committed is scored another time."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _round(ingester: Ingester) -> bool:
    """Move what came; say whether decisions were among it."""
    try:
        done = ingest_round(ingester, at=now())
    except MainstayError as error:
        log.error("the spool waits: %s", error.what)
        return False
    for model, what in done.problems.items():
        log.error("the spool of %s waits: %s", model, what)
    if done.moved:
        said = ", ".join(f"{n} {stream}" for stream, n in done.moved.items())
        log.info("moved into the journal: %s", said)
    return "decisions" in done.moved


def _has_shadow(ingester: Ingester) -> bool:
    try:
        return has_shadow(ingester)
    except MainstayError:  # the round has said why the ledger cannot be read; the next one looks again
        return False


def _input_ended(seconds: float) -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable) and not os.read(sys.stdin.fileno(), 1)


if __name__ == "__main__":
    begin_logging(sys.argv[3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the service decides when we stop
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    run(Path(sys.argv[1]), float(sys.argv[2]))
