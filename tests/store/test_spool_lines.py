"""Lines of JSON: whole, and nothing of them left behind."""

from __future__ import annotations

import sys

import pytest

from mainstay.store.spool_lines import lines_of

CALLS = 2_000


@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_writing_lines_leaves_nothing_in_memory(kind: type) -> None:
    documents = [{"a": 1.5}, {"a": None}]
    assert lines_of(kind(documents)) == b'{"a":1.5}\n{"a":null}\n'
    before = sys.getallocatedblocks()
    for _ in range(CALLS):
        lines_of(kind(documents))
    assert sys.getallocatedblocks() - before < CALLS / 10
