"""What a worker does beside answering: follow the ledger, write down folded faults, show that it is alive."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable

from mainstay.domain.errors import MainstayError
from mainstay.workflows.serve import Desk, Routes, ledger_moved, note_uses, read_keyring, read_routes, write_faults

POLL_S = 0.2  # a deployment is followed well within a second; asking costs a thread's turn, and a database a look
FAULTS_EVERY = 5  # polls between writings of folded faults: one second
USES_EVERY = 150  # polls between notes of which keys were used: half a minute
RETRY_EVERY = 10  # polls between new attempts at a bundle, or a ledger, that did not open: two seconds
SILENT = 15  # polls without an answer of the ledger before it is told: some six seconds, an answer takes milliseconds

log = logging.getLogger("mainstay.http")


async def keep_following(desk: Desk, *, parent: int, beat: Callable[[], None]) -> None:
    """Follow for as long as the process that started us lives; then ask for a graceful stop.

    `parent` is its process id, 0 for none; `beat` is called at every poll, also while the ledger does not answer.
    """
    polls, is_stale, asked_at = 0, False, 0
    looking: asyncio.Task[bool] | None = None
    loading: asyncio.Task[None] | None = None
    try:
        while True:
            await asyncio.sleep(POLL_S)
            polls += 1
            _stop_if_orphaned(parent)
            again = polls % RETRY_EVERY == 0 and bool(desk.routes.problems or desk.ledger_problem)
            if looking is None and (again or desk.ledger_problem is None):
                looking, asked_at = asyncio.create_task(follow_keys(desk, again=again)), polls
            if looking is not None:
                await asyncio.wait({looking}, timeout=POLL_S)  # a database that hangs holds up nothing else
                if looking.done():
                    is_stale |= looking.result()
                    looking = None
                elif polls - asked_at > SILENT:
                    _note_problem(desk, "it does not answer")
            if loading is not None and loading.done():
                loading.result()  # what is no error of ours ends the following, and with it the worker
                loading = None
            if is_stale and loading is None:
                is_stale, loading = False, asyncio.create_task(follow_routes(desk))
            _write_what_is_due(desk, polls)
            beat()
    finally:
        for task in (looking, loading):
            if task is not None:
                task.cancel()


def _stop_if_orphaned(parent: int) -> None:
    if parent and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


async def follow_keys(desk: Desk, *, again: bool) -> bool:
    """Read the keys if the ledger has grown, or in any case with `again`; say whether they were read.

    Apart from what is live: loading a version may take long, and a key that was revoked must not hold meanwhile. In a
    thread: the ledger may be in a database that is away.
    """
    try:
        if not (await asyncio.to_thread(ledger_moved, desk) or again):
            return False
        desk.keyring = await asyncio.to_thread(read_keyring, desk.home)
    except MainstayError as error:
        _note_problem(desk, error.what)
        return False
    return True


async def follow_routes(desk: Desk) -> None:
    """Load what is live. Answers go on meanwhile."""
    try:
        routes = await asyncio.to_thread(read_routes, desk.home, desk.routes)
    except MainstayError as error:
        _note_problem(desk, error.what)
        return
    if desk.ledger_problem is not None:
        log.info("the ledger is followed again")
    desk.ledger_problem = None
    _tell_changes(desk.routes, routes)
    desk.routes = routes


def _note_problem(desk: Desk, what: str) -> None:
    if desk.ledger_problem is None:
        log.error("the ledger cannot be followed, and answers go on with what is known: %s", what)
    desk.ledger_problem = what


def _tell_changes(before: Routes, now: Routes) -> None:
    for model, service in now.services.items():
        if model not in before.services or before.services[model].version != service.version:
            log.info("%s/%s answers", model, service.version)
    for model, problem in now.problems.items():
        if before.problems.get(model) != problem:
            log.error("%s", problem)


def _write_what_is_due(desk: Desk, polls: int) -> None:
    if polls % FAULTS_EVERY == 0:
        _write_faults(desk)
    if polls % USES_EVERY == 0 and desk.keys_used:
        note_uses(desk.home, desk.keys_used)


def _write_faults(desk: Desk) -> None:
    try:
        write_faults(desk)
    except MainstayError as error:
        log.error("input faults are not written yet: %s", error.what)
