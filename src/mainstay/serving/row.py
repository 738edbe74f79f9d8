"""One row of a request: read within its limits, or refused by a message that says what about it."""

from __future__ import annotations

from typing import Any

import msgspec

from mainstay.domain.limits import LIMITS, Limits
from mainstay.serving.body import LOOSE_HALF, quote_odd_numbers
from mainstay.serving.wording import short

_anything = msgspec.json.Decoder()


def read_row(received: bytes, limits: Limits = LIMITS) -> tuple[object, bytes]:
    """Read one row; returns it with its JSON text, which differs from `received` only where numbers had to be quoted.

    Raises `ValueError` for what is no JSON, and for a row that is too large or too deep to be one.
    """
    if len(received) > limits.row_bytes:
        raise ValueError(f"a row of at most {limits.row_bytes} bytes; this one has {len(received)}{_longest(received)}")
    try:
        row, text = _decoded(received)
    except RecursionError as error:
        raise ValueError(_flat(limits)) from error
    except UnicodeDecodeError as error:
        raise ValueError("texts in UTF-8") from error
    except msgspec.DecodeError as error:
        raise ValueError(_readable(error, received)) from error
    if received.count(b"[") + received.count(b"{") > limits.depth and _is_deeper(row, limits.depth):
        raise ValueError(_flat(limits))
    return row, text


def _decoded(received: bytes) -> tuple[object, bytes]:
    try:
        return _anything.decode(received), received
    except msgspec.DecodeError:
        quoted = quote_odd_numbers(received)
        if quoted == received:
            raise
        return _anything.decode(quoted), quoted


def _readable(error: msgspec.DecodeError, received: bytes) -> str:
    if LOOSE_HALF.search(received):
        return "texts of whole characters; half of a surrogate pair (\\ud800 to \\udfff) stands alone in one"
    return f"a row of JSON ({str(error).removeprefix('JSON is malformed: ')})"


def _flat(limits: Limits) -> str:
    return f"a row of plain values, not lists within lists; at most {limits.depth} deep"


def _is_deeper(row: object, most: int) -> bool:
    """Say whether lists and objects stand within one another more than `most` deep; takes no stack for it."""
    level: list[Any] = [row]
    for _ in range(most):
        level = [inner for each in level for inner in _inner(each)]
        if not level:
            return False
    return any(isinstance(each, list | dict) for each in level)


def _inner(value: object) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [each for each in inner if isinstance(each, list | dict)]


def _longest(received: bytes) -> str:
    try:
        row = _anything.decode(received)
    except (msgspec.MsgspecError, RecursionError):
        return ""
    if not isinstance(row, dict) or not row:
        return ""
    name, value = max(row.items(), key=lambda item: len(item[1]) if isinstance(item[1], str) else 0)
    return f", the longest value ({len(value):,} characters) in {short(name)}" if isinstance(value, str) else ""
