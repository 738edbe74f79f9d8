"""How often each key may still be used, in memory that all workers share: a limit is the service's, not each worker's.

Each key has a bucket of `n` requests that refills evenly. One number a key tells it all: the moment at which its bucket
would be full again (Turner 1986, the virtual scheduling form of the leaky bucket, GCRA). Workers take no lock: two that
take at the same microsecond may count one request between them.
"""

from __future__ import annotations

import mmap
import os
import time
from pathlib import Path

from mainstay.domain.key import Rate

SLOTS = 65_536  # keys that are counted apart; more share a slot
SLOT_BYTES = 8
SECOND_US = 1_000_000


def taken(full_us: int, rate: Rate, now_us: int) -> tuple[int, int]:
    """Take one request from a bucket that will be full at `full_us`: return when it then will be, and the wait (µs).

    A wait above 0 says that nothing was taken, and when there will be something.

    >>> taken(0, Rate(2, 1), 10_000_000), taken(11_000_000, Rate(2, 1), 10_000_000)
    ((10500000, 0), (11000000, 500000))
    """
    step_us = rate.seconds * SECOND_US // rate.n
    full_us = max(full_us, now_us)
    wait_us = full_us + step_us - now_us - rate.seconds * SECOND_US
    return (full_us, wait_us) if wait_us > 0 else (full_us + step_us, 0)


class Rates:
    """The buckets of all keys, by their place; `path` names the file that workers share, "" is this process alone."""

    def __init__(self, path: str = "") -> None:
        descriptor = os.open(path, os.O_RDWR) if path else -1
        try:
            self._memory = memoryview(mmap.mmap(descriptor, SLOTS * SLOT_BYTES)).cast("q")
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def wait_us(self, place: int, rate: Rate) -> int:
        """Take one request from a key's bucket; return 0, or the microseconds until there is one to take."""
        slot = place % SLOTS
        self._memory[slot], wait_us = taken(self._memory[slot], rate, time.monotonic_ns() // 1000)
        return wait_us


def make_rates(path: Path) -> None:
    """Make the file that workers share."""
    with path.open("xb") as file:
        file.truncate(SLOTS * SLOT_BYTES)
