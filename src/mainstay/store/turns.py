"""Taking turns: one process at a time looks at a model."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from mainstay.store.files import disk_faults
from mainstay.store.home import Home


@contextmanager
def turn(home: Home, model: str) -> Iterator[None]:
    """Hold a model's turn; waits while another process has it. A process that dies lets go."""
    folder = home.journal_root / model
    with disk_faults(f"taking turns at {model}"):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / ".turn", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
