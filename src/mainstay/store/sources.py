"""Reading a table that somebody brings: files told apart by content, folders, Delta, databases, frames; or refused."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import polars as pl
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError
from polars.exceptions import PanicException, PolarsError

from mainstay.domain.errors import Asked, DataError, NotFound, did_you_mean
from mainstay.store.database import read_query
from mainstay.store.encodings import known_encoding
from mainstay.store.files import check_place
from mainstay.store.files_source import first_line, look, read_file
from mainstay.store.folder_source import read_folder
from mainstay.store.pins import check_pin, pin
from mainstay.store.source import Encoded, Frame, Query, Source, name_of

__all__ = ["Encoded", "Frame", "Query", "Source", "name_of", "read_table"]


def read_table(source: Source) -> pl.DataFrame:
    """Read a whole table: a CSV, NDJSON, Parquet or Arrow file, a folder of them or of a Delta table, a query, a frame.

    Of a text the separator and the encoding are found and types are decided on all rows: whole numbers, numbers,
    true/false, else text; numbers with leading zeros are text, and so are dates. Raises `NotFound` if there is nothing
    and `DataError` for a table that is empty, torn, ragged, wrongly encoded, has two columns of one name, or changed
    while it was read.
    """
    if isinstance(source, Query):
        table = read_query(source)
    elif isinstance(source, Path | str | Encoded):
        table = _read_place(source if isinstance(source, Encoded) else Path(source))
    else:
        table = _read_frame(source)
    if table.width == 0 or table.height == 0:
        raise DataError(f"{name_of(source)} holds no rows", remedy="Name a table with a header and at least one row.")
    return _named(table)


def _named(table: pl.DataFrame) -> pl.DataFrame:
    """Give a column without a name its place as a name, as in CSV files: it can be spoken of then."""
    place = next((place for place, name in enumerate(table.columns, start=1) if not name), None)
    if place is None:
        return table
    name = f"column_{place}"
    while name in table.columns:
        name += "_"
    return pl.DataFrame([column.alias(column.name or name) for column in table])


def _read_place(source: Path | Encoded) -> pl.DataFrame:
    path, encoding = (source.path, known_encoding(source.encoding)) if isinstance(source, Encoded) else (source, None)
    if not path.exists():
        raise NotFound(f"{path} is not there", remedy=_nearest(path))
    if not path.is_dir() and not path.is_file():
        what = f"{path} is neither a file nor a folder (it is a pipe, a socket or a device)"
        raise DataError(what, remedy="Name a CSV, NDJSON, Parquet or Arrow file, or a folder of them.")
    before = pin(path)
    try:
        table = _read_path(path, encoding)
    except DataError:
        check_pin(path, before)  # what looks torn may only be half written
        raise
    check_pin(path, before)
    return table


def _read_path(path: Path, encoding: str | None) -> pl.DataFrame:
    if not path.is_dir():
        return read_file(look(path, encoding=encoding))
    return _read_delta(path) if (path / "_delta_log").is_dir() else read_folder(path, encoding=encoding)


def _read_delta(path: Path) -> pl.DataFrame:
    check_place(path)
    try:
        if quote(str(path.absolute())) == str(path.absolute()):
            return pl.read_delta(DeltaTable(path))
        # Polars takes addresses for paths, and a folder "My tables" has another address. A query has no order of rows.
        rows = QueryBuilder().register("source", DeltaTable(path)).execute("SELECT * FROM source")
        return pl.DataFrame(rows).sort(pl.all())
    except (DeltaError, PolarsError, PanicException, OSError, ValueError) as error:
        what = f"{path} is not a whole Delta table: {first_line(error)}"
        raise DataError(what, remedy="Restore the table, or export it as Parquet.") from error


def _read_frame(frame: Frame) -> pl.DataFrame:
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    try:
        if type(frame).__module__.partition(".")[0] == "pandas":
            return _plain_names(pl.from_pandas(frame))
        if hasattr(frame, "__arrow_c_stream__"):
            return pl.DataFrame(frame)
    except (PolarsError, TypeError, ValueError, ImportError) as error:
        remedy = "Give every column one type and a name that is a text; reading pandas may need pyarrow."
        raise DataError(f"the frame cannot be read: {first_line(error)}", remedy=remedy) from error
    what = f"a {type(frame).__name__} is not a table"
    raise Asked(what, remedy="Give a path, a Polars or pandas frame, or any table that speaks Arrow.")


def _plain_names(table: pl.DataFrame) -> pl.DataFrame:
    return table.rename({name: str(name) for name in table.columns if not isinstance(name, str)})


def _nearest(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    names = sorted(p.name for p in path.parent.iterdir() if not p.name.startswith("."))
    return did_you_mean(path.name, names) if names else f"{path.parent} is empty."
