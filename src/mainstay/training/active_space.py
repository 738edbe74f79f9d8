"""Rows as points, so that rows alike lie near each other: numbers by rank, levels apart, texts by their words."""

from __future__ import annotations

import re
import zlib

import numpy as np
import polars as pl

from mainstay.domain.schema import Field, Kind, Schema
from mainstay.stats.arrays import FloatArray

N_WORDS = 128  # columns into which words fall by their hash: collisions blur distances a little, and cost nothing
MOST_LEVELS = 50  # of one column that lie apart; the others share a place
WORD = re.compile(r"\w\w+")


def space_of(used: pl.DataFrame, schema: Schema) -> FloatArray:
    """Return each used row as a point, shape (n_rows, n_columns): every field spans about the same distance.

    >>> from mainstay.domain.schema import Field
    >>> space_of(pl.DataFrame({"age": [20.0, 30.0, None]}), Schema(fields=(Field(name="age", kind=Kind.NUMBER),),
    ...     target="t")).tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.5, 1.0]]
    """
    parts = [_points(used[field.name], field) for field in schema.fields]
    return np.concatenate(parts, axis=1) if parts else np.zeros((used.height, 1))


def _points(column: pl.Series, field: Field) -> FloatArray:
    match field.kind:
        case Kind.NUMBER | Kind.DATETIME:
            return _ranked(column)
        case Kind.TEXT:
            return _worded(column)
    return _apart(column, field.levels[:MOST_LEVELS])


def _ranked(column: pl.Series) -> FloatArray:
    """Numbers by their rank from 0 to 1, missing ones in the middle and marked: no outlier outweighs the rest."""
    column = column.alias("value")  # Polars takes a name such as `^x$` for a pattern
    ranks = column.cast(pl.Float64).fill_nan(None).rank("dense") - 1.0
    highest = ranks.max()
    top = float(highest) if isinstance(highest, float) and highest > 0 else 1.0
    missing = column.is_null().to_numpy()
    shares = np.where(missing, 0.5, ranks.cast(pl.Float64).fill_null(0.0).to_numpy() / top)
    return np.column_stack([shares, missing.astype(np.float64)])


def _apart(column: pl.Series, levels: tuple[str, ...]) -> FloatArray:
    """Levels as unit vectors a distance of 1 apart; rare, unseen and missing ones lie together."""
    index = {level: i for i, level in enumerate(levels)}
    found = np.zeros((len(column), len(levels) + 1))
    places = np.array([index.get(text, len(levels)) for text in column.to_list()], dtype=np.int64)
    found[np.arange(len(column)), places] = 0.5**0.5
    return found


def _worded(column: pl.Series) -> FloatArray:
    """Texts as the roots of their word counts, hashed, of length 1."""
    found = np.zeros((len(column), N_WORDS))
    for i, text in enumerate(column.to_list()):
        for word in WORD.findall((text or "").lower()):
            found[i, zlib.crc32(word.encode()) % N_WORDS] += 1.0
    found = np.sqrt(found)
    lengths = np.sqrt(np.sum(found**2, axis=1, keepdims=True))
    return np.asarray(found / np.where(lengths > 0, lengths, 1.0))
