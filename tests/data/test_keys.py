"""Keys of rows are the same however many values are written as texts at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from mainstay.data import keys


def test_texts_taken_in_parts_have_the_keys_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    texts_of = [*(f"town {place % 40}" for place in range(100)), "", None, " 3", "NA"]
    moments = pl.Series([*range(100), None, 7, 7, 99]).cast(pl.Datetime("us"))
    table = pl.DataFrame({"a": texts_of, "at": moments, "n": range(104)})
    whole = keys.keys_of(table, ["a", "at", "n"])
    monkeypatch.setattr(keys, "AT_ONCE", 7)
    taken: list[int] = []
    texts = keys._texts

    def seen(given: Sequence[str]) -> keys.Keys:
        taken.append(len(given))
        return texts(given)

    monkeypatch.setattr(keys, "_texts", seen)
    assert np.array_equal(keys.keys_of(table, ["a", "at", "n"]), whole)
    assert max(taken) == 7


@pytest.mark.parametrize("dtype", [pl.String, pl.Int64, pl.Datetime, pl.Null])
def test_no_rows_have_no_keys(dtype: type[pl.DataType]) -> None:
    found = keys.keys_of(pl.DataFrame({"a": pl.Series([], dtype=dtype)}), ["a"])
    assert (found.shape, found.dtype) == ((0,), np.uint64)
