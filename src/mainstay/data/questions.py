"""What to ask a person about single columns before a model learns from them: asked, never judged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.data.coerce import moments_of
from mainstay.data.columns import columns_named, is_nested, plain
from mainstay.data.profile import ColumnProfile, missing_words_to_null, profile
from mainstay.data.strength import strength
from mainstay.domain.errors import DataError
from mainstay.domain.schema import Kind
from mainstay.stats.arrays import FloatArray

CERTAIN = 0.95  # a ROC AUC that hardly any single honest column reaches
STRONG = 0.75
AHEAD = 1.4  # how far the strong one is above 0.5, in multiples of the next
ALIKE = 0.95  # columns this close in strength may be one column twice: they are asked about together
MAX_TOGETHER = 3
WEAK = 0.56  # a sampling weight says little about the outcome
MIN_DORMANT_SHARE = 0.1
MIN_ALIVE_SHARE = 0.2
MAX_ROWS = 50_000  # strength is told well enough by these
SUM_ROWS = 1_000
MIN_ROWS = 20

WEIGHT_NAME = re.compile(r"wgt|(^|[\W_])(weights?|wt)$", re.IGNORECASE)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
PERSONAL_WORDS = re.compile(
    r"name|(first|last|sur|full)name|e?mail|(tele)?phone|mobile|address|street|birth(date|day)|dob|ssn|passport|iban"
)
PERSONAL_PAIRS = re.compile(r"(first|last|full) name|e mail|birth date|date of birth|phone number")
EMAIL = r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"
PHONE = r"^\+?[\d][\d ()/.\-]{6,18}\d$"


@dataclass(frozen=True, slots=True)
class Question:
    """Something about a column that only a person can know.

    `code` is `too-strong`, `part-of-target`, `identifier`, `dormant`, `weight`, `personal`, `dates` or `text`;
    `because` what was seen, a clause that follows the column's name; `strength` the ROC AUC of the column alone.
    """

    column: str
    code: str
    because: str
    strength: float | None = None


def questions(table: pl.DataFrame, target: str, *, time: str | None = None) -> tuple[Question, ...]:
    """Return what should be asked about the columns of a table, in the table's order.

    Fields too strong to be believed are found by how well each alone tells the outcome (out of fold), so that a new
    name does not hide them. A target of more than two levels counts as above its median, or as its most frequent level.

    >>> table = pl.DataFrame({"id": range(200), "target": [0, 1] * 100})
    >>> [question.code for question in questions(table, "target")]
    ['identifier']
    """
    seen = {column.name: column for column in profile(table) if column.name not in (target, time)}
    strengths = column_strengths(table, target, time=time)
    asked = [
        *_too_strong(strengths),
        *_parts_of(table, target, seen),
        *_identifiers(seen),
        *_dormant(table, seen, time),
        *_weights(seen, strengths),
        *_personal(table, seen),
        *_unread(seen),
    ]
    place = {name: i for i, name in enumerate(table.columns)}
    return tuple(sorted(asked, key=lambda question: place[question.column]))


def binary_view(target: pl.Series) -> FloatArray:
    """Return any target as 0.0 and 1.0: its rarer level, above its median, or its most frequent level; NaN missing."""
    raw = plain(target)
    if raw.dtype.is_numeric() and raw.n_unique() > 3:
        numbers = raw.cast(pl.Float64).fill_nan(None)
        return _zeros_and_ones(numbers > numbers.median())
    texts = missing_words_to_null(raw.cast(pl.String))
    levels = texts.drop_nulls().alias("level").value_counts(sort=True, name="n")["level"]
    if levels.is_empty():
        return np.full(target.len(), np.nan)
    chosen = levels[1] if levels.len() == 2 else levels[0]
    return _zeros_and_ones(texts == chosen)


def _zeros_and_ones(truths: pl.Series) -> FloatArray:
    return np.asarray(truths.cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)


def column_strengths(table: pl.DataFrame, target: str, *, time: str | None = None) -> dict[str, float]:
    """Return how well each column alone tells the outcome (ROC AUC out of fold); empty where nothing can be told."""
    outcomes = binary_view(table[target])
    rows = np.flatnonzero(~np.isnan(outcomes))
    if rows.size > MAX_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MAX_ROWS, replace=False))
    told = outcomes[rows]
    if told.size < MIN_ROWS or told.min() == told.max():
        return {}
    names = [name for name in table.columns if name not in (target, time) and not is_nested(table[name].dtype)]
    return {name: strength(table[name][rows], told) for name in names}


def _too_strong(strengths: Mapping[str, float]) -> list[Question]:
    ordered = sorted(strengths, key=lambda name: -strengths[name])
    certain = [name for name in ordered if strengths[name] >= CERTAIN]
    rest = [name for name in ordered if strengths[name] < CERTAIN]
    excess = [strengths[name] - 0.5 for name in rest] + [0.0]
    ahead = next((n for n in range(1, MAX_TOGETHER + 1) if _is_ahead(excess, n)), 0)
    asked = dict.fromkeys(certain, "tells the outcome almost by itself")
    asked |= dict.fromkeys(rest[:ahead], "tells the outcome far better than any other column")
    return [
        Question(name, "too-strong", f"{what} (ROC AUC {strengths[name]:.2f})", strengths[name])
        for name, what in asked.items()
    ]


def _is_ahead(excess: Sequence[float], n: int) -> bool:
    """Whether the first n, much alike, are strong and far ahead of the next."""
    if n >= len(excess) or excess[n - 1] < STRONG - 0.5 or excess[n - 1] < ALIKE * excess[0]:
        return False
    return excess[n - 1] >= AHEAD * excess[n]


def _parts_of(table: pl.DataFrame, target: str, seen: Mapping[str, ColumnProfile]) -> list[Question]:
    """Columns that add up to a numeric target, such as casual + registered = all."""
    names = [name for name, column in seen.items() if column.kind is Kind.NUMBER and column.numbers is None]
    if not plain(table[target]).dtype.is_numeric() or len(names) < 2 or table[target].n_unique() <= 2:
        return []
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
        changed = ~ordered[name].eq_missing(pl.Series([ordered[name][0]], dtype=ordered[name].dtype))
        first = changed.arg_max() or 0
        share = first / column.n
        if share >= MIN_DORMANT_SHARE and int(changed[first:].sum()) >= MIN_ALIVE_SHARE * (column.n - first):
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


def _weights(seen: Mapping[str, ColumnProfile], strengths: Mapping[str, float]) -> list[Question]:
    return [
        Question(name, "weight", "looks like a sampling weight, which is never an input", strengths.get(name))
        for name, column in seen.items()
        if column.kind is Kind.NUMBER and WEIGHT_NAME.search(name) and strengths.get(name, 0.5) < WEAK
    ]


def _personal(table: pl.DataFrame, seen: Mapping[str, ColumnProfile]) -> list[Question]:
    asked = []
    for name, column in seen.items():
        if is_nested(table[name].dtype):
            continue
        if _has_personal_name(name):
            asked.append(Question(name, "personal", "sounds like personal data"))
        elif column.kind in (Kind.TEXT, Kind.CATEGORY) and (what := _personal_content(plain(table[name]))):
            asked.append(Question(name, "personal", f"holds what looks like {what}"))
    return asked


def _has_personal_name(name: str) -> bool:
    words = [word.lower() for word in WORD.findall(name)]
    alone = [
        word for word in (*words, "".join(words)) if word != "name" or len(words) == 1
    ]  # product_name is no person
    return any(map(PERSONAL_WORDS.fullmatch, alone)) or PERSONAL_PAIRS.search(" ".join(words)) is not None


def _personal_content(texts: pl.Series) -> str | None:
    some = texts.drop_nulls().unique().head(SUM_ROWS)
    if some.dtype != pl.String or some.is_empty():
        return None
    if int(some.str.contains(EMAIL).sum()) > some.len() / 2:
        return "e-mail addresses"
    return "telephone numbers" if int(some.str.contains(PHONE).sum()) > some.len() / 2 else None


def _unread(seen: Mapping[str, ColumnProfile]) -> list[Question]:
    asked = []
    for name, column in seen.items():
        if column.dates and column.dates.ambiguous:
            asked.append(
                Question(name, "dates", "holds dates whose day and month cannot be told apart: it is left out")
            )
    return asked
