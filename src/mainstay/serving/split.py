"""Taking the rows of a JSON body apart without reading them, so that one that cannot be read takes no others with it.

A reader that descends must give up where a row is nested deeply, and one that checks texts where half a character
stands alone; both then know nothing of the rows behind. Counting brackets needs neither: a few passes of numpy over the
bytes, in blocks, so that memory stays small.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

BLOCK = 1 << 20  # bytes counted at once: some ten times as much memory
QUOTE, COMMA = ord('"'), ord(",")
OPENING, CLOSING = (ord("["), ord("{")), (ord("]"), ord("}"))
MAX_MEMBERS = 100  # of the body itself
SPACES = b" \t\r\n"


def take_apart(body: bytes, name: str, *, most: int) -> tuple[bytes, list[bytes]] | None:
    """Split a JSON object: what is left of it with an empty list under `name`, and the elements of that list.

    Returns None where there is no such object, and one more than `most` elements where there are more than that. What
    is between the commas is not looked at.

    >>> take_apart(b'{"rows": [{"a": [1, 2]}, 3], "ids": ["x"]}', "rows", most=9)
    (b'{"ids": ["x"],"rows":[]}', [b'{"a": [1, 2]}', b'3'])
    """
    plain = body.replace(rb"\\", b"__").replace(rb"\"", b"__")  # as long as before: no quote is left that is none
    first = len(body) - len(body.lstrip(SPACES))
    members = _elements(plain, first, MAX_MEMBERS) if body[first : first + 1] == b"{" else None
    if members is None or len(members) > MAX_MEMBERS:
        return None
    listed = re.compile(rb'\s*"%s"\s*:\s*\[' % re.escape(name.encode()))
    others: list[bytes] = []
    rows: list[tuple[int, int]] | None = None
    for begin, end in members:
        found = listed.match(body, begin, end)
        if found is None:
            others.append(body[begin:end].strip(SPACES))
        else:
            rows = _elements(plain, found.end() - 1, most)
    if rows is None:
        return None
    left = b",".join([*[each for each in others if each], b'"%s":[]' % name.encode()])
    return b"{" + left + b"}", [piece for begin, end in rows if (piece := body[begin:end].strip(SPACES))]


def _elements(plain: bytes, start: int, most: int) -> list[tuple[int, int]] | None:
    """Where the elements of the list or object that opens at `start` begin and end; None where it does not close."""
    begin = start + 1
    found: list[tuple[int, int]] = []
    for at, is_end in _marks(plain, start):
        found.append((begin, at))
        begin = at + 1
        if is_end or len(found) > most:
            return found
    return None


def _marks(plain: bytes, start: int) -> Iterator[tuple[int, bool]]:
    """The commas between the elements of what opens at `start`, and its closing bracket (True)."""
    depth = inside = 0
    for offset in range(start, len(plain), BLOCK):
        block = np.frombuffer(plain, np.uint8, min(BLOCK, len(plain) - offset), offset)
        within = (np.cumsum(block == QUOTE, dtype=np.int32) + inside) & 1
        outside = within == 0
        opens, closes = np.isin(block, OPENING) & outside, np.isin(block, CLOSING) & outside
        depths = depth + np.cumsum(opens.astype(np.int8) - closes.astype(np.int8), dtype=np.int32)
        ends = closes & (depths == 0)
        for at in np.flatnonzero(ends | ((block == COMMA) & outside & (depths == 1))).tolist():
            yield offset + at, bool(ends[at])
        depth, inside = int(depths[-1]), int(within[-1])
