"""Reading one file of a table, whatever it is called: what it holds says what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from mainstay.domain.errors import DataError
from mainstay.store.csv_source import Open, csv_table, csv_text
from mainstay.store.files import disk_faults
from mainstay.store.json_source import is_json, read_ndjson
from mainstay.store.packed_files import is_packed, opened

HEAD_BYTES = 64
PARQUET, ARROW, STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"
CSV, NDJSON, BINARY = "CSV", "NDJSON", {PARQUET: "Parquet", ARROW: "Arrow", STREAM: "an Arrow stream"}
UNUSABLE = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "Save the sheet as CSV, or unpack it."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV."),
    (b"BZh", "compressed with bzip2", "Unpack it first: bunzip2 FILE."),
    (b"\xfd7zXZ\x00", "compressed with xz", "Unpack it first: unxz FILE."),
    (b"FEA1", "a Feather file of the first edition", "Write it again as Feather 2, Arrow or Parquet."),
    (b"Obj\x01", "an Avro file", "Write it as Parquet."),
    (b"ORC", "an ORC file", "Write it as Parquet."),
    (b"\x89HDF", "an HDF5 file", "Write it as Parquet."),
    (b"SQLite format 3", "an SQLite database", 'Write data.source = "sqlite:///FILE" and data.query = "select …".'),
)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a table: where it is, what it holds (`CSV`, `NDJSON`, `Parquet`, …), and the encoding of its text."""

    path: Path
    holds: str
    encoding: str | None = None

    @property
    def open(self) -> Open:
        """How its bytes are read, unpacked where they are packed."""
        return partial(opened, self.path)


def look(path: Path, *, encoding: str | None = None) -> File:
    """Find out what a file holds from its first bytes; raises `DataError` for what is no table."""
    with disk_faults(f"reading {path.name}"), path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if is_packed(head):
        with opened(path) as stream:
            head = stream.read(HEAD_BYTES)
    for magic, what, remedy in UNUSABLE:
        if head.startswith(magic):
            raise DataError(f"{path.name} is {what}", remedy=remedy)
    binary = next((kind for magic, kind in BINARY.items() if head.startswith(magic)), None)
    return File(path, binary or (NDJSON if is_json(head) else CSV), encoding)


def read_file(file: File) -> pl.DataFrame:
    """Read a whole file; raises `DataError` for one that is torn, ragged, wrongly encoded or damaged."""
    name = file.path.name
    with disk_faults(f"reading {name}"):
        if file.holds == CSV:
            return csv_table(csv_text(file.open, name=name, encoding=file.encoding))
        if file.holds == NDJSON:
            return read_ndjson(file.open, name=name, encoding=file.encoding)
        return _read_binary(file)


def first_line(error: BaseException) -> str:
    """Return what an error says, on one line of ordinary length."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _read_binary(file: File) -> pl.DataFrame:
    read: Callable[[], pl.DataFrame] = {
        BINARY[PARQUET]: lambda: pl.read_parquet(file.path, glob=False, hive_partitioning=False),
        BINARY[ARROW]: lambda: pl.read_ipc(file.path.read_bytes()),
        BINARY[STREAM]: lambda: pl.read_ipc_stream(file.path.read_bytes()),
    }[file.holds]
    try:
        return read()
    except (PolarsError, PanicException, OSError, ValueError) as error:
        kind = "Arrow" if "Arrow" in file.holds else file.holds
        what = f"{file.path.name} is not a whole {kind} file: {first_line(error)}"
        raise DataError(what, remedy="Write or copy the file again.") from error
