"""Work done in a process of its own, so that this one stays small.

The system counts what a process held before it became a command to that command's peak: a bench that has held a table
would measure itself.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")


def elsewhere(work: Callable[..., Given], *given: object) -> Given:
    """Return what a function of a module returns for these arguments."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result()
