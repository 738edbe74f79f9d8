"""The fast way through a CSV file: whole blocks of it at once, as long as every line of a block is plain.

A block ends where a record ends. It is plain if quotes stand only around whole fields (and twice within them), lines
end in line feeds and every record has as many fields as the header. The first that is not goes the careful way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

QUOTE, FEED = ord('"'), ord("\n")
LONGEST_RECORD = 1 << 26  # bytes without an end of a record, after which the careful way says what is wrong
Bools = NDArray[np.bool_]


def ended(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Leave out the empty lines at the end of a text, and end its last line."""
    tail, is_empty = b"", True
    for block in blocks:
        whole = tail + block
        body = whole.rstrip(b"\r\n")
        tail = whole[len(body) :]
        if body:
            is_empty = False
            yield body
    if not is_empty:
        yield b"\n"


def records(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Cut a text anew, so that each piece ends with a record; quotes that never close make one long last piece."""
    rest = b""
    for block in blocks:
        rest += block
        end = _last_end(rest)
        if end:
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > LONGEST_RECORD:
            yield rest  # the careful way reads on from here
            rest = b""
    if rest:
        yield rest


def plain_columns(block: bytes, separator: str, width: int) -> list[pl.Series] | None:
    """Return the columns of a block as texts, missing ones null; None if it is not plain."""
    if block.count(b"\r") != block.count(b"\r\n"):
        return None
    quoted = b'"' in block
    n_separators = _outside_separators(block, separator) if quoted else block.count(separator.encode())
    if n_separators is None:
        return None
    schema = {f"column_{place}": pl.String() for place in range(width)}
    quote: Any = '"' if quoted else None
    try:
        table = pl.read_csv(block, separator=separator, has_header=False, schema=schema, quote_char=quote)
    except PolarsError:  # a line with too many fields: the other way names it
        return None
    # No line has too many fields, so if there are enough separators in all then every line has enough.
    if table.width != width or table.height == 0 or n_separators != table.height * (width - 1):
        return None
    return [column.replace("", None) for column in table.get_columns()]


def _last_end(data: bytes) -> int:
    """Return where the last record that is whole ends; 0 if none is."""
    if b'"' not in data:
        return data.rfind(b"\n") + 1
    array = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero((array == FEED) & ~_within(array == QUOTE))
    return int(ends[-1]) + 1 if ends.size else 0


def _outside_separators(block: bytes, separator: str) -> int | None:
    """Count the separators outside quotes; None where a quote stands anywhere but around a field or twice within."""
    array = np.frombuffer(block, dtype=np.uint8)
    quotes = array == QUOTE
    within = _within(quotes)
    borders = (array == ord(separator)) | (array == FEED)
    opens, closes = quotes & within, quotes & ~within
    before = np.concatenate([[True], (borders | quotes)[:-1]])
    after = np.concatenate([(borders | quotes | (array == ord("\r")))[1:], [True]])
    if within[-1] or not before[opens].all() or not after[closes].all():
        return None
    return int(np.count_nonzero((array == ord(separator)) & ~within))


def _within(quotes: Bools) -> Bools:
    """Say of each byte whether it lies within quotes; an opening quote does, a closing one does not."""
    return np.asarray(np.logical_xor.accumulate(quotes), dtype=np.bool_)
