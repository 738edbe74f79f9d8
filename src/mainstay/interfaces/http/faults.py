"""Faults of our own: told to the caller without our insides, and to the log without the caller's values."""

from __future__ import annotations

import logging
import os
import traceback

from mainstay.interfaces.http.reply import CLOSE, Reply, problem

log = logging.getLogger("mainstay.http")


def where(error: BaseException) -> str:
    """Say where an error came from, without its message: that could hold a caller's values."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def own_fault(error: BaseException, request_id: bytes) -> Reply:
    """Note a fault of ours and return the reply for it."""
    log.error("request %s failed: %s", request_id.decode("latin-1"), where(error))
    what = "the service itself failed; nothing was decided"
    return problem(500, "own-fault", what, remedy="Report the x-request-id of this reply.", headers=CLOSE)
