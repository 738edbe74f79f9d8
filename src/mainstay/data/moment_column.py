"""Which column, if any, is clearly the moment of each row."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import polars as pl

from mainstay.data.coerce import moments_of
from mainstay.data.profile import ColumnProfile
from mainstay.domain.errors import DataError
from mainstay.domain.schema import Kind

NAME = re.compile(
    r"(^|[\W_])(d(te)?day|dt|day|date|time|datetime|timestamp|ts|at|created|when|moment|occurred|recorded)($|[\W_])|date|time",
    re.IGNORECASE,
)
OTHER = re.compile(
    r"birth|born|dob|expir|(^|[\W_])end|valid|until|due|matur|renew|return|closed?|deliver|update|modif|last|next|hire",
    re.IGNORECASE,
)  # of something else than the row: or known only later
MIN_MOMENTS = 10
IN_ORDER_SHARE = 0.99


def moment_column(table: pl.DataFrame, seen: Sequence[ColumnProfile]) -> str | None:
    """Return the one column of dates that is clearly the moment of each row, or None where that is not clear.

    It is never missing, can be read in one way, tells at least ten moments apart, its name does not speak of another
    moment (a birth, an end), and either the rows stand in its order or its name says that it is one. Two of them are
    not clear.

    >>> from mainstay.data.profile import profile
    >>> table = pl.DataFrame({"day": [f"2026-01-{n:02d}" for n in range(1, 21)], "x": range(20)})
    >>> moment_column(table, profile(table))
    'day'
    """
    dates = [column for column in seen if column.kind is Kind.DATETIME]
    likely = [column.name for column in dates if not OTHER.search(column.name) and _is_whole(column)]
    clear = [name for name in likely if NAME.search(name) or _is_in_order(table[name])]
    if len(clear) != 1 or not _is_readable(table[clear[0]]):
        return None
    return clear[0]


def _is_whole(column: ColumnProfile) -> bool:
    return not column.n_missing and not column.ambiguous and column.n_distinct >= MIN_MOMENTS


def _is_readable(column: pl.Series) -> bool:
    try:
        moments_of(column, key=column.name, time_zone="UTC")
    except DataError:
        return False
    return True


def _is_in_order(column: pl.Series) -> bool:
    try:
        at = moments_of(column, key=column.name, time_zone="UTC")
    except DataError:
        return False
    steps = np.diff(at)
    forward = max(int((steps >= 0).sum()), int((steps <= 0).sum()))
    return bool(forward >= IN_ORDER_SHARE * steps.size)
