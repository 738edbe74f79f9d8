"""The process of a project's own checks: `python -m mainstay.interfaces.own_checks_child READS WRITES`, two pipes."""

from __future__ import annotations

import sys
from functools import partial

import msgspec

from mainstay.domain.own_checks import Request
from mainstay.interfaces.own_child import live
from mainstay.workflows.own_checks_child import Holds, answer

_asks: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)

if __name__ == "__main__":
    live(sys.argv[1:], _asks, partial(answer, Holds()))
