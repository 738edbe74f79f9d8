"""A table's rows piece by piece, as JSON, so that a file larger than memory can be answered; any row can be the first.

The rows of a piece never depend on where the piece begins, and neither does what a row is read as.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import TypeVar

import msgspec
import polars as pl
from polars.exceptions import PanicException, PolarsError

from mainstay.domain.errors import DataError, NotFound, did_you_mean
from mainstay.domain.schema import Schema
from mainstay.store.csv_source import Ragged, csv_pieces, csv_text
from mainstay.store.encodings import utf8_blocks
from mainstay.store.files import disk_faults
from mainstay.store.files_source import BINARY, CSV, NDJSON, PARQUET, File, first_line, look
from mainstay.store.json_rows import frame_rows, text_rows, unread_row
from mainstay.store.packed_files import Chunks
from mainstay.store.pins import Pin, check_pin, pin

PIECE_ROWS = 32_768  # rows of a Parquet file read at once; every piece looks at a whole row group
TEXT_ROWS = 8_192  # rows of a text turned into JSON at once: as Python's values they take ten times their bytes
HASH_BYTES = 1 << 20
Rows = Sequence[bytes]  # one JSON text a row
Some = TypeVar("Some")


@dataclass(frozen=True, slots=True)
class RowSource:
    """A file of rows: what its bytes are (`digest`), and about how many rows it has, where that can be told."""

    file: File
    digest: str
    seen: Pin
    about_rows: int | None

    @property
    def name(self) -> str:
        """How it is called in messages."""
        return self.file.path.name


def open_rows(path: Path) -> RowSource:
    """Look at a CSV, NDJSON, Parquet or Arrow file and digest it; raises `NotFound` or `DataError`."""
    if path.is_dir():
        remedy = "Name one file, or read the table from a database: --from QUERY --to TABLE."
        raise DataError(f"{path} is a folder", remedy=remedy)
    if not path.is_file():
        near = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        raise NotFound(f"{path} is not there", remedy=did_you_mean(path.name, near))
    seen, file = pin(path), look(path)
    with disk_faults(f"reading {path.name}"):
        digest, n_lines = _digested(path)
    if file.holds == BINARY[PARQUET]:
        n_rows = _guarded(file, lambda: int(_scan(file).select(pl.len()).collect().item()))
        return RowSource(file, digest, seen, n_rows)
    is_text = file.holds in (CSV, NDJSON) and n_lines > 0
    return RowSource(file, digest, seen, n_lines if is_text else None)


def pieces(source: RowSource, schema: Schema, *, first: int = 0) -> Iterator[Rows]:
    """Yield the rows from number `first` on, some at a time; a CSV's texts are typed by the fields of `schema`.

    A row that cannot be read stands in its place as a text that says why. Raises `DataError` where a file breaks off,
    or was changed since it was digested.
    """
    with disk_faults(f"reading {source.name}"):
        if source.file.holds == CSV:
            yield from _csv(source, schema, first)
        elif source.file.holds == NDJSON:
            yield from _lines(source, first)
        else:
            yield from _frames(source, first)
    check_pin(source.file.path, source.seen)


def _digested(path: Path) -> tuple[str, int]:
    found, n_lines = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(HASH_BYTES):
            found.update(block)
            n_lines += block.count(b"\n")
    return "sha256:" + found.hexdigest(), n_lines


def _csv(source: RowSource, schema: Schema, first: int) -> Iterator[Rows]:
    text = csv_text(source.file.open, name=source.name)
    ragged: Ragged = {}
    start = 0
    for columns in csv_pieces(text, ragged):
        height = columns[0].len()
        skipped = min(max(first - start, 0), height)
        for place in range(skipped, height, TEXT_ROWS):
            cut = [column.slice(place, TEXT_ROWS) for column in columns]
            rows = text_rows(text.titles, cut, schema)
            for number in sorted(ragged):
                if 0 <= number - start - place < len(rows):
                    rows[number - start - place] = unread_row(ragged[number])
            yield rows
        ragged.clear()
        start += height


def _lines(source: RowSource, first: int) -> Iterator[Rows]:
    with source.file.open() as stream:
        text = io.BufferedReader(Chunks(utf8_blocks(stream, "utf-8-sig", name=source.name)))
        is_list = text.peek(64).lstrip().startswith(b"[")
        rows = _listed(text.read(), source.name) if is_list else (line for line in map(bytes.strip, text) if line)
        left = islice(rows, first, None)
        while piece := list(islice(left, TEXT_ROWS)):
            yield piece


def _listed(text: bytes, name: str) -> Iterator[bytes]:
    try:
        yield from map(bytes, msgspec.json.decode(text, type=list[msgspec.Raw]))
    except msgspec.DecodeError as error:
        raise DataError(f"{name} is not a list of JSON objects: {error}", remedy="Write one object a line.") from error


def _frames(source: RowSource, first: int) -> Iterator[Rows]:
    frame = _guarded(source.file, lambda: _scan(source.file))
    for place in count(first, PIECE_ROWS):
        piece = _guarded(source.file, frame.slice(place, PIECE_ROWS).collect)
        if not piece.height:
            return
        yield frame_rows(piece)


def _scan(file: File) -> pl.LazyFrame:
    if file.holds == BINARY[PARQUET]:
        return pl.scan_parquet(file.path, glob=False, hive_partitioning=False)
    if "stream" in file.holds:
        return pl.read_ipc_stream(file.path.read_bytes()).lazy()
    return pl.scan_ipc(file.path)


def _guarded(file: File, read: Callable[[], Some]) -> Some:
    try:
        return read()
    except (PolarsError, PanicException, OSError, ValueError) as error:
        what = f"{file.path.name} is not a whole {file.holds} file: {first_line(error)}"
        raise DataError(what, remedy="Write or copy the file again.") from error
