"""Limits of a request: size, time and memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from mainstay.domain.limits import Limits
from mainstay.interfaces.http import request
from mainstay.interfaces.http.reply import Message, Receive, Reply
from mainstay.interfaces.http.request import Held, drain, read_body
from mainstay.interfaces.http.settings import is_loopback


def coming(pieces: Iterable[bytes], *, ends: bool = True) -> Receive:
    """A caller who sends these pieces, and then ends the body or falls silent."""
    left = list(pieces)

    async def receive() -> Message:
        if not left:
            await asyncio.sleep(3600)
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left) or not ends}

    return receive


def read(receive: Receive, held: Held | None = None) -> Any:
    return asyncio.run(read_body(receive, held or Held()))


def test_pieces_are_put_together() -> None:
    held = Held()
    assert read(coming([b"a", b"", b"bc"]), held) == b"abc"
    assert held.n_bytes == 0


def test_a_body_beyond_the_limit_is_refused_in_one_piece_or_many() -> None:
    held = Held(Limits(body_bytes=10))
    for pieces in ([b"x" * 11], [b"x" * 6, b"x" * 5], [b"x"] * 1000):
        reply = read(coming(pieces), held)
        assert isinstance(reply, Reply)
        assert (reply.status, reply.drain) == (413, True)
    assert read(coming([b"x" * 5, b"x" * 5]), held) == b"x" * 10


def test_a_slow_sender_is_not_waited_for_for_ever() -> None:
    for pieces in ([], [b"x"]):
        held = Held(Limits(body_s=0.02))
        reply = read(coming(pieces, ends=False), held)
        assert isinstance(reply, Reply)
        assert (reply.status, held.n_bytes) == (408, 0)


def test_many_large_bodies_at_once_are_asked_to_wait() -> None:
    limits = Limits(held_bytes=100)
    reply = read(coming([b"x" * 10, b"x" * 10]), Held(limits, n_bytes=90))
    assert isinstance(reply, Reply)
    assert reply.status == 429
    assert (b"retry-after", b"1") in reply.headers
    assert read(coming([b"x" * 10]), Held(limits, n_bytes=99)) == b"x" * 10  # what came in one piece is not held


def test_draining_ends_after_so_much_or_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "DRAIN_S", 0.02)
    monkeypatch.setattr(request, "MAX_DRAINED", 1000)
    for receive in (coming([b"x"] * 10), coming([b"x" * 10_000] * 10), coming([b"x"], ends=False)):
        asyncio.run(asyncio.wait_for(drain(receive), 5))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", "LOCALHOST."])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", "", "localhost.example.com"])
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)
