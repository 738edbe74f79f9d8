"""Events: chained by hash, over canonical bytes, so that any change shows."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.event import GENESIS, Event, chained, event_hash, follows


def link(previous: Event | None, body: dict[str, Any] | None = None, *, actor: str = "anna") -> Event:
    return chained(previous, model="m", at="2026-03-01T00:00:00Z", actor=actor, act="note", body=body or {})


def test_a_chain_starts_at_genesis_and_counts_from_one() -> None:
    first = link(None)
    second = link(first)
    assert (first.seq, first.previous) == (1, GENESIS)
    assert (second.seq, second.previous) == (2, first.hash)
    assert follows(first, None)
    assert follows(second, first)


def test_a_link_fits_in_one_place_only() -> None:
    first = link(None)
    second = link(first)
    assert not follows(second, None)
    assert not follows(first, first)
    assert not follows(second, link(None, actor="eve"))
    assert not follows(link(second), first)


@pytest.mark.parametrize("field", ["model", "at", "actor", "act", "previous", "hash"])
def test_a_change_of_any_text_shows(field: str) -> None:
    event = link(None, {"why": "first"})
    assert not follows(msgspec.structs.replace(event, **{field: getattr(event, field) + " "}), None)


def test_a_change_of_number_or_body_shows() -> None:
    event = link(None, {"why": "first"})
    assert not follows(msgspec.structs.replace(event, seq=2), None)
    assert not follows(msgspec.structs.replace(event, body={"why": "First"}), None)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False)))
def test_the_hash_does_not_know_the_order_of_keys(body: dict[str, Any]) -> None:
    turned = dict(reversed(body.items()))
    assert link(None, body).hash == link(None, turned).hash


def test_the_hash_of_edition_one_stays_what_it_is() -> None:
    event = link(None, {"share": 0.1, "name": "ü", "none": None})
    assert event_hash(event) == event.hash
    assert event.hash == "sha256:631c01e9236437ab272c3e84bb53699b5ac322a8e1d7b0c96fd2357c931a4ee1"
