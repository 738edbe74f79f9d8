"""The process of a recipe: `python -m mainstay.interfaces.recipe_child READS WRITES`, pipes to and from its parent."""

from __future__ import annotations

import sys
from functools import partial

import msgspec

from mainstay.domain.recipe import Request
from mainstay.interfaces.own_child import live
from mainstay.workflows.recipe_bench import Bench
from mainstay.workflows.recipe_child import answer

_asks: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)

if __name__ == "__main__":
    live(sys.argv[1:], _asks, partial(answer, Bench()))
