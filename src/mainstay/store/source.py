"""Where a table comes from: nouns alone, so that naming a source loads nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file or folder of texts, and the encoding in which they are written."""

    path: Path
    encoding: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query and the address of its database as the brief writes it; `folder` is where a relative SQLite file lies."""

    address: str
    sql: str
    folder: Path = Path()


Frame = Any  # a Polars or pandas frame, or any table that speaks Arrow; none of them is imported for the asking
Source = Path | Encoded | Query | Frame


def name_of(source: Source) -> str:
    """Return how a source is called in messages; an address is as the brief writes it, so never with a password.

    >>> name_of(Path("data/rows.csv"))
    'rows.csv'
    """
    if isinstance(source, Query):
        return source.address
    place = source.path if isinstance(source, Encoded) else source
    return Path(place).name if isinstance(place, Path | str) else "the frame"
