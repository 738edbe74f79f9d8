"""Faults of our own: told to the caller without our insides, and to the log without the caller's values."""

from __future__ import annotations

import logging

from mainstay.interfaces.http.reply import CLOSE, Reply, problem
from mainstay.interfaces.http.request import RETRY, Head
from mainstay.interfaces.logs import where

log = logging.getLogger("mainstay.http")


def own_fault(error: BaseException, head: Head) -> Reply:
    """Note a fault of ours and return the reply for it."""
    said = head.ids
    trace = f" (trace {said['trace']})" if "trace" in said else ""
    log.error("request %s failed: %s%s", said["request"], where(error), trace, extra={"said": said})
    if isinstance(error, MemoryError):
        what, headers = "there is not enough memory now; nothing was decided", (*RETRY, *CLOSE)
        return problem(503, "too-busy", what, remedy="Send it again later, or fewer rows at once.", headers=headers)
    remedy = f"Report it as request {said['request']}{trace}."
    return problem(500, "own-fault", "the service itself failed; nothing was decided", remedy=remedy, headers=CLOSE)
