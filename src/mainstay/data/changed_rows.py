"""Which rows of a table are new, gone or changed since an earlier state of it."""

from __future__ import annotations

import polars as pl

from mainstay.data.columns import is_nested, plain
from mainstay.domain.source_change import RowsChange

SHARED_KEYS = 0.5  # of the smaller state's rows must be known by their key to the other, else it names nothing
KEY_TYPES = (pl.String, pl.Int64, pl.Int32, pl.Int16, pl.UInt64, pl.UInt32, pl.UInt16)


def row_changes(before: pl.DataFrame, after: pl.DataFrame, *, entity: str | None = None) -> RowsChange:
    """Count rows that are new, gone or changed, over the columns that both states have.

    Rows are told apart by the column that names each: `entity` where it does, else the first that has no value twice;
    where there is none, by all they hold.
    """
    shared = [name for name in before.columns if name in after.columns]
    key = _key(before, after, [*([entity] if entity in shared else []), *shared])
    if key is None:
        return _counted(_marks(before, shared), _marks(after, shared), before, after)
    rest = [name for name in shared if name != key]
    first = pl.DataFrame({"key": plain(before[key]).cast(pl.String), "mark": _marks(before, rest)})
    second = pl.DataFrame({"key": plain(after[key]).cast(pl.String), "other": _marks(after, rest)})
    both = first.join(second, on="key", how="inner")
    return RowsChange(
        was=before.height,
        now=after.height,
        new=after.height - both.height,
        gone=before.height - both.height,
        changed=int((both["mark"] != both["other"]).sum()),
        key=key,
    )


def _key(before: pl.DataFrame, after: pl.DataFrame, names: list[str]) -> str | None:
    for name in names:
        first, second = before[name].alias("key"), after[name].alias("key")  # a name such as ^x$ reads as a pattern
        if first.dtype not in KEY_TYPES or second.dtype != first.dtype:
            continue
        if all(not each.null_count() and each.n_unique() == each.len() for each in (first, second)):
            known = int(first.is_in(second.implode()).sum())
            if known >= SHARED_KEYS * min(first.len(), second.len()):
                return name
    return None


def _marks(table: pl.DataFrame, names: list[str]) -> pl.Series:
    """Return one number a row that is the same for rows that say the same: 3 and 3.0 do, a gap and no value do."""
    columns = [_said(table[name]).alias(str(place)) for place, name in enumerate(names)]
    return pl.DataFrame(columns).hash_rows() if columns else pl.Series([0] * table.height, dtype=pl.UInt64)


def _said(column: pl.Series) -> pl.Series:
    if is_nested(column.dtype):
        return pl.Series([None], dtype=pl.String).new_from_index(0, column.len())
    bare = plain(column)
    return bare.cast(pl.Float64).fill_nan(None) if bare.dtype.is_numeric() else bare.cast(pl.String)


def _counted(first: pl.Series, second: pl.Series, before: pl.DataFrame, after: pl.DataFrame) -> RowsChange:
    counts = [each.alias("mark").value_counts(name=name) for each, name in ((first, "was"), (second, "now"))]
    both = counts[0].join(counts[1], on="mark", how="inner")
    kept = sum(min(was, now) for _, was, now in both.rows())
    return RowsChange(was=before.height, now=after.height, new=after.height - kept, gone=before.height - kept)
