"""Which decisions a signal is about: how many, when, and what they looked like where that is nobody's secret."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

import polars as pl

from mainstay.domain.finding import Signal
from mainstay.domain.signature import ReferenceSignature
from mainstay.monitoring.first_seen import shown_by

MOST_EXAMPLES = 5
MOST_IDS = 1_000


@dataclass(frozen=True, slots=True)
class Example:
    """A value that decisions of the signal had in a column, and how many had it (None: missing)."""

    column: str
    value: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Hit:
    """The decisions that a signal is about, of all that were made meanwhile.

    Where single rows show it (`row_by_row`) those are counted, and `ids` names the first thousand; where only all of
    them together do (a drift, what outcomes say) all are. `withheld` are columns whose values are personal.
    """

    n: int
    of: int
    row_by_row: bool
    first: datetime | None
    last: datetime | None
    examples: tuple[Example, ...] = ()
    withheld: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


def columns_of(signal: Signal, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Return the journal's columns that hold what a signal is about; `columns` says which holds which field."""
    names = dict.fromkeys(subject.partition("=")[0] for subject in signal.finding.subjects)
    return tuple(columns[name] for name in names if name in columns)


def hit(
    signal: Signal,
    decisions: pl.DataFrame,
    reference: ReferenceSignature,
    *,
    columns: Mapping[str, str],
    personal: Collection[str],
) -> Hit:
    """Say which decisions a signal is about, of those of one version while it lasted.

    `decisions` has `at`, `id` and the columns of the signal's inputs; `personal` are the inputs whose values are not
    to be shown.
    """
    code, subjects = signal.finding.code, signal.finding.subjects
    shows = [shown_by(code, subject, decisions, reference, columns) for subject in subjects]
    found = [each for each in shows if each is not None]
    rows = decisions.filter(reduce(or_, found)) if found else decisions
    names = [name for name in dict.fromkeys(s.partition("=")[0] for s in subjects) if columns.get(name) in rows.columns]
    open_names = [name for name in names if name not in personal]
    return Hit(
        n=rows.height,
        of=decisions.height,
        row_by_row=bool(found),
        first=_moment(rows["at"].min()),
        last=_moment(rows["at"].max()),
        examples=tuple(e for name in open_names for e in _examples(name, rows[columns[name]])) if found else (),
        withheld=tuple(name for name in names if name in personal),
        ids=tuple(rows["id"].head(MOST_IDS)) if found else (),
    )


def _examples(name: str, values: pl.Series) -> list[Example]:
    counted = values.cast(pl.String).alias("value").value_counts(name="n").sort("n", "value", descending=[True, False])
    return [Example(name, value, n) for value, n in counted.head(MOST_EXAMPLES).iter_rows()]


def _moment(at: object) -> datetime | None:
    return at if isinstance(at, datetime) else None
