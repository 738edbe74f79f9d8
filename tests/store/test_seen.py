"""A set of hashes says what it has seen, however it was filled."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mainstay.store.seen import Seen

HASHES = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), max_size=20)


@given(st.lists(HASHES), HASHES)
def test_it_says_what_a_set_says(parts: list[list[int]], asked: list[int]) -> None:
    seen = Seen()
    for part in parts:
        seen.add(np.array(part, dtype=np.int64))
    known = {value for part in parts for value in part}
    assert seen.among(np.array(asked, dtype=np.int64)).tolist() == [value in known for value in asked]
