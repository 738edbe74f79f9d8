"""How much one worker takes: of one request, of one row, of time and of memory. Set with `mainstay serve --limit`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from mainstay.domain.errors import Asked, did_you_mean


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is beyond any of these is refused in words, and never takes other callers' time or memory. `SAID` says each.

    Times are seconds, sizes bytes.
    """

    rows: int = 4_096
    items: int = 10_000
    body_bytes: int = 10_000_000
    row_bytes: int = 262_144
    text_characters: int = 100_000
    depth: int = 32
    extra_columns: int = 10_000
    cells: int = 1_000_000
    held_bytes: int = 64_000_000
    requests: int = 1_000
    connections: int = 10_000
    head_bytes: int = 65_536
    head_s: float = 30.0
    body_s: float = 30.0
    answer_s: float = 10.0
    table_bytes: int = 1_000_000_000


class Said(NamedTuple):
    """The lowest and the highest that a limit can be set to, what it limits, and why it is what it is."""

    low: float
    high: float
    what: str
    why: str


SAID = {
    "rows": Said(1, 4_096, "rows in one request", "they take a worker a fifth of a second; ids hold 12 bits for them"),
    "items": Said(1, 100_000, "outcomes or actions in one request", "each costs a tenth of a row"),
    "body_bytes": Said(1_000, 1e9, "bytes of a body, unpacked too", "4,096 rows of 2.4 kB"),
    "row_bytes": Said(100, 10_000_000, "bytes of one row", "a dozen full free texts; typical is 0.6 kB"),
    "text_characters": Said(10, 10_000_000, "characters of one text", "models read the first 20,000"),
    "depth": Said(1, 200, "lists and objects within one another in a row", "rows hold plain values; more is a mistake"),
    "extra_columns": Said(0, 1_000_000, "columns of a row that training did not know", "more is another table"),
    "cells": Said(1, 1_000_000_000, "rows times columns of a table", "as many as JSON of the same size could hold"),
    "held_bytes": Said(1_000, 1e11, "bytes of unfinished bodies in one worker", "six of the largest"),
    "requests": Said(1, 100_000, "requests under way in one worker", "beyond it callers do better to wait"),
    "connections": Said(1, 1_000_000, "open connections of one worker", "each holds some 10 kB"),
    "head_bytes": Said(1_000, 10_000_000, "bytes of request line and headers", "proxies allow 8 to 32 kB"),
    "head_s": Said(0.1, 3_600, "seconds for a head to arrive", "a slow sender must not hold a connection for ever"),
    "body_s": Said(0.1, 3_600, "seconds for a body to arrive", "10 MB over a poor line (3 Mbit/s)"),
    "answer_s": Said(0.1, 3_600, "seconds to read the rows of one request", "nobody else is answered meanwhile"),
    "table_bytes": Said(
        3e8, 1e12, "bytes of memory to unpack an Arrow or Parquet body", "some 100 MB are Polars itself"
    ),
}
LIMITS = Limits()


def read_limits(texts: Iterable[str]) -> Limits:
    """Read limits written as `NAME=NUMBER`; those not named stay as they are. Raises `Asked`.

    >>> read_limits(["rows=100", "body_s=5"]).rows
    100
    """
    said: dict[str, float] = {}
    for text in texts:
        name, _, number = (part.strip() for part in text.partition("="))
        if name not in SAID:
            raise Asked(f"there is no limit {name[:100]!r}", remedy=did_you_mean(name, SAID))
        said[name] = _number(name, number)
    return msgspec.convert(said, Limits, strict=False)


def _number(name: str, text: str) -> float:
    low, high, what, _ = SAID[name]
    try:
        number = float(text.replace("_", ""))
    except ValueError:
        number = low - 1
    whole = Limits.__annotations__[name] == "int"
    if not low <= number <= high or (whole and number != int(number)):
        kind = "a whole number" if whole else "a number"
        raise Asked(f"--limit {name}={text[:100]}: wanted {kind} from {low:,g} to {high:,g} ({what})", remedy="")
    return int(number) if whole else number
