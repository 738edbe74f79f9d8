"""The forms in which a table is written row by row: CSV for people, NDJSON for programs, Parquet for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from mainstay.domain.errors import Asked
from mainstay.store.spool_lines import lines_of

CSV, NDJSON, PARQUET = "CSV", "NDJSON", "Parquet"
ENDINGS = {".csv": CSV, ".ndjson": NDJSON, ".jsonl": NDJSON, ".parquet": PARQUET}
DTYPES: Mapping[type, pl.DataType] = {str: pl.String(), float: pl.Float64(), int: pl.Int64()}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """How rows become bytes of a part, the first of which need not be there, and how a part becomes the file."""

    name: str
    begin: bytes
    encode: Callable[[Sequence[Row]], bytes]
    finish: Callable[[Path, Path], None] | None = None


def form_name(path: Path) -> str:
    """Return the form that a path's ending asks for; raises `Asked` for any other ending.

    >>> form_name(Path("answers.csv"))
    'CSV'
    """
    name = ENDINGS.get(path.suffix.lower())
    if name is None:
        what = f"{path.name} does not say in which form to write it"
        raise Asked(what, remedy=f"End the name with one of {', '.join(ENDINGS)}.")
    return name


def form_of(name: str, columns: Mapping[str, type]) -> Form:
    """Return the form of that name for rows of these columns."""
    schema = {column: DTYPES[held] for column, held in columns.items()}
    if name == CSV:
        header = pl.DataFrame(schema=schema).write_csv().encode()
        return Form(
            CSV, header, lambda rows: pl.DataFrame(rows, schema=schema).write_csv(include_header=False).encode()
        )
    return Form(name, b"", lines_of, partial(_parquet, schema) if name == PARQUET else None)


def _parquet(schema: Mapping[str, pl.DataType], part: Path, whole: Path) -> None:
    if part.stat().st_size:
        pl.scan_ndjson(part, schema=dict(schema)).sink_parquet(whole)
    else:
        pl.DataFrame(schema=schema).write_parquet(whole)
