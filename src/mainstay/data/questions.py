"""What to ask a person about single columns before a model learns from them: asked, never judged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.data.coerce import moments_of
from mainstay.data.columns import columns_named, nameless, plain
from mainstay.data.doubts import doubts
from mainstay.data.numbers import numbers_of
from mainstay.data.outcome import Outcomes
from mainstay.data.personal import personal
from mainstay.data.profile import ColumnProfile
from mainstay.data.question import Question
from mainstay.data.strength import Measure, measure_of, strength
from mainstay.domain.errors import DataError
from mainstay.domain.schema import Kind

AHEAD = 1.4  # how far the strong one is above nothing, in multiples of the next
ALIKE = 0.95  # columns this close in strength may be one column twice: they are asked about together
MAX_TOGETHER = 3
MIN_DORMANT_SHARE = 0.1
MIN_ALIVE_SHARE = 0.2
MIN_TURNS = 0.01
MAX_ROWS = 50_000  # strength is told well enough by these
MAX_CELLS = 20_000_000  # and of very many columns by fewer
MIN_ROWS = 20
SUM_ROWS = 1_000
SUM_COLUMNS = 200  # the strongest: every pair of them is added up

WEIGHT_NAME = re.compile(r"wgt|(^|[\W_])(weights?|wt)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Strengths:
    """How well each column alone tells the outcome, and in which measure."""

    of: Mapping[str, float]
    measure: Measure


def questions(
    table: pl.DataFrame, target: str, seen: Sequence[ColumnProfile], strengths: Strengths, *, time: str | None = None
) -> tuple[Question, ...]:
    """Return what should be asked about the columns of a table, in the table's order.

    `seen` are the profiles of its columns. Fields too strong to be believed are found by how well each alone tells the
    outcome (out of fold), so that a new name does not hide them.

    >>> from mainstay.data.profile import profile
    >>> from mainstay.data.strength import RANKS
    >>> table = pl.DataFrame({"id": range(200), "target": [0, 1] * 100})
    >>> [question.code for question in questions(table, "target", profile(table), Strengths({}, RANKS))]
    ['identifier']
    """
    others = {column.name: column for column in seen if column.name not in (target, time)}
    asked = [
        *too_strong(strengths),
        *parts_of(table, target, others, strengths),
        *_identifiers(others),
        *_dormant(table, others, time),
        *weights(others, strengths),
        *personal(table, others),
        *doubts(table, others),
    ]
    place = {name: i for i, name in enumerate(table.columns)}
    return tuple(sorted(asked, key=lambda question: place[question.column]))


def column_strengths(table: pl.DataFrame, told: Outcomes, seen: Sequence[ColumnProfile]) -> Strengths:
    """Return how well each of some columns alone tells the outcome, out of fold; of none where nothing can be told."""
    measure = measure_of(told.task)
    plain_ones = [column for column in seen if column.kind is not None]
    rows = np.flatnonzero(told.kept)
    most = min(MAX_ROWS, max(MIN_ROWS * 100, MAX_CELLS // max(len(plain_ones), 1)))
    if rows.size > most:
        rows = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
    happened = told.values[rows]
    if happened.size < MIN_ROWS or happened.min() == happened.max():
        return Strengths({}, measure)
    columns = ((column.name, _as_told(table[column.name][rows], column)) for column in plain_ones)
    return Strengths({name: strength(column, happened, task=told.task) for name, column in columns}, measure)


def _as_told(column: pl.Series, seen: ColumnProfile) -> pl.Series:
    """The column, as numbers where it writes them as text."""
    return numbers_of(nameless(plain(column)), seen.numbers) if seen.numbers else column


def too_strong(strengths: Strengths) -> list[Question]:
    """Ask about columns that tell the outcome almost by themselves, or far better than any other."""
    found, measure = strengths.of, strengths.measure
    ordered = sorted(found, key=lambda name: -found[name])
    certain = [name for name in ordered if found[name] >= measure.certain]
    rest = [name for name in ordered if found[name] < measure.certain]
    excess = [found[name] - measure.nothing for name in rest]
    ahead = next((n for n in range(1, MAX_TOGETHER + 1) if _is_ahead(excess, n, measure)), 0)
    asked = dict.fromkeys(certain, "tells the outcome almost by itself")
    asked |= dict.fromkeys(rest[:ahead], "tells the outcome far better than any other column")
    return [
        Question(name, "too-strong", f"{what} ({measure.name} {found[name]:.2f})", found[name])
        for name, what in asked.items()
    ]


def _is_ahead(excess: Sequence[float], n: int, measure: Measure) -> bool:
    """Whether the first n, much alike, are strong and far ahead of the next."""
    if n >= len(excess) or excess[n - 1] < measure.strong - measure.nothing or excess[n - 1] < ALIKE * excess[0]:
        return False
    return excess[n - 1] >= AHEAD * excess[n]


def parts_of(
    table: pl.DataFrame, target: str, seen: Mapping[str, ColumnProfile], strengths: Strengths
) -> list[Question]:
    """Ask about columns that add up to a numeric target, such as casual + registered = all."""
    names = [name for name, column in seen.items() if column.kind is Kind.NUMBER and column.numbers is None]
    if not plain(table[target]).dtype.is_numeric() or len(names) < 2 or table[target].n_unique() <= 2:
        return []
    names = sorted(names, key=lambda name: -strengths.of.get(name, 0.0))[:SUM_COLUMNS]
    sample = columns_named(table, [*names, target]).drop_nulls().head(SUM_ROWS).cast(pl.Float64).to_numpy()
    whole, columns = sample[:, -1], sample[:, :-1]
    parts: set[str] = set()
    for i, name in enumerate(names):
        rest = whole - columns[:, i]
        others = np.isclose(columns[:, i + 1 :], rest[:, None], rtol=1e-9, atol=1e-9).all(axis=0) if rest.any() else []
        for j in np.flatnonzero(others):
            parts |= {name, names[i + 1 + int(j)]}
    return [
        Question(name, "part-of-target", f"is a part of {target}: two columns add up to it") for name in sorted(parts)
    ]


def _identifiers(seen: Mapping[str, ColumnProfile]) -> list[Question]:
    return [
        Question(name, "identifier", "looks like an identifier: its values hardly ever repeat")
        for name, column in seen.items()
        if column.identifier
    ]


def _dormant(table: pl.DataFrame, seen: Mapping[str, ColumnProfile], time: str | None) -> list[Question]:
    ordered, order_said = _in_order(table, time)
    asked = []
    for name, column in seen.items():
        if column.constant or column.kind is None or column.n < 100:
            continue
        values = nameless(ordered[name])
        changed = ~values.eq_missing(values.head(1))
        first = changed.arg_max() or 0
        share = first / column.n
        alive = values[first:]
        n_turns = int((~alive[1:].eq_missing(alive[:-1])).sum())  # a calendar turns a few times, what lives often
        is_alive = int(changed[first:].sum()) >= MIN_ALIVE_SHARE * alive.len() and n_turns >= MIN_TURNS * alive.len()
        if share >= MIN_DORMANT_SHARE and is_alive:
            asked.append(Question(name, "dormant", f"says the same in the first {share:.0%} of the rows{order_said}"))
    return asked


def _in_order(table: pl.DataFrame, time: str | None) -> tuple[pl.DataFrame, str]:
    """The rows in time order where the time can be read, else as they stand in the file."""
    if time is None:
        return table, " as they stand in the file"
    try:
        at = moments_of(table[time], key=time, time_zone="UTC")
    except DataError:
        return table, " as they stand in the file"
    return table[np.argsort(at, kind="stable")], " in time"


def weights(seen: Mapping[str, ColumnProfile], strengths: Strengths) -> list[Question]:
    """Ask about numbers that are called weights and tell next to nothing of the outcome."""
    return [
        Question(name, "weight", "looks like a sampling weight, which is never an input", strengths.of.get(name))
        for name, column in seen.items()
        if column.kind is Kind.NUMBER
        and WEIGHT_NAME.search(name)
        and strengths.of.get(name, 0.0) < strengths.measure.weak
    ]
