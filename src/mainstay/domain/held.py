"""Used rows in no more room than their table takes: a column is turned into what a model reads when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, overload

import numpy as np
import numpy.typing as npt
import polars as pl

Places: TypeAlias = slice | npt.NDArray[np.int64]


class UsedRows(Protocol):
    """Rows as a model reads them: a column by its name, or some rows as a frame; a frame is one, too."""

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""

    @property
    def height(self) -> int:
        """How many rows there are."""

    @property
    def width(self) -> int:
        """How many columns there are."""

    @overload
    def __getitem__(self, asked: str, /) -> pl.Series: ...

    @overload
    def __getitem__(self, asked: Places, /) -> pl.DataFrame: ...


@dataclass(frozen=True, slots=True)
class Held:
    """Used rows whose whole numbers and truths are held as they came, and given as Float64.

    As numbers of eight bytes beside those of the table they would take more room than the table itself.

    >>> Held(pl.DataFrame({"n": pl.Series([1, 2], dtype=pl.Int8)}))["n"].dtype
    Float64
    """

    frame: pl.DataFrame

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self.frame.columns

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self.frame.height

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self.frame.width

    @overload
    def __getitem__(self, asked: str, /) -> pl.Series: ...

    @overload
    def __getitem__(self, asked: Places, /) -> pl.DataFrame: ...

    def __getitem__(self, asked: Any, /) -> pl.Series | pl.DataFrame:
        """Return a column, or some rows, as a model reads them."""
        found = self.frame[asked]
        return _read(found) if isinstance(found, pl.Series) else pl.DataFrame([_read(column) for column in found])

    def whole(self) -> pl.DataFrame:
        """Return all rows as a model reads them."""
        return self[:]


def as_held(raw: pl.Series) -> bool:
    """Whether a column is held as it came where it is read as numbers."""
    return raw.dtype.is_integer() or raw.dtype == pl.Boolean


def _read(column: pl.Series) -> pl.Series:
    return column.cast(pl.Float64) if as_held(column) else column
