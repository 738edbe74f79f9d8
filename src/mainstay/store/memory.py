"""The memory of this process: what is free in it is given back to the system, so that a large table fits beside it."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Give memory that this process has let go of back to the system, where its C library can; else nothing happens.

    After work on large arrays the C library keeps hundreds of megabytes for arrays to come.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
