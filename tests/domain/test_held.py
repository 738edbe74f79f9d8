"""Rows that are held as they came are given as a model reads them."""

from __future__ import annotations

import numpy as np
import polars as pl

from mainstay.domain.held import Held

CAME = pl.DataFrame(
    {
        "n": pl.Series([3, None, 2**53 + 1], dtype=pl.Int64),
        "yes": [True, None, False],
        "x": [0.5, None, 1.5],
        "text": ["a", None, "b"],
        "^n$": pl.Series([1, 2, 3], dtype=pl.UInt8),
    }
)
READ = CAME.with_columns([CAME[name].cast(pl.Float64) for name in ("n", "yes", "^n$")])


def test_columns_and_rows_are_given_as_numbers_of_eight_bytes() -> None:
    held = Held(CAME)
    assert (held.columns, held.height, held.width) == (CAME.columns, 3, 5)
    for name in held.columns:
        assert held[name].equals(READ[name], check_dtypes=True)
    places = np.array([2, 0])
    assert held[places].equals(READ[places])
    assert held[1:].equals(READ[1:])
    assert held.whole().schema == READ.schema


def test_whole_numbers_take_no_more_room_than_they_did() -> None:
    few = pl.DataFrame({"n": pl.Series(range(1000), dtype=pl.Int16)})
    assert Held(few).frame.estimated_size() == 2000
    assert Held(few).whole().estimated_size() == 8000
