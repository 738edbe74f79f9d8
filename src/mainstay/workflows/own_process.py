"""What a process of somebody's code does about itself, whatever the code is."""

from __future__ import annotations

import os

from mainstay.store.outlived import MARK, end_marked
from mainstay.store.own_process import TELL_LINE

__all__ = ["TELL_LINE", "end_what_it_started"]


def end_what_it_started() -> None:
    """End all that this process has started; the process itself goes on."""
    if mark := os.environ.get(MARK):
        end_marked(mark)
