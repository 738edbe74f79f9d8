"""A digest of a table that survives forgetting: a Merkle root over salted hashes of rows.

A row that must be forgotten is destroyed together with its salt; its leaf stays as a tombstone and the root still
verifies, while nothing in the leaf tells what the row held.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from mainstay.data.columns import is_nested, nameless
from mainstay.domain.canonical import canonical
from mainstay.domain.errors import DataError

SALT_BYTES = 16
SLICE_ROWS = 100_000  # rows turned into bytes at a time: some tens of megabytes
LEAF = b"mainstay-leaf-1\n"  # the edition of the row's bytes: whatever changes them needs a new one
NODE = b"mainstay-node-1\n"
EMPTY = b"mainstay-empty-1\n"

Bytes: TypeAlias = npt.NDArray[np.uint8]


def leaves(table: pl.DataFrame, salts: bytes) -> Iterator[bytes]:
    """Yield one salted SHA-256 per row (32 bytes each), over names, kinds and values in the table's column order.

    `salts` holds 16 random bytes per row, one after the other. Values are hashed as bits, never as formatted text: no
    locale and no library version can change them. Widths of integers and floats do not matter; -0.0 counts as 0.0 and
    NaN as one value. Some rows are held as bytes at a time. Raises `DataError` for columns of Python objects.
    """
    if len(salts) != table.height * SALT_BYTES:
        raise ValueError(f"{len(salts)} bytes of salts for {table.height} rows; wanted {SALT_BYTES} for each row")
    for start in range(0, table.height, SLICE_ROWS):
        yield from _leaves(table[start : start + SLICE_ROWS], salts, start)


def _leaves(table: pl.DataFrame, salts: bytes, start: int) -> Iterator[bytes]:
    read = [cells(table[name]) for name in table.columns]
    header = LEAF + hashlib.sha256(canonical([[c.name, c.kind] for c in read])).digest()
    rows = np.hstack([c.bytes for c in read]) if read else np.zeros((table.height, 0), dtype=np.uint8)
    for i, row in enumerate(rows, start=start):
        yield hashlib.sha256(header + salts[i * SALT_BYTES : (i + 1) * SALT_BYTES] + row.tobytes()).digest()


@dataclass(frozen=True, slots=True)
class Cells:
    """A column as canonical bytes, shape (n_rows, width): one byte that says whether there is a value, then the value.

    Numbers and dates take 8 bytes, booleans one, everything else the 32 bytes of its SHA-256; a missing value is zeros.
    """

    name: str
    kind: str
    bytes: Bytes


def cells(column: pl.Series) -> Cells:
    """Return the canonical bytes of a column; raises `DataError` for Python objects.

    >>> cells(pl.Series("age", [1, None])).bytes.tolist()
    [[1, 0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0, 0]]
    """
    if column.dtype == pl.Object:
        what = f"column {column.name!r} holds Python objects; wanted numbers, texts, booleans or dates"
        raise DataError(what, remedy="Leave it out of the table.")
    kind, value = _value_bytes(nameless(column))
    present = nameless(column).is_not_null().to_numpy().astype(np.uint8)[:, None]
    return Cells(column.name, kind, np.hstack([present, value * present]))


def with_tombstones(living: Iterable[bytes], n_living: int, tombstones: Mapping[int, bytes]) -> Iterator[bytes]:
    """Yield all leaves in their first order: the living rows', and those kept of forgotten rows by their position.

    >>> list(with_tombstones([b"a", b"c"], 2, {1: b"b"}))
    [b'a', b'b', b'c']
    """
    n = n_living + len(tombstones)
    if any(not 0 <= place < n for place in tombstones):
        raise ValueError(f"a tombstone stands outside the {n} rows")
    rest = iter(living)
    for place in range(n):
        yield tombstones[place] if place in tombstones else next(rest)


def merkle_root(leaves: Iterable[bytes]) -> str:
    """Return the root over the leaves in order, as `sha256:` and hex; an odd node at the end rises as it is.

    The number of leaves is part of the root. Only one node per level is held. Source: RFC 6962, with our own prefixes.

    >>> merkle_root([b"a", b"b"]) == merkle_root([b"b", b"a"])
    False
    """
    n = 0
    peaks: list[bytes] = []  # roots of whole trees of 2^k leaves, one for each bit of n, the largest first
    for leaf in leaves:
        node, whole = leaf, n
        while whole & 1:
            node = _above(peaks.pop(), node)
            whole >>= 1
        peaks.append(node)
        n += 1
    top = peaks.pop() if peaks else b""
    while peaks:
        top = _above(peaks.pop(), top)
    return "sha256:" + hashlib.sha256(EMPTY + n.to_bytes(8) + top).hexdigest()


def _above(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def _value_bytes(column: pl.Series) -> tuple[str, Bytes]:
    dtype = column.dtype
    if dtype.is_float():
        numbers = column.cast(pl.Float64).fill_null(0.0).to_numpy() + 0.0
        return "float", _big_endian(np.where(np.isnan(numbers), np.nan, numbers), ">f8")
    if dtype == pl.Boolean:
        return "boolean", column.fill_null(False).to_numpy().astype(np.uint8)[:, None]
    if dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        return "text", _digests(column.cast(pl.String))
    if dtype in BIG or is_nested(dtype):
        return str(dtype), _digests(
            pl.Series(column.name, [repr(value) for value in column.to_list()], dtype=pl.String)
        )
    if isinstance(dtype, pl.Datetime):
        zone = dtype.time_zone or "local"
        column, unit = (column, "ns") if dtype.time_unit == "ns" else (column.dt.cast_time_unit("us"), "us")
        return f"datetime {unit} {zone}", _big_endian(column.to_physical().fill_null(0).to_numpy(), ">i8")
    kind = "integer" if dtype.is_integer() else str(dtype)
    return kind, _big_endian(column.to_physical().cast(pl.Int64).fill_null(0).to_numpy(), ">i8")


BIG = (pl.UInt64, pl.Int128, pl.Decimal)  # not held by eight signed bytes: hashed as text


def _big_endian(numbers: npt.NDArray[Any], form: str) -> Bytes:
    return np.ascontiguousarray(numbers.astype(form)).view(np.uint8).reshape(numbers.size, 8)


def _digests(texts: pl.Series) -> Bytes:
    """The SHA-256 of every text, shape (n_rows, 32), each distinct text hashed once; a missing one may be anything."""
    distinct = texts.fill_null("").unique()
    hashed = b"".join(hashlib.sha256(text.encode()).digest() for text in distinct.to_list())
    table = np.frombuffer(hashed, dtype=np.uint8).reshape(-1, 32)
    places = texts.fill_null("").replace_strict(distinct, pl.arange(distinct.len(), eager=True), return_dtype=pl.Int64)
    rows: Bytes = table[places.to_numpy()]
    return rows
