"""Keys of rows are the same however many texts are taken out of a column at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from mainstay.data import keys


def test_texts_taken_in_parts_have_the_keys_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pl.DataFrame({"a": [*(f"town {place % 40}" for place in range(100)), "", None, " 3", "NA"]})
    whole = keys.keys_of(table, ["a"])
    monkeypatch.setattr(keys, "AT_ONCE", 7)
    taken: list[int] = []
    texts = keys._texts

    def seen(given: Sequence[str]) -> keys.Keys:
        taken.append(len(given))
        return texts(given)

    monkeypatch.setattr(keys, "_texts", seen)
    assert np.array_equal(keys.keys_of(table, ["a"]), whole)
    assert max(taken) == 7
