"""Reading CSV: every text is looked at before a type is decided, and what is wrong is named by its line.

A file is read block by block and never held as text in whole. Blocks that are plain are read fast (`store.csv_blocks`);
from the first that is not, records are read one by one, exactly as Python's library reads them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import IO, Any, TypeAlias, TypeVar

import polars as pl

from mainstay.domain.errors import DataError
from mainstay.store.csv_blocks import ended, plain_columns, records
from mainstay.store.csv_dialect import COMMENT, END, LOOK_CHARACTERS, Beginning, beginning, checked, unclosed
from mainstay.store.encodings import WESTERN, NotUtf8, utf8_blocks
from mainstay.store.packed_files import Chunks
from mainstay.store.pieces import assembled

CHUNK_ROWS = 50_000  # records turned into columns at a time: their Python texts are freed before the next come
Some = TypeVar("Some")
Open = Callable[[], AbstractContextManager[IO[bytes]]]
Ragged: TypeAlias = dict[int, str]  # what is wrong with a row, by its number in the file, from 0


@dataclass(frozen=True, slots=True)
class CsvText:
    """A CSV text that can be opened again and again: how it is called, how it is encoded, and how it begins."""

    open: Open
    name: str
    encoding: str | None
    begins: Beginning

    @property
    def titles(self) -> tuple[str, ...]:
        """The header's titles; a column without one has an empty title."""
        return self.begins.titles


def read_csv(data: bytes, *, name: str) -> pl.DataFrame:
    """Read the bytes of a CSV file; `name` is how the file is called in messages. Raises `DataError`.

    >>> read_csv(b"a;b\\n1;x\\n1.00E+05;\\n", name="t.csv").rows()
    [(1.0, 'x'), (100000.0, None)]
    """
    return csv_table(csv_text(lambda: io.BytesIO(data), name=name))


def csv_text(open_: Open, *, name: str, encoding: str | None = None) -> CsvText:
    """Find out how a CSV text is encoded and written; raises `DataError`.

    It is read once to its end where no encoding is named: only then is it known that all of it is UTF-8.
    """
    head = b""
    try:
        with open_() as stream:
            for block in utf8_blocks(stream, encoding, name=name):
                head = head or block[: 4 * LOOK_CHARACTERS]
    except NotUtf8:
        return csv_text(open_, name=name, encoding=WESTERN)
    text = head.decode(errors="ignore")
    if not text.strip():
        raise DataError(f"{name} is empty", remedy="Name a table with a header and at least one row.")
    return CsvText(open_, name, encoding, _spoken(lambda: beginning(text, name=name), name))


def csv_table(text: CsvText) -> pl.DataFrame:
    """Read a whole CSV text, its types decided on all rows; raises `DataError`."""
    return named_table(text.titles, assembled(partial(csv_pieces, text)), name=text.name)


def csv_pieces(text: CsvText, ragged: Ragged | None = None) -> Iterator[list[pl.Series]]:
    """Yield the columns of a CSV text as texts, some rows at a time; raises `DataError` that names the line.

    Where `ragged` is given, a line with too few or too many fields is an empty row, and is told there instead.
    """
    n_rows = 0
    with text.open() as stream:
        for piece in _pieces(text, stream, ragged):
            n_rows += piece[0].len()
            yield piece
    if not n_rows:
        raise DataError(f"{text.name} has a header but no rows", remedy="Name a table with at least one row.")


def named_table(titles: Sequence[str], columns: Sequence[pl.Series], *, name: str) -> pl.DataFrame:
    """Put columns under their titles; one without a title and without any value is left out, else it gets a number."""
    kept = [(t, c) for t, c in zip(titles, columns, strict=True) if t or c.null_count() < c.len()]
    numbered = [title or f"column_{place}" for place, (title, _) in enumerate(kept, start=1)]
    return pl.DataFrame([column.alias(title) for title, (_, column) in zip(checked(numbered, name), kept, strict=True)])


def typed(column: pl.Series) -> pl.Series:
    """Return a column of texts as whole numbers, numbers or true/false if every text in it is one, else as it is."""
    return assembled(lambda: [[column.replace("", None)]])[0].alias(column.name)


def _pieces(text: CsvText, stream: IO[bytes], ragged: Ragged | None) -> Iterator[list[pl.Series]]:
    dialect, width = text.begins.dialect, len(text.titles)
    line, n_rows = text.begins.n_lines, 0
    blocks = ended(_after_header(utf8_blocks(stream, text.encoding, name=text.name), line))
    pieces = records(blocks) if dialect.is_plain else blocks
    for block in pieces:
        columns = plain_columns(block, dialect.separator, width) if dialect.is_plain else None
        if columns is None:
            yield from _careful(text, chain([block], pieces), (line, n_rows), ragged)
            return
        line, n_rows = line + block.count(b"\n"), n_rows + columns[0].len()
        yield columns


def _after_header(blocks: Iterator[bytes], n_lines: int) -> Iterator[bytes]:
    first = b""
    for block in blocks:
        first += block
        if len(first) >= 4 * LOOK_CHARACTERS:
            break
    lines = io.TextIOWrapper(io.BytesIO(first), "utf-8", errors="surrogateescape", newline="")
    skipped = sum(len(line.encode(errors="surrogateescape")) for line in islice(lines, n_lines))
    yield first[skipped:]
    yield from blocks


def _careful(
    text: CsvText, blocks: Iterator[bytes], before: tuple[int, int], ragged: Ragged | None
) -> Iterator[list[pl.Series]]:
    stream = io.BufferedReader(Chunks(blocks))
    lines = io.TextIOWrapper(stream, "utf-8", newline="")
    reader = text.begins.dialect.reader(chain(lines, [END]))
    rows = _records(reader, text, before, ragged)
    while chunk := _spoken(lambda: list(islice(rows, CHUNK_ROWS)), text.name):
        yield [pl.Series(cells, dtype=pl.String).replace("", None) for cells in zip(*chunk, strict=True)]


def _records(reader: Any, text: CsvText, before: tuple[int, int], ragged: Ragged | None) -> Iterator[Sequence[str]]:
    """The records that are left; `before` are the lines and the rows that lie before them."""
    width, started, comments = len(text.titles), 0, text.begins.dialect.comments
    line, number = before
    for found in reader:
        row = found
        if row == [END]:
            return
        if row and row[-1].endswith(("\n" + END, "\r" + END)):
            raise unclosed(text.name, line + started + 1)
        is_comment = comments and row and row[0].startswith(COMMENT)
        if row and not is_comment and len(row) != width:
            what = f"line {line + reader.line_num} has {len(row)} fields, the header has {width}"
            if ragged is None:
                remedy = "Quote texts that hold the separator, and write every field, if empty."
                raise DataError(f"{text.name}: {what}", remedy=remedy)
            row, ragged[number] = [""] * width, what
        if not is_comment and (row or width == 1):
            yield row or ("",)
            number += 1
        started = reader.line_num


def _spoken(read: Callable[[], Some], name: str) -> Some:
    try:
        return read()
    except csv.Error as error:
        raise DataError(
            f"{name} cannot be read as CSV: {error}", remedy="See whether a quote is never closed."
        ) from error
