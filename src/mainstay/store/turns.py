"""Taking turns: one process at a time looks at a model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mainstay.store.files import locked
from mainstay.store.home import Home


@contextmanager
def turn(home: Home, model: str) -> Iterator[None]:
    """Hold a model's turn; waits while another process has it. A process that dies lets go."""
    with locked(home.journal_root / model / ".turn"):
        yield
