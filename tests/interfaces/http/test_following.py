"""Following a ledger that does not answer: what else is due goes on, and it is told."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import Postgres
from tests.interfaces.http.homes import add, deploy, new_home, shifted
from tests.interfaces.http.services import processes

from mainstay.interfaces.http.following import keep_following
from mainstay.store.home import open_home
from mainstay.workflows.serve import Desk, close_desk, open_desk

pytest.importorskip("psycopg", reason="no psycopg here: no ledger in PostgreSQL was followed")


@contextmanager
def paused(server: int) -> Iterator[None]:
    """Let a database hang, with all connections to it open."""
    pids = [server, *(pid for pid, parent, _ in processes() if parent == server)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.02)


async def follow_through_a_hang(desk: Desk, server: int) -> None:
    beats: list[int] = []
    following = asyncio.create_task(keep_following(desk, parent=0, beat=lambda: beats.append(1)))
    with paused(server):
        await until(lambda: desk.ledger_problem == "it does not answer")
        n_beats = len(beats)
        await until(lambda: len(beats) > n_beats)
    await until(lambda: desk.ledger_problem is None)
    deploy(desk.home, add(desk.home, plan=shifted(4.0)))
    await until(lambda: desk.routes.services["credit"].version == 2)
    following.cancel()


def test_a_database_that_hangs_holds_up_no_beat(tmp_path: Path, database: str, postgres: Postgres) -> None:
    open_home(tmp_path, ledger=database)
    new_home(tmp_path)
    desk = open_desk(tmp_path)
    asyncio.run(follow_through_a_hang(desk, postgres.server.get_pid()))
    close_desk(desk)
