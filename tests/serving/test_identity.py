"""Ids: read liberally, made so that they sort and cannot be guessed; digests that see the row and not its writing."""

from __future__ import annotations

import os
import uuid

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.traffic import row_digest
from mainstay.serving.identity import ENTROPY_PER_ID, MAX_ID, make_ids, read_id

ROWS = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text())


def test_made_ids_are_version_7_uuids_that_sort_by_moment_and_row() -> None:
    at = [1_790_000_000_000_000, 1_790_000_000_001_000, 1_790_000_001_000_000]
    made = [each for moment in at for each in make_ids(moment, 4096, os.urandom(4096 * ENTROPY_PER_ID))]
    assert made == sorted(made)
    assert {uuid.UUID(each).version for each in made} == {7}
    assert {uuid.UUID(each).variant for each in made} == {uuid.RFC_4122}


def test_made_ids_differ_in_62_random_bits() -> None:
    made = {each[19:] for each in make_ids(0, 10_000, os.urandom(10_000 * ENTROPY_PER_ID))}
    assert len(made) == 10_000


@pytest.mark.parametrize("raw", ["", "  ", "x" * (MAX_ID + 1), True, 1.5, [1], {"a": 1}, 1 << 63])
def test_what_cannot_be_an_id_is_refused(raw: object) -> None:
    with pytest.raises(ValueError, match="a text of 1 to 200 characters"):
        read_id(raw)


@given(ROWS)
def test_a_digest_sees_the_row_and_not_its_order_or_spaces(row: dict[str, object]) -> None:
    turned = dict(reversed(row.items()))
    assert row_digest(row) == row_digest(turned) == row_digest(msgspec.json.decode(msgspec.json.encode(row)))


@given(ROWS, ROWS)
def test_other_rows_have_other_digests(row: dict[str, object], other: dict[str, object]) -> None:
    is_same = msgspec.json.encode(row, order="sorted") == msgspec.json.encode(other, order="sorted")
    assert (row_digest(row) == row_digest(other)) is is_same
