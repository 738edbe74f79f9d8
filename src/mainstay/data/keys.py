"""Numbers by which rows are known again: the same for ever, however a table is sorted, typed or grown.

They are made of values alone (3, 3.0 and "3" are one value; a column's place does not matter), never of positions, and
by arithmetic of our own, so that no library's version can change them. They recognise; they prove nothing (for that
there is the Merkle root) and hide nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from mainstay.data.columns import is_nested, nameless, plain
from mainstay.data.writing import Writing, read_as
from mainstay.domain.kind import MISSING_WORDS
from mainstay.stats.arrays import FloatArray, IntArray

Keys: TypeAlias = npt.NDArray[np.uint64]

STEP = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
EDITION = 2  # of what a key is made of
PLAIN = Writing()
NOTHING = sorted(MISSING_WORDS)
AT_ONCE = 100_000  # values taken at once: each is an object where it is written as text, and arithmetic makes copies
MISSING = np.uint64(0x6D697373696E6701)


def key_columns(table: pl.DataFrame) -> tuple[str, ...]:
    """Return the columns that rows are known by: all but nested ones, in order of their names."""
    return tuple(sorted(name for name in table.columns if not is_nested(table[name].dtype)))


def keys_of(table: pl.DataFrame, columns: Sequence[str], writing: Writing = PLAIN) -> Keys:
    """Return a key per row, shape (n_rows,), equal for rows that say the same in these columns, read as `writing` says.

    Two different rows have the same key with a chance of 2 ** -64.

    >>> one, other = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}), pl.DataFrame({"b": ["y"], "a": [2.0]})
    >>> bool(keys_of(one, ["a", "b"])[1] == keys_of(other, ["a", "b"])[0])
    True
    """
    total = np.zeros(table.height, dtype=np.uint64)
    for name in columns:
        values = _values(table[name], writing)
        values ^= _texts([f"column {name}"])[0]
        total += mixed(values)
    return mixed(total)


def entity_keys(labels: Sequence[str], rows: Keys) -> Keys:
    """Return the key of who or what each row is about; a row about nobody (an empty label) keeps its own.

    >>> entity_keys(["a", "", "a"], np.array([1, 2, 3], dtype=np.uint64))[1]
    np.uint64(2)
    """
    names = pl.Series(labels, dtype=pl.String)
    return np.where((names == "").to_numpy(), rows, mixed(_in_parts(names, _of_texts)))


def counted(keys: Keys) -> Keys:
    """Return keys that tell equal rows apart by counting them: the first keeps its key, the next get others.

    Which of several equal rows is the first does not matter: they are equal.

    >>> counted(np.array([5, 7, 5], dtype=np.uint64))[:2].tolist()
    [5, 7]
    """
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] + np.uint64(1)))
    nth = np.empty(keys.size, dtype=np.uint64)
    nth[order] = np.arange(keys.size) - np.repeat(starts, np.diff(np.append(starts, keys.size)))
    return np.where(nth == 0, keys, mixed(keys + STEP * nth))


def draws(keys: Keys, *, seed: int) -> FloatArray:
    """Return an even number in [0, 1) per key, decided by key and seed alone.

    >>> draws(np.array([7], dtype=np.uint64), seed=1).round(3).tolist()
    [0.206]
    """
    salt = mixed(np.array([seed & 0xFFFFFFFFFFFFFFFF], dtype=np.uint64))[0]
    return (mixed(mixed(keys) ^ salt) >> np.uint64(11)).astype(np.float64) / 2.0**53


def mixed(numbers: Keys) -> Keys:
    """Return each number scattered over all 64 bits, one to one. Source: Steele and others (2014), splitmix64.

    >>> hex(int(mixed(np.array([0], dtype=np.uint64))[0]))
    '0xe220a8397b1dcdaf'
    """
    scattered = np.empty(numbers.shape, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for part in _parts(numbers.size):
            spread = numbers[part] + STEP
            spread = (spread ^ (spread >> np.uint64(30))) * FIRST
            spread = (spread ^ (spread >> np.uint64(27))) * SECOND
            scattered[part] = spread ^ (spread >> np.uint64(31))
    return scattered


def _parts(n: int) -> Iterator[slice]:
    """Some rows after the others: of a large column no second one is made, be it of numbers or of texts."""
    return (slice(start, start + AT_ONCE) for start in range(0, n, AT_ONCE))


def _values(column: pl.Series, writing: Writing) -> Keys:
    """A number per value; missing ones, blanks, NaN and words for missing are all the same."""
    read, found = read_as(column, writing), _in_parts(nameless(plain(column)), _said)
    for part in _parts(0 if read is None else found.size):
        assert read is not None
        numbers = read[part].fill_null(float("nan")).to_numpy()
        found[part] = np.where(np.isnan(numbers), found[part], _of_numbers(numbers))
    return found


def _in_parts(column: pl.Series, keys: Callable[[pl.Series], Keys]) -> Keys:
    found = np.empty(column.len(), dtype=np.uint64)
    for part in _parts(column.len()):
        found[part] = keys(column[part])
    return found


def _said(column: pl.Series) -> Keys:
    """The number of each value as it is written."""
    if column.dtype.is_temporal():
        column = column.dt.to_string("iso")
    if column.dtype != pl.String:
        return _of_numbers(column.cast(pl.Float64).fill_null(float("nan")).to_numpy())
    texts = column.fill_null("").str.strip_chars()
    return _of_texts(texts.set(texts.str.to_lowercase().is_in(NOTHING), ""))


def _of_numbers(numbers: FloatArray) -> Keys:
    bits = (numbers + 0.0).view(np.uint64)
    return np.where(np.isnan(numbers), MISSING, bits)


def _of_texts(texts: pl.Series) -> Keys:
    distinct = texts.unique()
    hashed = _texts(distinct.to_list())
    number = distinct.cast(pl.Float64, strict=False)
    is_number = number.is_finite().fill_null(False).to_numpy()
    hashed[is_number] = _of_numbers(number.fill_null(0.0).to_numpy())[is_number]
    hashed[(distinct == "").to_numpy()] = MISSING
    places: Any = texts.replace_strict(distinct, pl.arange(distinct.len(), eager=True), return_dtype=pl.Int64)
    found: Keys = hashed[places.to_numpy().astype(np.int64)]  # of no texts Polars says no whole numbers
    return found


def _texts(texts: Sequence[str]) -> Keys:
    hashed = b"".join(hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return np.frombuffer(hashed, dtype="<u8").astype(np.uint64)


def positions(keys: Keys, wanted: Keys) -> IntArray:
    """Return where in the sorted `wanted` each key stands, -1 where it is not there.

    >>> positions(np.array([3, 4], dtype=np.uint64), np.array([1, 3], dtype=np.uint64)).tolist()
    [1, -1]
    """
    if not wanted.size:
        return np.full(keys.size, -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(wanted, keys), wanted.size - 1)
    return np.where(wanted[at] == keys, at, -1).astype(np.int64)
