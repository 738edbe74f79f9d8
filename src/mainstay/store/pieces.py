"""Columns of texts that come piece by piece: each piece is kept as narrow as it can be, and one type is found for all.

A type is decided on every text of a column, yet the texts are never all in memory at once. What was narrowed too soon
(numbers, and in the last piece a word) is read again, that column alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from mainstay.domain.kind import MISSING_WORDS

WHOLE_TEXT = r"^[+-]?\d+$"
NUMBER_TEXT = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
ODD = r"^[+-]?0\d|[^0-9.eE+-]"  # codes, and whatever is not of digits
FEW_ROWS = 1000  # looked at first: a single text among them spares the rest
CODE_TEXT = r"^[+-]?0\d"  # arithmetic would drop the zero: postcodes and account numbers are no amounts

Texts = Iterable[Sequence[pl.Series]]  # one series of texts per column, piece after piece; missing is null


class Narrow(StrEnum):
    """What every text of a piece can be read as."""

    NOTHING = "nothing"  # no text at all
    WORDS = "words"  # only words that mean missing: kept, for among texts they are texts
    TRUTH = "truth"
    WHOLE = "whole"
    NUMBER = "number"
    BIG = "big"  # whole numbers beyond 64 bits: as floats they would lose digits; kept as texts
    TEXT = "text"


NUMERIC = {Narrow.WHOLE, Narrow.NUMBER, Narrow.BIG}
AS_TEXT = {Narrow.WORDS, Narrow.BIG, Narrow.TEXT}
EMPTY = {Narrow.NOTHING, Narrow.WORDS}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of one column: texts where `AS_TEXT`, else truths or numbers."""

    narrow: Narrow
    values: pl.Series


def narrowed(texts: pl.Series) -> Piece:
    """Return texts as the narrowest type that every one of them has.

    >>> narrowed(pl.Series(["1", None, "NA"])).values.to_list()
    [1, None, None]
    """
    texts = texts.alias("texts")  # Polars takes a name such as ^x$ for a pattern
    quick = _plain_numbers(texts)
    if quick is not None:
        return quick
    if texts.len() > FEW_ROWS and narrowed(texts.head(FEW_ROWS)).narrow is Narrow.TEXT:
        return Piece(Narrow.TEXT, texts)
    bare = texts.str.strip_chars()
    present = bare.filter(~bare.str.to_lowercase().is_in(MISSING_WORDS) & bare.is_not_null())
    if present.is_empty():
        return Piece(Narrow.NOTHING if texts.null_count() == texts.len() else Narrow.WORDS, texts)
    if present.str.to_lowercase().is_in(["true", "false"]).all():
        truths = (bare.str.to_lowercase() == "true").set(~bare.is_in(present.unique().implode()), None)
        return Piece(Narrow.TRUTH, truths)
    if not present.str.contains(NUMBER_TEXT).all() or present.str.contains(CODE_TEXT).any():
        return Piece(Narrow.TEXT, texts)
    if not present.str.contains(WHOLE_TEXT).all():
        return Piece(Narrow.NUMBER, bare.cast(pl.Float64, strict=False))
    whole = bare.str.strip_prefix("+").cast(pl.Int64, strict=False)
    return Piece(Narrow.WHOLE, whole) if whole.count() == present.len() else Piece(Narrow.BIG, texts)


def _plain_numbers(texts: pl.Series) -> Piece | None:
    """Return numbers where no text needs a second look (words, codes, spaces, infinities); else None."""
    if texts.null_count() == texts.len() or texts.head(FEW_ROWS).str.contains(ODD).any():
        return None
    numbers = texts.cast(pl.Int64, strict=False)
    narrow = Narrow.WHOLE
    if numbers.null_count() != texts.null_count():
        numbers, narrow = texts.cast(pl.Float64, strict=False), Narrow.NUMBER
    if numbers.null_count() != texts.null_count() or texts.str.contains(ODD).any():
        return None
    return Piece(narrow, numbers) if narrow is Narrow.WHOLE or _has_fraction(texts) else None


def _has_fraction(texts: pl.Series) -> bool:
    """Say whether a column of numbers is more than whole numbers beyond 64 bits."""
    return bool(texts.str.contains(r"[.eE]").any())


def assembled(read: Callable[[], Texts]) -> list[pl.Series]:
    """Return the columns of a table that `read` gives piece by piece; it is called again if a text must be read again.

    Whole numbers, numbers or true/false if every text is one, else texts. Words that mean missing do not keep a column
    of numbers from being one. No piece, no column.
    """
    kept: list[list[Piece]] = []
    for texts in read():
        kept = kept or [[] for _ in texts]
        for column, each in zip(kept, texts, strict=True):
            column.append(narrowed(each))
    again = {place for place, pieces in enumerate(kept) if _dtype(pieces) == pl.String and _lost(pieces)}
    raw = _texts_again(read, again) if again else {}
    return [_joined(raw.pop(place) if place in raw else _release(pieces)) for place, pieces in enumerate(kept)]


def _dtype(pieces: Sequence[Piece]) -> pl.DataType:
    kinds = {piece.narrow for piece in pieces} - EMPTY
    if kinds == {Narrow.TRUTH}:
        return pl.Boolean()
    if kinds == {Narrow.WHOLE}:
        return pl.Int64()
    return pl.Float64() if Narrow.NUMBER in kinds and kinds <= NUMERIC else pl.String()


def _lost(pieces: Sequence[Piece]) -> bool:
    return any(piece.narrow not in AS_TEXT | EMPTY for piece in pieces)


def _texts_again(read: Callable[[], Texts], places: set[int]) -> dict[int, list[Piece]]:
    found: dict[int, list[Piece]] = {place: [] for place in places}
    for texts in read():
        for place, pieces in found.items():
            pieces.append(Piece(Narrow.TEXT, texts[place].alias("texts")))
    return found


def _release(pieces: list[Piece]) -> list[Piece]:
    """Hand over a column's pieces, so that they are freed as soon as they are joined."""
    handed = pieces.copy()
    pieces.clear()
    return handed


def _joined(pieces: list[Piece]) -> pl.Series:
    dtype = _dtype(pieces)
    return pl.concat([_cast(piece, dtype) for piece in pieces], rechunk=True)


def _cast(piece: Piece, dtype: pl.DataType) -> pl.Series:
    values = piece.values
    if values.dtype == pl.String and dtype != pl.String:
        bare = values.str.strip_chars()
        return bare.cast(pl.Float64, strict=False) if piece.narrow is Narrow.BIG else _nothing(values, dtype)
    return values.cast(dtype)


def _nothing(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    return pl.Series([None], dtype=dtype).new_from_index(0, values.len())
