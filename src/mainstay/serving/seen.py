"""What a model sees of rows: their values in one order, to be taken by column, or by row with the names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from mainstay.domain.traffic import Value

Values: TypeAlias = tuple[Value, ...]
Used: TypeAlias = Mapping[str, Value]


class Seen(NamedTuple):
    """Used rows. Each holds a value for every name, in their order; what stands behind these is nothing to a model.

    >>> seen = Seen(("age", "region"), [(50.0, "EU"), (51.0, None)])
    >>> seen.columns(), seen.row(1)
    ({'age': (50.0, 51.0), 'region': ('EU', None)}, {'age': 51.0, 'region': None})
    """

    names: tuple[str, ...]
    rows: Sequence[Values]

    def columns(self) -> dict[str, Values]:
        """Return the values of all rows by name."""
        return dict(zip(self.names, zip(*self.rows, strict=False), strict=False))

    def row(self, place: int) -> dict[str, Value]:
        """Return one row by name."""
        return dict(zip(self.names, self.rows[place], strict=False))


def seen_of(rows: Sequence[Used]) -> Seen:
    """Return used rows, at least one, that all have their names in the same order."""
    return Seen(tuple(rows[0]), [tuple(row.values()) for row in rows])
