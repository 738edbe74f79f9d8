"""Two services over one home, its ledger in a real PostgreSQL: what one is told the other knows, and each row once."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from itertools import count
from pathlib import Path

import httpx
import pytest
from tests.conftest import Postgres
from tests.interfaces.http.homes import AT, ROW, add, deploy, new_home, shifted
from tests.interfaces.http.services import Options, Running, get, post, serving, until, until_ready
from tests.interfaces.http.spools import journalled
from tests.nginx import NGINX, in_front_of

from mainstay.domain.errors import StoreError
from mainstay.domain.event import Act
from mainstay.domain.key import Scope
from mainstay.store.clock import now
from mainstay.store.home import FOLDER, Home, open_home
from mainstay.store.journal import Journal
from mainstay.workflows.keys import Wanted, add_key, revoke_keys
from mainstay.workflows.shadow import score_shadow

pytest.importorskip("psycopg", reason="no psycopg here: services did not share a ledger")

DECIDE = "/v1/models/credit/decide"


@pytest.fixture
def home(tmp_path: Path, database: str) -> Home:
    """A home on shared storage with one version live, its ledger in PostgreSQL."""
    open_home(tmp_path / "shared", ledger=database)
    return new_home(tmp_path / "shared")


@contextmanager
def replicas(home: Home, *names: str, ingest_every_s: float = 0.3) -> Iterator[list[Running]]:
    """Serve one home from several folders, as machines do that have mounted it."""
    with ExitStack() as stack:
        running = []
        for name in names:
            folder = home.root.parents[1] / name
            folder.mkdir()
            (folder / FOLDER).symlink_to(home.root)
            running.append(stack.enter_context(serving(folder, Options(ingest_every_s=ingest_every_s))))
        for each in running:
            until_ready(each.url)
        yield running


def live(*running: Running) -> set[int]:
    return {get(f"{each.url}/readyz").json()["live"]["credit"] for each in running}


def kill(running: Running) -> None:
    """End a whole replica at once, as a loss of power does."""
    for pid in (running.process.pid, *running.children(), *running.children("ingester")):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Callers:
    """Callers with ids of their own. Where nobody answers they ask again, the next replica if there is no proxy."""

    def __init__(self, *urls: str) -> None:
        self.answered: list[str] = []
        self.refused: list[int] = []
        self._urls = urls
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(who,)) for who in range(4)]

    @contextmanager
    def calling(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._done.set()
            for thread in self._threads:
                thread.join()

    def _ask(self, who: int) -> None:
        with httpx.Client(verify=False, timeout=30) as client:
            for n in count():
                body = {"rows": [ROW] * 3, "ids": [f"{who}-{n}-{row}" for row in range(3)]}
                reply = None
                for at in count(n):
                    if self._done.is_set() or reply is not None:
                        break
                    with suppress(httpx.TransportError):
                        reply = client.post(f"{self._urls[at % len(self._urls)]}{DECIDE}", json=body)
                if reply is None:
                    return
                if reply.status_code != 200:
                    self.refused.append(reply.status_code)
                    continue
                self.answered += [entry["id"] for entry in reply.json()["decisions"]]


def test_replicas_share_ids_routes_journal_and_shadow_and_one_may_die(home: Home) -> None:
    second, third = add(home, plan=shifted(4.0)), add(home, plan=shifted(0.5))
    body = {"version": second, "from_version": None, "why": ""}
    home.ledger.append("credit", Act.SHADOWED, body, actor="test", at=AT)
    with replicas(home, "one", "other") as (one, other):
        ids_hold_across(one, other)

        deploy(home, third)
        until(lambda: live(one, other) == {third})

        folder = home.root.parents[1]
        front = in_front_of((one.port, other.port), folder) if NGINX else nullcontext(one.url)
        with front as url, (callers := Callers(url, *([] if NGINX else [other.url]))).calling():
            until(lambda: len(callers.answered) > 100)
            kill(one)
            n_before = len(callers.answered)
            until(lambda: len(callers.answered) > n_before + 100)
        assert not callers.refused
        until(lambda: not set(callers.answered) - set(Journal(home, "credit").decisions()["id"]))
    decisions = Counter(Journal(home, "credit").decisions()["id"])  # the other took over what the dead one had kept
    assert not set(callers.answered) - decisions.keys()
    assert set(decisions.values()) == {1}
    assert journalled(home.root.parent) == []
    with ThreadPoolExecutor(2) as both:  # what the replicas' own processes have not come to yet
        for scoring in [both.submit(score_shadow, home, "credit", at=now()) for _ in range(2)]:
            scoring.result()
    score_shadow(home, "credit", at=now())
    assert Counter(Journal(home, "credit").shadows(second)["id"]) == decisions
    assert home.ledger.verify() == ()


def ids_hold_across(one: Running, other: Running) -> None:
    """Ask both about the same ids at once, with the same row and with others: one answer, whoever gives it."""
    asked = [(each.url, n % 3, f"id-{n // 6}") for n in range(24) for each in (one, other)]
    with ThreadPoolExecutor(12) as pool:
        replies = list(
            pool.map(
                lambda each: post(f"{each[0]}{DECIDE}", {"rows": [ROW | {"age": 50 + each[1]}], "ids": [each[2]]}),
                asked,
            )
        )
    for own_id in {own_id for _, _, own_id in asked}:
        mine = [reply for (_, _, each), reply in zip(asked, replies, strict=True) if each == own_id]
        assert Counter(reply.status_code for reply in mine) == {200: 4, 409: 8}
        answers = [reply.json()["decisions"][0] for reply in mine if reply.status_code == 200]
        assert len({answer["score"] for answer in answers}) == 1
        assert [bool(answer.get("repeated")) for answer in answers].count(False) == 1


def test_a_database_that_goes_away_stops_no_answer(home: Home, postgres: Postgres) -> None:
    made = add_key(home, "shop", Wanted(scopes=tuple(Scope)), actor="test", at=now())
    held = {"authorization": f"Bearer {made.text}"}

    def ask(url: str, path: str = "/readyz") -> httpx.Response:
        return httpx.get(f"{url}{path}", headers=held, verify=False)

    def decide(url: str, own_id: str) -> int:
        body = {"rows": [ROW], "ids": [own_id]}
        return httpx.post(f"{url}{DECIDE}", json=body, headers=held, verify=False).status_code

    with replicas(home, "one", ingest_every_s=3600) as (one,):
        until(lambda: decide(one.url, "before") == 200)
        postgres.server.stop()
        try:
            until(lambda: any("out of reach" in each for each in ask(one.url).json()["problems"]))
            assert (ask(one.url).status_code, decide(one.url, "meanwhile")) == (200, 200)
            assert b"mainstay_ledger_problem 1.0" in ask(one.url, "/metrics").content
            with pytest.raises(StoreError, match="out of reach"):
                deploy(home, 1)
        finally:
            postgres.server.start()
        deploy(home, add(home, plan=shifted(4.0)))
        until(lambda: ask(one.url).json() == {"ready": True, "live": {"credit": 2}, "problems": []})
        revoke_keys(home, "shop", actor="test", at=now())
        until(lambda: decide(one.url, "after") == 401)
    assert journalled(home.root.parent) == []
    assert {"before", "meanwhile"} <= set(Journal(home, "credit").decisions()["id"])
    assert not [line for line in one.logged if "Traceback" in line]
