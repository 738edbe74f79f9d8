"""Running somebody's code in our process: what it prints goes beside the answer, and what it forks ends with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

ANSWERS, BESIDE = 1, 2  # the file descriptors of standard output and standard error


@contextmanager
def aside() -> Iterator[None]:
    """Send what the block prints, programs that it starts included, to standard error; a fork of it ends here.

    Standard output is for one answer: a line in it that is not ours, or a second process that answers too, breaks
    whoever reads it.
    """
    ours = os.getpid()
    sys.stdout.flush()
    kept = os.dup(ANSWERS)
    try:
        os.dup2(BESIDE, ANSWERS)
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if os.getpid() != ours:
            os._exit(0)
        os.dup2(kept, ANSWERS)
        os.close(kept)
