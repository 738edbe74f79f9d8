"""When workers of the service started: one line each, so that a look later can tell one that dies again and again."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mainstay.store.clock import now_us

STARTS, OLDER = "starts", "starts.older"
MOST_BYTES = 1 << 20  # some 30,000 starts; then the file is put aside, in place of the one before


@dataclass(frozen=True, slots=True)
class Start:
    """One worker that started at a moment (UTC microseconds); workers of one service have the same `service`."""

    at_us: int
    service: int


def note_start(root: Path) -> None:
    """Note that this process begins to answer, as a worker of the process that started it; a full disk is no reason."""
    place = root / STARTS
    with suppress(OSError):
        if place.exists() and place.stat().st_size > MOST_BYTES:
            place.replace(root / OLDER)
        line = b"\n%d %d\n" % (now_us(), os.getppid())  # begun anew, so that a torn line spoils no other
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def starts(root: Path) -> tuple[Start, ...]:
    """Return every start that was noted, in order; a line that was torn is passed over."""
    found = []
    for name in (OLDER, STARTS):
        with suppress(OSError):
            for line in (root / name).read_bytes().splitlines():
                words = line.split()
                if len(words) == 2 and all(word.isdigit() for word in words):
                    found.append(Start(int(words[0]), int(words[1])))
    return tuple(sorted(found, key=lambda start: start.at_us))
