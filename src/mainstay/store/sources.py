"""Reading a table that somebody brings: CSV, Parquet, Arrow or Delta, told apart by content, or refused in words."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import polars as pl
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError
from polars.exceptions import PanicException, PolarsError

from mainstay.domain.errors import DataError, NotFound, did_you_mean
from mainstay.store.csv_source import read_csv
from mainstay.store.files import check_place, disk_faults

UNUSABLE = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "Save the sheet as CSV, or unpack it."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV."),
    (b"\x1f\x8b", "compressed with gzip", "Unpack it first: gunzip FILE."),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "Unpack it first: unzstd FILE."),
    (b"BZh", "compressed with bzip2", "Unpack it first: bunzip2 FILE."),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV."),
)


def read_table(path: Path) -> pl.DataFrame:
    """Read a whole table: a CSV, Parquet or Arrow file, or the folder of a Delta table.

    Of a CSV the separator is found and types are decided on all rows: whole numbers, numbers, true/false, else text;
    numbers with leading zeros are text, and so are dates. Raises `NotFound` if there is nothing and `DataError` for a
    table that is empty, torn, ragged, wrongly encoded or has two columns of one name.
    """
    path = Path(path)
    if not path.exists():
        raise NotFound(f"{path} is not there", remedy=_nearest(path))
    if not path.is_dir() and not path.is_file():
        what = f"{path} is neither a file nor a folder (it is a pipe, a socket or a device)"
        raise DataError(what, remedy="Name a CSV, Parquet or Arrow file, or the folder of a Delta table.")
    table = _read_folder(path) if path.is_dir() else _read_file(path)
    if table.width == 0 or table.height == 0:
        raise DataError(f"{path.name} holds no rows", remedy="Name a table with a header and at least one row.")
    return table


def _read_file(path: Path) -> pl.DataFrame:
    with disk_faults(f"reading {path.name}"):
        data = path.read_bytes()
    for magic, what, remedy in UNUSABLE:
        if data.startswith(magic):
            raise DataError(f"{path.name} is {what}", remedy=remedy)
    if data.startswith((b"PAR1", b"ARROW1", b"\xff\xff\xff\xff")):
        return _read_binary(path, data)
    return read_csv(data, name=path.name)


def _read_binary(path: Path, data: bytes) -> pl.DataFrame:
    kind = "Parquet" if data.startswith(b"PAR1") else "Arrow"
    read = {b"P": pl.read_parquet, b"A": pl.read_ipc, b"\xff": pl.read_ipc_stream}[data[:1]]
    try:
        return read(data)
    except (PolarsError, PanicException, OSError, ValueError) as error:
        what = f"{path.name} is not a whole {kind} file: {_first_line(error)}"
        raise DataError(what, remedy="Write or copy the file again.") from error


def _read_folder(path: Path) -> pl.DataFrame:
    if not (path / "_delta_log").is_dir():
        remedy = f"Name a file, or the folder of a Delta table. {_inside(path)}"
        raise DataError(f"{path} is a folder, and not that of a Delta table (it has no _delta_log)", remedy=remedy)
    check_place(path)
    try:
        if quote(str(path.absolute())) == str(path.absolute()):
            return pl.read_delta(DeltaTable(path))
        # Polars takes addresses for paths, and a folder "My tables" has another address. A query has no order of rows.
        rows = QueryBuilder().register("source", DeltaTable(path)).execute("SELECT * FROM source")
        return pl.DataFrame(rows).sort(pl.all())
    except (DeltaError, PolarsError, PanicException, OSError, ValueError) as error:
        what = f"{path} is not a whole Delta table: {_first_line(error)}"
        raise DataError(what, remedy="Restore the table, or export it as Parquet.") from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _nearest(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    names = sorted(p.name for p in path.parent.iterdir() if not p.name.startswith("."))
    return did_you_mean(path.name, names) if names else f"{path.parent} is empty."


def _inside(path: Path) -> str:
    names = sorted(p.name for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    return f"In it: {', '.join(names[:5])}." if names else ""
