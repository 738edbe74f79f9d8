"""Reading NDJSON: one JSON object a line. Every row is looked at before a column gets a type."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec
import polars as pl

from mainstay.domain.errors import DataError
from mainstay.store.csv_source import Open
from mainstay.store.encodings import utf8_blocks
from mainstay.store.packed_files import Chunks
from mainstay.store.values import series_of, table_of

CHUNK_ROWS = 50_000
Row = dict[str, Any]


def is_json(head: bytes) -> bool:
    """Say whether a text that begins so holds JSON objects.

    >>> is_json(b' {"a": 1}'), is_json(b"[a],[b]"), is_json(b'[ {"a": 1}]')
    (True, False, True)
    """
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return bare.startswith(b"{") or (bare.startswith(b"[") and bare[1:].lstrip().startswith(b"{"))


def read_ndjson(open_: Open, *, name: str, encoding: str | None = None) -> pl.DataFrame:
    """Read JSON objects, one a line or all in one list; raises `DataError` that names the line.

    Columns are in the order in which they first appear. A number too large to be told apart is kept as a text.
    """
    return table_of(_chunks(open_, name, encoding))


def _chunks(open_: Open, name: str, encoding: str | None) -> Iterator[dict[str, pl.Series]]:
    with open_() as stream:
        text = io.BufferedReader(Chunks(utf8_blocks(stream, encoding or "utf-8-sig", name=name)))
        is_list = text.peek(64).lstrip().startswith(b"[")
        rows = _listed(text.read(), name) if is_list else _rows(text, name)
        while chunk := list(islice(rows, CHUNK_ROWS)):
            names = dict.fromkeys(key for row in chunk for key in row)
            yield {key: series_of([row.get(key) for row in chunk]) for key in names}


def _rows(lines: Iterable[bytes], name: str) -> Iterator[Row]:
    decoder = msgspec.json.Decoder(Row)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _decoded(decoder, line, f"{name}: line {number}")


def _listed(text: bytes, name: str) -> Iterator[Row]:
    try:
        yield from msgspec.json.decode(text, type=list[Row])
    except msgspec.DecodeError as error:
        raise DataError(f"{name} is not a list of JSON objects: {error}", remedy="Write one object a line.") from error


def _decoded(decoder: msgspec.json.Decoder[Row], line: bytes, place: str) -> Row:
    try:
        return decoder.decode(line)
    except msgspec.DecodeError as error:
        raise DataError(f"{place} is not a JSON object: {error}", remedy="Write one JSON object a line.") from error
