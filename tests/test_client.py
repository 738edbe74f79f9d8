"""The typed client in Python: what it hears, what it tries again, and how little it loads."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.interfaces.http.homes import ROW, new_home
from tests.interfaces.http.services import Running, serving
from tests.interfaces.http.spools import lines

from mainstay.client import Answer, CallError, Client, Unanswered, Unreachable


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    folder = tmp_path_factory.mktemp("home")
    new_home(folder)
    with serving(folder) as running:
        yield running, folder


@pytest.fixture
def client(service: tuple[Running, Path]) -> Client:
    return Client(service[0].url, "credit")


@dataclass
class Flaky:
    """A service that replies as told, in turn (None: it hangs up), and keeps what it was sent."""

    replies: list[tuple[int, dict[str, str], bytes] | None]
    bodies: list[Any] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def flaky() -> Iterator[Flaky]:
    told = Flaky([])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            reply = told.replies.pop(0)
            if reply is None:
                self.close_connection = True
                return
            status, headers, body = reply
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *told: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told.url = f"http://127.0.0.1:{server.server_port}"
        yield told
        server.shutdown()


BUSY = (429, {"retry-after": "0"}, b'{"error": {"code": "too-busy", "what": "too much", "remedy": "Wait."}}')
DECIDED = (200, {}, b'{"model": "credit", "version": 1, "decisions": []}')


def test_answers_are_typed_and_bad_rows_keep_their_place(client: Client) -> None:
    answers = client.decide([ROW | {"region": "festival", "income": math.nan}, {"age": "abc"}], ids=["c-1", None])
    first, second = answers
    assert isinstance(first, Answer)
    assert (answers.model, answers.version, len(answers), first.id, first.decision) == ("credit", 1, 2, "c-1", "wait")
    assert [(warned.field, warned.code) for warned in first.warnings] == [("region", "unseen-level")]
    assert isinstance(second, Unanswered)
    assert (second.fault.code, second.fault.field, second.fault.row) == ("wrong-type", "age", 1)
    assert second.id is not None  # made by the client, so that it can be sent again


def test_rows_none_of_which_can_be_answered_are_no_error_of_the_call(client: Client) -> None:
    (entry,) = client.decide([{"age": "abc"}])
    assert isinstance(entry, Unanswered)


def test_outcomes_actions_reasons_and_the_card(client: Client, service: tuple[Running, Path]) -> None:
    client.decide([ROW | {"joined": datetime(2021, 5, 1, tzinfo=UTC)}], ids=["c-2"])
    assert client.outcomes([{"id": "c-2", "outcome": "yes"}, {"id": "c-3", "outcome": "?"}]).errors[0].row == 1
    assert client.actions([{"id": "c-2", "action": "call", "at": datetime(2026, 1, 1, tzinfo=UTC)}]).accepted == 1
    (line,) = lines(service[1], "actions")
    assert line["at_us"] == 1_767_225_600_000_000
    (explained,) = client.explain([ROW])
    assert isinstance(explained, Answer)
    assert explained.reasons is not None
    assert client.card()["threshold"] == 0.5


def test_a_dry_run_is_kept_nowhere(client: Client, service: tuple[Running, Path]) -> None:
    n_before = len(lines(service[1]))
    client.decide([ROW], dry_run=True)
    assert len(lines(service[1])) == n_before


def test_what_refuses_the_request_is_raised_with_what_to_do(client: Client, service: tuple[Running, Path]) -> None:
    with pytest.raises(CallError) as refused:
        client.decide([ROW], expected_version=9)
    assert (refused.value.status, refused.value.code) == (409, "other-version")
    with pytest.raises(CallError, match="Did you mean 'credit'"):
        Client(service[0].url, "credti").decide([ROW])
    with pytest.raises(CallError, match="is no address"):
        Client("localhost:8080", "credit").decide([ROW])


def test_a_lost_connection_and_busy_replies_are_tried_again_with_the_same_ids(flaky: Flaky) -> None:
    flaky.replies = [None, BUSY, (503, {"retry-after": "0"}, BUSY[2]), DECIDED]
    assert len(Client(flaky.url, "credit", "k").decide([ROW, ROW])) == 0
    assert len(flaky.bodies) == 4
    assert all(body == flaky.bodies[0] for body in flaky.bodies)
    assert len(set(flaky.bodies[0]["ids"])) == 2


def test_in_the_end_it_is_said_that_nothing_came(flaky: Flaky) -> None:
    flaky.replies = [None, None]
    with pytest.raises(Unreachable, match="does not answer"):
        Client(flaky.url, "credit", attempts=2).decide([ROW])
    flaky.replies = [BUSY, BUSY]
    with pytest.raises(CallError, match=r"too much. Wait. \(429 too-busy\)"):
        Client(flaky.url, "credit", attempts=2).decide([ROW])
    flaky.replies = [(500, {}, b"<html>")]
    with pytest.raises(CallError, match="<html>"):
        Client(flaky.url, "credit").decide([ROW])


def test_a_model_that_failed_is_told_and_not_asked_again(flaky: Flaky) -> None:
    failed = b'{"id": null, "error": {"row": 0, "code": "model-failed", "wanted": "a model"}}'
    flaky.replies = [(503, {}, b'{"model": "credit", "version": 1, "decisions": [' + failed + b"]}")]
    (entry,) = Client(flaky.url, "credit").decide([ROW])
    assert isinstance(entry, Unanswered)


def test_the_key_is_not_shown(service: tuple[Running, Path]) -> None:
    assert "secret" not in repr(Client(service[0].url, "credit", "secret"))


def test_nothing_but_the_standard_library_is_loaded() -> None:
    code = (
        "import sys; before = set(sys.modules); import mainstay.client;"
        "found = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(*sorted(found - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["mainstay"]
