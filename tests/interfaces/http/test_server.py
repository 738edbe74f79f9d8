"""The life of the service: killed workers, new versions, broken bundles, full spools, a stop in the middle of work."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import httpx
import pytest
from tests.interfaces.http.homes import BRIEF, ROW, add, deploy, new_home, shifted
from tests.interfaces.http.services import Options, Running, get, post, read_reply, serving, stop, until, until_ready
from tests.interfaces.http.spools import journalled, lines

from mainstay.domain.errors import Asked, Refused
from mainstay.interfaces.http.server import serve
from mainstay.interfaces.http.settings import Front
from mainstay.store.home import open_home
from mainstay.store.journal import Journal

DECIDE = "/v1/models/credit/decide"


def test_an_id_asked_of_all_workers_at_once_is_one_decision(tmp_path: Path) -> None:
    new_home(tmp_path)
    with serving(tmp_path, Options(workers=2)) as running:
        until(lambda: len(running.children()) == 2)
        until_ready(running.url)
        asked = [({"rows": [ROW | {"age": 50 + n % 3}], "ids": [f"id-{n // 12}"]}) for n in range(96)]
        with ThreadPoolExecutor(12) as pool:
            replies = list(pool.map(lambda body: post(f"{running.url}{DECIDE}", body), asked))
        entries = [
            (body["ids"][0], reply.status_code, reply.json()["decisions"][0])
            for body, reply in zip(asked, replies, strict=True)
        ]
        for own_id in {own_id for own_id, _, _ in entries}:
            mine = [(status, entry) for each, status, entry in entries if each == own_id]
            assert Counter(status for status, _ in mine) == {200: 4, 409: 8}
            answers = [entry for status, entry in mine if status == 200]
            assert len({entry["score"] for entry in answers}) == 1
            assert [bool(entry.get("repeated")) for entry in answers].count(False) == 1
        assert sorted(journalled(tmp_path)) == sorted({own_id for own_id, _, _ in entries})


class Callers:
    """Callers that post batches with ids of their own until told to stop, and note what was answered."""

    def __init__(self, url: str, *, n: int = 4, rows: int = 5) -> None:
        self.answered: list[str] = []
        self.versions: list[int] = []
        self.refused: list[int] = []
        self.broken = 0
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._post, args=(url, each, rows)) for each in range(n)]

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

    def _post(self, url: str, who: int, rows: int) -> None:
        host = url.removeprefix("http://")
        for batch in range(1_000_000):
            if self._done.is_set():
                return
            ids = [f"{who}-{batch}-{row}" for row in range(rows)]
            body = json.dumps({"rows": [ROW] * rows, "ids": ids})
            try:
                # A connection per request: a fresh one is never closed under us by a worker that stops in good order.
                with closing(HTTPConnection(host, timeout=30)) as connection:
                    connection.request("POST", DECIDE, body)
                    reply = connection.getresponse()
                    answer = json.loads(reply.read())
            except (OSError, HTTPException):
                self.broken += 1
                continue
            if reply.status != 200:
                self.refused.append(reply.status)
                continue
            self.versions.append(answer["version"])
            self.answered += [entry["id"] for entry in answer["decisions"]]


def test_workers_killed_under_load_lose_and_double_no_answer(tmp_path: Path) -> None:
    new_home(tmp_path)
    with serving(tmp_path, Options(workers=2)) as running:
        callers = Callers(running.url)
        with callers.calling():
            for _ in range(3):
                n_answered = len(callers.answered)
                until(lambda: len(running.children()) == 2)
                until(lambda n=n_answered: len(callers.answered) > n + 100)  # type: ignore[misc]
                os.kill(running.children()[0], signal.SIGKILL)
            until(lambda: len(running.children()) == 2)
            until_ready(running.url)
            n_before = len(callers.answered)
            until(lambda: len(callers.answered) > n_before + 100)
    in_spool = Counter(journalled(tmp_path))
    assert not set(callers.answered) - in_spool.keys()
    assert set(in_spool.values()) == {1}
    assert not callers.refused


def test_a_new_version_answers_within_a_second_and_no_request_is_dropped(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    second = add(home, plan=shifted(4.0))
    with serving(tmp_path, Options(workers=2)) as running:
        callers = Callers(running.url, n=3, rows=1)
        with callers.calling():
            until(lambda: len(callers.versions) > 20)
            deploy(home, second)
            deployed_at = time.monotonic()
            until(lambda: callers.versions[-1] == second)
            followed_s = time.monotonic() - deployed_at
            until(lambda: callers.versions[-20:] == [second] * 20)
        assert (callers.broken, callers.refused) == (0, [])
        assert followed_s < 10  # a second on a machine that is not busy; a test states no time
        reply = post(f"{running.url}{DECIDE}", {"rows": [ROW]}).json()
        assert (reply["version"], reply["decisions"][0]["decision"]) == (2, "call")
    by_version = {line["id"]: (line["version"], line["decision"]) for line in lines(tmp_path)}
    assert set(by_version.values()) == {(1, "wait"), (2, "call")}


def test_a_broken_bundle_keeps_the_version_before_and_readiness_says_why(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    second = add(home, plan=shifted(4.0))
    plan = home.artifacts.bundle_folder("credit", second) / "plan.json"
    whole = plan.read_bytes()
    plan.write_bytes(whole.replace(b"4.0", b"3.0"))
    with serving(tmp_path) as running:
        deploy(home, second)
        until(lambda: bool(get(f"{running.url}/readyz").json()["problems"]))
        ready = get(f"{running.url}/readyz")
        assert (ready.status_code, ready.json()["live"]) == (200, {"credit": 1})
        assert "credit/2 does not answer: plan.json was changed" in ready.json()["problems"][0]
        assert post(f"{running.url}{DECIDE}", {"rows": [ROW]}).json()["version"] == 1

        os.kill(running.children()[0], signal.SIGKILL)  # another worker comes to the same end
        until(lambda: running.children() != [])
        until(lambda: _version(running) == 1)

        plan.write_bytes(whole)  # mended: it is tried again without anybody asking
        until(lambda: _version(running) == 2)
        assert get(f"{running.url}/readyz").json() == {"ready": True, "live": {"credit": 2}, "problems": []}


def _version(running: Running) -> int | None:
    with suppress(httpx.TransportError):
        return int(post(f"{running.url}{DECIDE}", {"rows": [ROW]}).json()["version"])
    return None


def test_nothing_deployed_is_503_until_something_is(tmp_path: Path) -> None:
    home = new_home(tmp_path, live=False)
    with serving(tmp_path) as running:
        ready = get(f"{running.url}/readyz")
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        reply = post(f"{running.url}{DECIDE}", {"rows": [ROW]})
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "not-deployed")
        assert reply.headers["retry-after"] == "1"
        deploy(home, 1)
        until_ready(running.url)
        assert _version(running) == 1


def test_what_cannot_be_kept_is_not_answered(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    shutil.rmtree(home.spool_root, ignore_errors=True)
    home.spool_root.write_text("not a folder")
    with serving(tmp_path) as running:
        assert get(f"{running.url}/readyz").status_code == 503
        reply = post(f"{running.url}{DECIDE}", {"rows": [ROW], "ids": ["a"]})
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "not-journalled")
        home.spool_root.unlink()
        until_ready(running.url)
        again = post(f"{running.url}{DECIDE}", {"rows": [ROW], "ids": ["a"]})
        assert "repeated" not in again.json()["decisions"][0]
    assert journalled(tmp_path) == ["a"]


def test_a_disk_that_fills_up_in_the_middle_of_a_write_leaves_no_answer_unlogged(tmp_path: Path) -> None:
    new_home(tmp_path)
    answered: list[str] = []
    statuses = []
    full = Options(largest_file=1_300_000)  # the write beyond it is short, the next one an error
    with serving(tmp_path, full) as running, httpx.Client(base_url=running.url) as client:
        for i in range(60):
            ids = [f"{i}-{row}" for row in range(100)]
            reply = client.post(DECIDE, json={"rows": [ROW] * 100, "ids": ids})
            statuses.append(reply.status_code)
            answered += ids if reply.status_code == 200 else []
    assert set(statuses) == {200, 503}
    assert sorted(journalled(tmp_path)) == sorted(answered)


def test_accepted_requests_are_answered_when_the_service_stops_and_the_journal_gets_them(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    body = json.dumps({"rows": [ROW], "ids": ["last"]}).encode()
    with serving(tmp_path, Options(ingest_every_s=3600)) as running:
        post(f"{running.url}{DECIDE}", {"rows": [ROW], "ids": ["first"]})
        until(lambda: len(running.children("ingester")) == 1)
        with running.connect() as connection:
            head = f"POST {DECIDE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body[:10])
            time.sleep(0.3)  # accepted, half sent
            running.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", running.port), timeout=5)
            connection.sendall(body[10:])
            status, answer = read_reply(connection)
        assert status == 200
        assert b'"id":"last"' in answer
        assert stop(running.process) == 0
    assert sorted(Journal(home, "credit").decisions()["id"]) == ["first", "last"]
    assert journalled(tmp_path) == []


def test_no_process_outlives_the_one_that_started_it(tmp_path: Path) -> None:
    new_home(tmp_path)
    with serving(tmp_path, Options(workers=2, ingest_every_s=3600)) as running:
        until(lambda: len(running.children("ingester")) == 1)
        left = [*running.children(), *running.children("ingester")]
        assert len(left) == 3
        running.process.kill()
        until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() and _runs(pid) for pid in left))


def _runs(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_a_worker_that_hangs_is_replaced(tmp_path: Path) -> None:
    new_home(tmp_path)
    with serving(tmp_path, Options(hangs_s=2.0)) as running:
        (worker,) = running.children()
        os.kill(worker, signal.SIGSTOP)
        until(lambda: running.children() not in ([], [worker]))
        until_ready(running.url)
        assert any("hangs" in line for line in running.logged)


def test_metrics_are_summed_over_workers_also_dead_ones(tmp_path: Path) -> None:
    new_home(tmp_path)
    with serving(tmp_path, Options(workers=2)) as running:
        for _ in range(20):
            post(f"{running.url}{DECIDE}", {"rows": [ROW]})
        os.kill(running.children()[0], signal.SIGKILL)
        until(lambda: len(running.children()) == 2)
        until_ready(running.url)
        for _ in range(5):
            text = get(f"{running.url}/metrics").text
            assert 'mainstay_decisions_total{arm="champion",model="credit",version="1"} 20.0' in text


def test_a_worker_stays_small(tmp_path: Path) -> None:
    new_home(tmp_path)
    with serving(tmp_path, PYTHONPROFILEIMPORTTIME="1") as running:
        for path in ("/readyz", "/metrics", "/openapi.json", "/docs", "/v1/models"):
            assert get(running.url + path).status_code == 200
        assert post(f"{running.url}{DECIDE}", {"rows": [ROW]}).status_code == 200
        (worker,) = running.children()
        resident = int(Path(f"/proc/{worker}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        assert resident < 90_000_000
    told = [line for line in running.logged if line.startswith("import time")]
    imported = {line.rpartition("|")[2].strip().split(".")[0] for line in told}
    assert {"numpy", "msgspec", "starlette", "mainstay"} <= imported
    assert not imported & {"polars", "sklearn", "skops", "deltalake", "sqlalchemy", "scipy", "pydantic", "jinja2"}


def test_only_this_machine_is_answered_without_keys(tmp_path: Path) -> None:
    new_home(tmp_path)
    with pytest.raises(Refused, match=r"on this machine only, not on '0\.0\.0\.0'"):
        serve(tmp_path, host="0.0.0.0", port=0)


def test_a_port_that_is_taken_or_none_is_said(tmp_path: Path) -> None:
    new_home(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Asked, match="Address already in use"):
        serve(tmp_path, port=taken.getsockname()[1])
    for wrong in ({"port": 70_000}, {"workers": 0}, {"host": "not a host", "front": Front(insecure_host=True)}):
        with pytest.raises(Asked):
            serve(tmp_path, **{"port": 0} | wrong)  # type: ignore[arg-type]


def test_a_home_that_is_not_there_is_said_and_not_tried_for_ever(tmp_path: Path) -> None:
    with pytest.raises(Asked, match=r"there is no \.mainstay"):
        serve(tmp_path, port=0)


def test_the_control_share_of_the_brief_is_served(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    brief = BRIEF.replace('when_low = "wait"', 'when_low = "wait"\ncontrol_share = 0.5')
    deploy(home, add(home, brief=brief))
    with serving(tmp_path) as running:
        rows = [ROW | {"customer": f"c-{i}", "late": 5} for i in range(60)]
        entries = post(f"{running.url}{DECIDE}", {"rows": rows}).json()["decisions"]
    assert {(entry["arm"], entry["decision"]) for entry in entries} == {("champion", "wait"), ("control", "call")}
    assert {line["assignment_share"] for line in lines(tmp_path)} == {0.5}
