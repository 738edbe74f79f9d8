"""Turns at unpacking tables: how many wait, what they hold, and what becomes of a process that does not answer."""

from __future__ import annotations

import asyncio
import io

import polars as pl

from mainstay.domain.limits import Limits
from mainstay.interfaces.http.reply import Reply, code_of
from mainstay.interfaces.http.request import Held
from mainstay.interfaces.http.tables import MAX_WAITING, Tables, end, unpack


def table(n: int) -> bytes:
    out = io.BytesIO()
    pl.DataFrame({"age": range(n)}).write_ipc_stream(out)
    return out.getvalue()


def test_bodies_take_turns_and_of_too_many_the_newest_are_told_to_wait() -> None:
    async def many() -> list[bytes | Reply]:
        held, tables = Held(), Tables()
        try:
            told = await asyncio.gather(*[unpack(table(n + 1), tables, held) for n in range(MAX_WAITING + 2)])
        finally:
            await end(tables)
        assert (held.n_bytes, tables.n_waiting, tables.process) == (0, 0, None)
        return told

    told = asyncio.run(many())
    read, waiting = told[:MAX_WAITING], told[MAX_WAITING:]
    assert [each.count(b"\n") + 1 for each in read if isinstance(each, bytes)] == list(range(1, MAX_WAITING + 1))
    assert [code_of(each) for each in waiting if isinstance(each, Reply)] == ["too-busy"] * 2


def test_what_waits_counts_as_held() -> None:
    held = Held(Limits(held_bytes=1_000), n_bytes=900)
    told = asyncio.run(unpack(bytes(101), Tables(), held))
    assert isinstance(told, Reply)
    assert (told.status, held.n_bytes) == (429, 900)


def test_a_process_that_does_not_answer_in_time_is_ended_and_the_next_body_gets_another() -> None:
    async def twice() -> tuple[bytes | Reply, bytes | Reply]:
        held, tables = Held(), Tables(Limits(body_s=0.01))  # less than a process takes to start
        first = await unpack(table(1), tables, held)
        assert (tables.process, held.n_bytes) == (None, 0)
        tables.limits = Limits()
        try:
            return first, await unpack(table(1), tables, held)
        finally:
            await end(tables)

    first, second = asyncio.run(twice())
    assert isinstance(first, Reply)
    assert (first.status, second) == (408, b'{"age":0}')
