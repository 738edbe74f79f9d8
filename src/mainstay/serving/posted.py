"""Requests for decisions in whatever format they came: JSON as a whole, or a table as CSV or as JSON lines.

Tables have no room for ids and wishes, so these stand in the address: `?ids=order&strict=true`. An Arrow or Parquet
body comes here as JSON lines, from the process that unpacks it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from mainstay.domain.errors import did_you_mean
from mainstay.domain.limits import LIMITS, Limits
from mainstay.domain.schema import Kind
from mainstay.serving.admission import Index, field_named
from mainstay.serving.body import (
    TOO_MANY,
    WRONG_SHAPE,
    DecideBody,
    Unacceptable,
    quote_odd_numbers,
    read_decide,
    require_rows,
    require_utf8,
)

NOT_CSV = "not-csv"
IDS = "ids"  # the wish that names the column of ids
SEPARATORS = ",;\t"
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,4})?")
TRUTHS = {"true": b"true", "false": b"false"}

csv.field_size_limit(2**31 - 1)  # a body and a row have limits of their own

Cell = str | msgspec.Raw | None


class Form(StrEnum):
    """A format of a body."""

    JSON = "json"
    CSV = "csv"
    LINES = "lines"
    ARROW = "arrow"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Posted:
    """A body, its format, and what its sender wishes for beside it, by name."""

    body: bytes
    form: Form = Form.JSON
    wishes: Mapping[str, str] = field(default_factory=dict)


class Wishes(msgspec.Struct, frozen=True):
    """What can be wished for beside a table; the same names as in JSON."""

    ids: str | None = None
    expected_version: int | str | None = None
    dry_run: bool = False
    strict: bool = False
    explain: bool | None = None


def read_posted(posted: Posted, index: Index, limits: Limits = LIMITS) -> DecideBody:
    """Read a request for decisions; raises `Unacceptable`.

    >>> from mainstay.domain.schema import Field, Schema
    >>> from mainstay.serving.admission import index_schema
    >>> index = index_schema(Schema(fields=(Field(name="age", kind=Kind.NUMBER),), target="t"))
    >>> [bytes(row) for row in read_posted(Posted(b"age,town\\n12,Ulm", Form.CSV), index).rows]
    [b'{"age":12,"town":"Ulm"}']
    """
    if posted.form is Form.JSON:
        return read_decide(posted.body, limits)
    wishes = _wishes(posted.wishes)
    require_utf8(posted.body)
    if posted.form is Form.CSV:
        rows, ids = _csv(posted.body, index, wishes.ids, limits)
    else:
        rows, ids = _lines(posted.body, index, wishes.ids, limits)
    require_rows(len(rows), limits)
    return DecideBody(rows, ids, expected_version=wishes.expected_version, dry_run=wishes.dry_run, strict=wishes.strict)


def _wishes(asked: Mapping[str, str]) -> Wishes:
    strange = next((name for name in asked if name not in Wishes.__struct_fields__), None)
    if strange is not None:
        remedy = did_you_mean(strange[:100], Wishes.__struct_fields__)
        raise Unacceptable(WRONG_SHAPE, f"{strange[:100]!r} is nothing that can be wished for", remedy=remedy)
    try:
        return msgspec.convert(dict(asked), Wishes, strict=False)
    except msgspec.ValidationError as error:
        what = f"what stands in the address cannot be read: {error}".replace("`", "").replace("$.", "")
        raise Unacceptable(WRONG_SHAPE, what, remedy="Write it so: ?ids=order&strict=true&dry_run=true.") from error


def _csv(body: bytes, index: Index, ids: str | None, limits: Limits) -> tuple[list[msgspec.Raw], list[Any] | None]:
    text = body.decode("utf-8-sig")
    records = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    header = next(_records(records), [])
    _require_header(header, most=len(index.columns) + len(index.silent) + limits.extra_columns)
    place = _place(header, ids)
    leaves_out = place is not None and not _is_known(header[place], index)
    cells = [_cell_of(index, name) for name in header]
    rows: list[msgspec.Raw] = []
    given: list[Any] = []
    for record in _records(records):
        if len(record) != len(header):
            rows.append(msgspec.Raw(msgspec.json.encode(record)))  # as a list: it is no row of this table
            given.append(None)
        else:
            row: dict[str, Cell] = {name: cell(text) for name, cell, text in zip(header, cells, record, strict=True)}
            given.append(record[place] or None if place is not None else None)
            if leaves_out and place is not None:
                del row[header[place]]
            rows.append(msgspec.Raw(msgspec.json.encode(row)))
        if len(rows) > limits.rows:
            break
        if len(rows) * len(header) > limits.cells:
            what = f"more than {limits.cells:,} cells at once"
            raise Unacceptable(TOO_MANY, what, remedy="Send fewer rows at once, in several requests.", status=413)
    return rows, given if place is not None else None


def _records(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """The records that hold anything; raises `Unacceptable` with the line where the format breaks."""
    try:
        yield from (record for record in reader if record)
    except csv.Error as error:
        line = getattr(reader, "line_num", 0)
        what = f"the body is not CSV: {error} at line {line}"
        raise Unacceptable(NOT_CSV, what, remedy='Quote texts with commas or breaks: "a, b".', status=400) from error


def _separator(text: str) -> str:
    """The one of comma, semicolon and tab that stands most often in the header."""
    head = text[: text.find("\n")] if "\n" in text else text
    return max(SEPARATORS, key=head.count)


def _require_header(header: Sequence[str], *, most: int) -> None:
    if len(header) > most:
        what = f"{len(header):,} columns"
        raise Unacceptable(TOO_MANY, what, remedy=f"Send at most {most:,}.", status=413)
    twice = next((name for name, n in Counter(header).items() if n > 1), None)
    if twice is not None:
        what = f"the column {twice[:100]!r} stands twice in the header"
        raise Unacceptable(WRONG_SHAPE, what, remedy="Name each column once, in the first line.")
    if not header:
        raise Unacceptable(WRONG_SHAPE, "there is no header", remedy="Name the columns in the first line.")


def _place(header: Sequence[str], ids: str | None) -> int | None:
    if ids is None:
        return None
    if ids not in header:
        what = f"there is no column {ids[:100]!r} to take ids from"
        raise Unacceptable(WRONG_SHAPE, what, remedy=did_you_mean(ids[:100], header[:100]))
    return header.index(ids)


def _is_known(name: str, index: Index) -> bool:
    return field_named(index, name) is not None or name in index.silent


def _cell_of(index: Index, name: str) -> Callable[[str], Cell]:
    """How a column's cells are read: in CSV all is text, so a plain number in a column of numbers is one."""
    found = field_named(index, name)
    if found is not None and found.kind is Kind.NUMBER:
        return _number if found.decimal == "." else _whole_number
    return _truth if found is not None and found.kind is Kind.BOOLEAN else _text


def _text(cell: str) -> Cell:
    return cell or None


def _number(cell: str) -> Cell:
    bare = cell.strip()
    return msgspec.Raw(bare.encode()) if NUMBER.fullmatch(bare) else cell or None


def _whole_number(cell: str) -> Cell:
    """Where a comma stands before the fraction, a point groups thousands."""
    return cell if "." in cell else _number(cell)


def _truth(cell: str) -> Cell:
    truth = TRUTHS.get(cell.strip().lower())
    return msgspec.Raw(truth) if truth is not None else cell or None


def _lines(body: bytes, index: Index, ids: str | None, limits: Limits) -> tuple[list[msgspec.Raw], list[Any] | None]:
    rows: list[msgspec.Raw] = []
    given: list[Any] = []
    for line in io.BytesIO(body.removeprefix(b"\xef\xbb\xbf")):
        bare = line.strip()
        if not bare:
            continue
        own_id, bare = _id_of(bare, index, ids) if ids is not None else (None, bare)
        rows.append(msgspec.Raw(bare))
        given.append(own_id)
        if len(rows) > limits.rows:
            break
    return rows, given if ids is not None else None


def _id_of(line: bytes, index: Index, ids: str) -> tuple[Any, bytes]:
    """Take the id out of a line; a line that cannot be read is left for where rows are read, with its message."""
    try:
        row = msgspec.json.decode(quote_odd_numbers(line), type=dict[str, msgspec.Raw])
        own_id = msgspec.json.decode(row[ids])
    except (msgspec.DecodeError, RecursionError, KeyError):
        return None, line
    if not _is_known(ids, index):
        del row[ids]
    return own_id, msgspec.json.encode(row)
