"""Rows dealt to groups once, and every subject counted by group: arrays until the end, then one table of cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from mainstay.domain.signature import CELL_COLUMNS, UNSEEN_BIN
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.cells import CELL_SCHEMA, NO_FOLD, NO_OUTCOME, no_cells

GROUP = ("version", "arm", "segment", "decided")
UNSAID = {"learned": None, "fold": NO_FOLD, "outcome": NO_OUTCOME} | dict.fromkeys(CELL_COLUMNS[-5:], 0.0)
SUMS = ("sum_score", "sum_variance")
FEW_WORDS = 3
DENSE = 1 << 20  # so many combinations of keys are counted in a table; more are sorted


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Distinct `keys` of rows (a table) and the number of each row's keys, shape (n_rows,)."""

    keys: pl.DataFrame
    row: Ints

    def count(self, placed: Ints, n_bins: int) -> Ints:
        """Count rows by group and bin; shape (n_groups × n_bins,)."""
        return np.bincount(self._joint(placed, n_bins), minlength=self.keys.height * n_bins)

    def sum(self, placed: Ints, n_bins: int, weights: Floats) -> Floats:
        """Add up weights by group and bin; shape (n_groups × n_bins,)."""
        summed = np.bincount(self._joint(placed, n_bins), weights, minlength=self.keys.height * n_bins)
        return summed.astype(np.float64)

    def _joint(self, placed: Ints, n_bins: int) -> Ints:
        return placed if self.keys.height == 1 else self.row * n_bins + placed


@dataclass(slots=True, eq=False)
class Tally:
    """What was counted of some groups, subject by subject."""

    groups: Groups
    _subjects: list[str] = field(default_factory=list)
    _parts: list[tuple[Floats | Ints, ...]] = field(default_factory=list)

    def add(self, subject: str, placed: Ints, n_bins: int, weights: Sequence[Floats] = ()) -> None:
        """Count a subject's bins; `weights` are summed beside, in the order of `SUMS`."""
        n = self.groups.count(placed, n_bins)
        full = np.flatnonzero(n)
        sums = [self.groups.sum(placed, n_bins, each)[full] for each in weights] or [np.zeros(full.size)] * len(SUMS)
        self._note([subject] * full.size, full // n_bins, full % n_bins, n[full], *sums)

    def add_bins(self, subject: str, placed: Ints) -> None:
        """Count a subject's bins, however many there are."""
        self.add(subject, placed, int(placed.max(initial=0)) + 1)

    def add_words(self, words: pl.Series, subject: str) -> None:
        """Count each distinct word under a subject of its own: `subject` and the word; none is the empty word."""
        distinct, number = numbered(words)
        n = self.groups.count(number, distinct.len())
        full = np.flatnonzero(n)
        said = [word or "" for word in distinct.to_list()]
        named = [subject + said[i] for i in full % distinct.len()]
        self._note_words(named, full // distinct.len(), n[full])

    def add_named(self, counted: pl.DataFrame) -> None:
        """Note counts that have been made elsewhere: columns `group`, `subject` and `n`."""
        self._note_words(counted["subject"].to_list(), counted["group"].to_numpy(), counted["n"].to_numpy())

    def cells(self) -> pl.DataFrame:
        """Return everything as cells; sums that were not given are 0."""
        if not self._subjects:
            return no_cells()
        group, *columns = (np.concatenate(each) for each in zip(*self._parts, strict=True))
        named = dict(zip(("bin", "n", *SUMS), columns, strict=True))
        return cells_of(self.groups.keys, group, subject=self._subjects, **named)

    def _note_words(self, subjects: list[str], group: Ints, n: Ints) -> None:
        nothing = np.zeros(n.size)
        self._note(subjects, group, np.full(n.size, UNSEEN_BIN), n, nothing, nothing)

    def _note(self, subjects: list[str], *arrays: Floats | Ints) -> None:
        self._subjects += subjects
        self._parts.append(arrays)


def parted(groups: Groups, name: str, parts: pl.Series, number: Ints) -> Groups:
    """Part groups further by a column, given as its distinct values and which of them each row has."""
    return Groups(*_crossed(groups.keys.drop(name, strict=False), groups.row, name, parts, number))


def grouped(columns: dict[str, pl.Series]) -> Groups:
    """Deal rows to the distinct combinations of some columns of one length."""
    names, row = list(columns), np.zeros(next(iter(columns.values())).len(), dtype=np.int64)
    keys = pl.DataFrame({"none": [0]})
    for name in names:
        keys, row = _crossed(keys, row, name, *numbered(columns[name]))
    return Groups(keys.select(names), row)


def numbered(values: pl.Series) -> tuple[pl.Series, Ints]:
    """Return the distinct values, in any order, and for each value which of them it is.

    >>> numbered(pl.Series(["b", "a", "b"]))[1].tolist()
    [0, 1, 0]
    """
    if values.dtype == pl.String:
        few = _few_words(values)
        return few if few is not None else _words(values)
    if values.len() and values.min() == values.max() and not values.has_nulls():
        return values.head(1), np.zeros(values.len(), dtype=np.int64)
    distinct = values.unique().sort()
    return distinct, distinct.search_sorted(values).cast(pl.Int64).to_numpy()


def _few_words(values: pl.Series) -> tuple[pl.Series, Ints] | None:
    """Number words by comparing with each, which is quicker than any table of them; None if they are not very few."""
    if not values.len() or values.has_nulls():
        return None
    said, number, left = list[str](), np.zeros(values.len(), dtype=np.int8), np.ones(values.len(), dtype=np.bool_)
    while len(said) < FEW_WORDS:
        said.append(values[int(left.argmax())])
        same = (values == said[-1]).to_numpy()
        number += same.view(np.int8) * np.int8(len(said) - 1)
        left &= ~same
        if not left.any():
            return pl.Series(said), number.astype(np.int64)
    return None


def _words(values: pl.Series) -> tuple[pl.Series, Ints]:
    distinct = values.unique().sort()
    number = values.cast(pl.Enum(distinct.drop_nulls())).to_physical().cast(pl.Int64)
    return distinct, (number + distinct.null_count()).fill_null(0).to_numpy()


def numbered_groups(frame: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, Ints]:
    """Return the distinct keys, in order of appearance, and the number of each row's key."""
    groups = frame.select(keys).unique(maintain_order=True).with_row_index("group")
    numbers = frame.select(keys).join(groups, on=list(keys), how="left", nulls_equal=True, maintain_order="left")
    return groups.drop("group"), numbers["group"].cast(pl.Int64).to_numpy()


def cells_of(groups: pl.DataFrame, row: Ints, **columns: object) -> pl.DataFrame:
    """Return cells: the keys of group number `row[i]`, beside the given columns; sums not given are 0."""
    keyed = groups[row]
    rest = {name: value for name, value in UNSAID.items() if name not in keyed.columns} | columns
    made = keyed.with_columns(
        **{n: pl.Series(value) if isinstance(value, np.ndarray | list) else pl.lit(value) for n, value in rest.items()}
    )
    return made.select(CELL_COLUMNS).cast(CELL_SCHEMA)  # type: ignore[arg-type]


def _crossed(keys: pl.DataFrame, row: Ints, name: str, distinct: pl.Series, number: Ints) -> tuple[pl.DataFrame, Ints]:
    """Part groups further by a numbered column; combinations that no row has are left out."""
    if distinct.len() == 1:
        return keys.with_columns(pl.lit(distinct[0], distinct.dtype).alias(name)), row
    joint = row * distinct.len() + number
    if keys.height * distinct.len() <= DENSE:
        there = np.bincount(joint, minlength=keys.height * distinct.len()) > 0
        found, back = np.flatnonzero(there), (np.cumsum(there) - 1)[joint]
    else:
        found, back = np.unique(joint, return_inverse=True)
    crossed = keys[found // distinct.len()].with_columns(distinct.gather(found % distinct.len()).alias(name))
    return crossed, back
