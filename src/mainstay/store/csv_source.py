"""Reading CSV: the whole file is looked at before a type is decided, and what is wrong is named by its line."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from mainstay.domain.errors import DataError
from mainstay.domain.schema import MISSING_WORDS

SEPARATORS = (",", ";", "\t", "|")
LOOK_CHARACTERS = 1 << 20
LOOK_ROWS = 100  # records looked at to find the separator
CHUNK_ROWS = 50_000  # records turned into columns at a time: their Python texts are freed before the next come
LONGEST_FIELD = 1 << 27  # characters; the library's own limit of 131,072 refuses honest texts
END = "\x1e"  # a record of our own after the last: if it is swallowed, a quote was never closed

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

WHOLE_TEXT = r"^[+-]?\d+$"
NUMBER_TEXT = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
CODE_TEXT = r"^[+-]?0\d"  # arithmetic would drop the zero: postcodes and account numbers are no amounts


def read_csv(data: bytes, *, name: str) -> pl.DataFrame:
    """Read the bytes of a CSV file; `name` is how the file is called in messages. Raises `DataError`.

    >>> read_csv(b"a;b\\n1;x\\n1.00E+05;\\n", name="t.csv").rows()
    [(1.0, 'x'), (100000.0, None)]
    """
    text = _decode(data, name).rstrip("\r\n") + "\n"
    if not text.strip():
        raise DataError(f"{name} is empty", remedy="Name a table with a header and at least one row.")
    csv.field_size_limit(LONGEST_FIELD)
    separator = _separator(text[:LOOK_CHARACTERS])
    header = _header(next(csv.reader(_lines(text), delimiter=separator)), name)
    columns = _plain_columns(text, separator, len(header)) or _columns(text, separator, name)
    titles, columns = _named(header, [column.replace("", None) for column in columns])
    return pl.DataFrame([typed(column.alias(title)) for title, column in zip(titles, columns, strict=True)])


def typed(column: pl.Series) -> pl.Series:
    """Return a column of texts as whole numbers, numbers or true/false if every text in it is one, else as it is.

    Words that mean missing do not keep a column of numbers from being one. Whole numbers too large for 64 bits stay
    texts: as floats they would lose digits.
    """
    return _typed(column.alias("texts")).alias(column.name)  # Polars takes a name such as ^x$ for a pattern


def _typed(column: pl.Series) -> pl.Series:
    bare = column.str.strip_chars()
    present = bare.filter(~bare.str.to_lowercase().is_in(MISSING_WORDS) & bare.is_not_null())
    if present.is_empty():
        return column
    if present.str.to_lowercase().is_in(["true", "false"]).all():
        return (bare.str.to_lowercase() == "true").set(~bare.is_in(present.unique().implode()), None)
    if not present.str.contains(NUMBER_TEXT).all() or present.str.contains(CODE_TEXT).any():
        return column
    if not present.str.contains(WHOLE_TEXT).all():
        return bare.cast(pl.Float64, strict=False)
    whole = bare.str.strip_prefix("+").cast(pl.Int64, strict=False)
    return whole if whole.count() == present.len() else column


def _decode(data: bytes, name: str) -> str:
    mark, encoding = next(((m, e) for m, e in BYTE_ORDER_MARKS if data.startswith(m)), (b"", "utf-8"))
    if not mark and b"\x00" in data[:4096]:
        remedy = "Name a CSV, Parquet or Arrow file; save UTF-16 text with a byte order mark, or as UTF-8."
        raise DataError(f"{name} is not a text: it holds zero bytes", remedy=remedy)
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        place = error.start + len(mark)
        line = data[:place].count(b"\n") + 1
        what = f"{name} is not valid {encoding.upper()}: byte {place} (line {line}) is 0x{data[place]:02x}"
        remedy = "Save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 OLD.csv > NEW.csv"
        raise DataError(what, remedy=remedy) from error


def _separator(text: str) -> str:
    def fit(separator: str) -> tuple[float, int]:
        rows = [row for row in islice(csv.reader(_lines(text), delimiter=separator), LOOK_ROWS) if row]
        width = len(rows[0]) if rows else 1
        same = sum(len(row) == width for row in rows) / max(len(rows), 1)
        return (same, width) if width > 1 else (0.0, 1)

    return max(SEPARATORS, key=fit)


def _plain_columns(text: str, separator: str, width: int) -> list[pl.Series] | None:
    """Return the columns of a text without quotes, the fast way; None if it is not that plain in every line."""
    if '"' in text or text.count("\r") != text.count("\r\n"):
        return None
    try:
        table = pl.read_csv(text.encode(), separator=separator, has_header=False, infer_schema=False, quote_char=None)
    except PolarsError:  # a line with too many fields: the other way names it
        return None
    # No line has too many fields, so if there are enough separators in all then every line has enough.
    if table.width != width or text.count(separator) != table.height * (width - 1) or table.height < 2:
        return None
    return table.slice(1).get_columns()


def _columns(text: str, separator: str, name: str) -> list[pl.Series]:
    reader = csv.reader(chain(_lines(text), [END]), delimiter=separator)
    records = _records(reader, name)
    parts: list[list[pl.Series]] = []
    while rows := list(islice(records, CHUNK_ROWS)):
        parts.append([pl.Series(cells, dtype=pl.String) for cells in zip(*rows, strict=True)])
    if not parts:
        raise DataError(f"{name} has a header but no rows", remedy="Name a table with at least one row.")
    return [pl.concat(pieces) for pieces in zip(*parts, strict=True)]


def _records(reader: Any, name: str) -> Iterator[Sequence[str]]:
    width = started = 0
    for row in reader:
        if row == [END]:
            return
        if row and row[-1].endswith("\n" + END):
            what = f"{name}: a quote that opens in line {started + 1} is never closed"
            raise DataError(what, remedy='Close it, or write a quote within quotes twice: "".')
        if row and width and len(row) != width:
            what = f"{name}: line {reader.line_num} has {len(row)} fields, the header has {width}"
            raise DataError(what, remedy="Quote texts that hold the separator, and write every field, if empty.")
        if width and (row or width == 1):
            yield row or ("",)
        width = width or len(row)
        started = reader.line_num


def _header(row: list[str], name: str) -> list[str]:
    twice = sorted({title for title in row if title and row.count(title) > 1})
    if twice:
        what = f"{name} has two columns of one name: {', '.join(repr(title) for title in twice)}"
        raise DataError(what, remedy="Rename or remove one: it could not be told which is meant.")
    return row


def _named(header: list[str], columns: list[pl.Series]) -> tuple[list[str], list[pl.Series]]:
    kept = [(t, c) for t, c in zip(header, columns, strict=True) if t or c.null_count() < c.len()]
    titles = [title or f"column_{place}" for place, (title, _) in enumerate(kept, start=1)]
    return _header(titles, "the table"), [column for _, column in kept]


def _lines(text: str) -> Iterator[str]:
    return io.StringIO(text, newline="")
