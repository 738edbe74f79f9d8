"""Columns of values that carry their own types (JSON, SQLite): what mixes numbers and texts becomes texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from mainstay.domain.reading import level_text

LARGEST = 1 << 63  # whole numbers beyond are kept as texts: as floats they would lose digits


def series_of(values: Sequence[Any]) -> pl.Series:
    """Return values as true/false, whole numbers, numbers or texts, the first that holds them all; empty texts miss.

    Lists and objects are written as JSON.

    >>> series_of([1, None, 2.5]).to_list()
    [1.0, None, 2.5]
    """
    kinds = {type(value) for value in values} - {type(None)}
    if not kinds:
        return pl.Series(values, dtype=pl.Null)
    if kinds == {bool}:
        return pl.Series(values, dtype=pl.Boolean)
    if kinds == {int} and all(value is None or -LARGEST <= value < LARGEST for value in values):
        return pl.Series(values, dtype=pl.Int64)
    if float in kinds and kinds <= {int, float}:
        return pl.Series([None if value is None else float(value) for value in values], dtype=pl.Float64)
    return pl.Series([_text(value) for value in values], dtype=pl.String)


def joined(pieces: Sequence[pl.Series]) -> pl.Series:
    """Join the pieces of a column, which `series_of` made, under one type that holds them all.

    >>> joined([series_of([1, 2]), series_of(["a", None])]).to_list()
    ['1', '2', 'a', None]
    """
    kinds = {piece.dtype for piece in pieces} - {pl.Null()}
    if len(kinds) <= 1:
        dtype = next(iter(kinds), pl.String())
        return pl.concat([piece.cast(dtype) for piece in pieces], rechunk=True)
    if kinds == {pl.Int64(), pl.Float64()}:
        return pl.concat([piece.cast(pl.Float64) for piece in pieces], rechunk=True)
    return pl.concat([pl.Series([_text(value) for value in piece], dtype=pl.String) for piece in pieces], rechunk=True)


def table_of(chunks: Iterable[Mapping[str, pl.Series]]) -> pl.DataFrame:
    """Join chunks of rows into a table; a column that a chunk does not have is missing in it."""
    kept: dict[str, list[pl.Series]] = {}
    n_rows = 0
    for chunk in chunks:
        height = max((series.len() for series in chunk.values()), default=0)
        for name in (*kept, *(name for name in chunk if name not in kept)):
            pieces = kept.setdefault(name, [_missing(n_rows)] if n_rows else [])
            pieces.append(chunk.get(name, _missing(height)))
        n_rows += height
    return pl.DataFrame([joined(kept.pop(name)).alias(name) for name in list(kept)])


def _missing(n: int) -> pl.Series:
    return pl.Series([None], dtype=pl.Null).new_from_index(0, n)


def _text(value: Any) -> str | None:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return (level_text(value) or None) if value is not None else None
