"""Starting a fresh process of our own to see what it takes: seconds until it first answers, and what it says."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence

from mainstay.domain.errors import StoreError
from mainstay.store.clock import ticks_us

WITHIN_S = 120.0


def first_line(entry: str, words: Sequence[str]) -> tuple[float, tuple[str, ...]]:
    """Run `python -m entry words`; return the seconds until its first line, and all its lines.

    Raises `StoreError` where it cannot be started, fails, says nothing, or takes longer than two minutes.
    """
    begun = ticks_us()
    command = [sys.executable, "-m", entry, *words]
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
            assert child.stdout is not None  # asked for above
            overdue = threading.Timer(WITHIN_S, child.kill)
            overdue.start()
            try:
                first = child.stdout.readline()
                took_s = (ticks_us() - begun) / 1e6
                rest = child.stdout.readlines()
            finally:
                overdue.cancel()
    except OSError as error:
        raise StoreError(f"{entry} could not be run ({type(error).__name__})", remedy="mainstay doctor") from error
    if child.returncode or not first:
        raise StoreError(f"{entry} failed with exit code {child.returncode}", remedy="Run it to see why.")
    return took_s, (first.strip(), *(line.strip() for line in rest))
