"""Unpacking a table that a caller sent, in a process of its own: the table as lines of JSON, or why it cannot be."""

from __future__ import annotations

import msgspec

from mainstay.data.sent import TooMuch, table_lines
from mainstay.domain.errors import DataError
from mainstay.domain.limits import Limits


class Unusable(msgspec.Struct, frozen=True):
    """Why a table is not taken, as its sender is told."""

    status: int
    code: str
    what: str
    remedy: str


def unpack_table(content: bytes, limits: Limits) -> bytes | Unusable:
    """Return the rows of a Parquet or Arrow body as lines of JSON."""
    try:
        return table_lines(content, limits)
    except TooMuch as error:
        return Unusable(413, "body-too-large", error.what, error.remedy)
    except DataError as error:
        return Unusable(422, "not-a-table", error.what, error.remedy)
