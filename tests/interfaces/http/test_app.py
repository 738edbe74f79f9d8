"""The service as callers meet it: a real server, one worker, every endpoint and every way to ask wrongly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.interfaces.http.homes import ROW, new_home
from tests.interfaces.http.services import Running, raw, read_reply, serving
from tests.interfaces.http.spools import journalled

DECIDE = "/v1/models/credit/decide"
BUSY = "POST /v1/models/credit/decide HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("home")
    new_home(folder)
    with serving(folder) as running:
        yield running


@pytest.fixture
def client(service: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=30) as connected:
        yield connected


def decide(client: httpx.Client, *rows: object, ids: list[Any] | None = None) -> httpx.Response:
    return client.post(DECIDE, json={"rows": rows} | ({"ids": ids} if ids else {}))


def problem(reply: httpx.Response) -> tuple[int, str]:
    """Status and code of a reply that says what was wrong; it always says what to do next."""
    error = reply.json()["error"]
    assert error["what"]
    assert error["remedy"]
    return reply.status_code, error["code"]


def test_a_row_is_answered_as_promised(client: httpx.Client) -> None:
    reply = decide(client, ROW, ids=["promised-1"])
    assert reply.status_code == 200
    (entry,) = reply.json()["decisions"]
    assert reply.json() == {"model": "credit", "version": 1, "decisions": [entry]}
    assert entry == {
        "id": "promised-1",
        "score": pytest.approx(0.43782349911420193),
        "threshold": 0.5,
        "decision": "wait",
        "arm": "champion",
        "warnings": [],
    }


def test_odd_rows_are_answered_with_warnings_and_bad_ones_refused_in_their_place(client: httpx.Client) -> None:
    odd = {"age": "50", "region": "festival", "member": True, "joined": "2021-05-01", "late": 0, "more": [1]}
    first, second, third = decide(client, ROW, odd, ROW | {"age": "abc"}).json()["decisions"]
    assert first["warnings"] == []
    assert second["warnings"] == [
        {"field": "age", "code": "converted", "got": "50", "used": 50.0},
        {"field": "income", "code": "absent", "got": None, "used": None},
        {"field": "region", "code": "unseen-level", "got": "festival", "used": "festival"},
        {"field": "more", "code": "extra-column", "got": "a list of 1", "used": None},
    ]
    assert third == {
        "id": None,
        "error": {
            "row": 2,
            "field": "age",
            "code": "wrong-type",
            "got": "abc",
            "wanted": "a whole number from 18 to 99 (years)",
            "example": 42.0,
        },
    }


def test_a_request_of_which_no_row_can_be_answered(client: httpx.Client) -> None:
    reply = decide(client, ROW | {"age": "abc"}, 5)
    assert problem(reply) == (422, "no-row-answered")
    assert [entry["error"]["code"] for entry in reply.json()["decisions"]] == ["wrong-type", "not-a-row"]


def test_literals_that_are_no_json_are_read_as_missing_with_a_warning(client: httpx.Client) -> None:
    row = json.dumps(ROW).replace("50", "NaN").replace("1000.5", "-Infinity")
    reply = client.post(DECIDE, content=f'{{"rows": [{row}, {row.replace("NaN", "1e400")}]}}')
    assert reply.status_code == 200
    for entry in reply.json()["decisions"]:
        assert {(w["field"], w["code"]) for w in entry["warnings"]} == {("age", "not-finite"), ("income", "not-finite")}


def test_a_repeat_gets_the_same_answer_and_another_row_under_its_id_a_conflict(client: httpx.Client) -> None:
    first = decide(client, ROW, ids=["twice"]).json()["decisions"][0]
    again = decide(client, ROW, ids=["twice"]).json()["decisions"][0]
    assert again == first | {"repeated": True, "version": 1}
    conflict = decide(client, ROW | {"age": 20}, ids=["twice"])
    assert problem(conflict) == (409, "id-conflict")
    assert decide(client, ROW | {"age": 20}, ROW, ids=["twice", "thrice"]).status_code == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, "not-json")),
        (b'{"rows": [', (400, "not-json")),
        (b"\xff\xfe", (400, "not-json")),
        (b'{"rows": ' + b"[" * 200_000, (400, "not-json")),
        (b"[]", (422, "wrong-shape")),
        (b'{"rows": []}', (422, "wrong-shape")),
        (b'{"rows": [' + b"{}," * 5000 + b"{}]}", (413, "too-many")),
        (b"x" * 11_000_000, (413, "body-too-large")),
        (b"x" * 50_000_000, (413, "body-too-large")),
    ],
    ids=lambda value: value[:12].decode("latin-1") if isinstance(value, bytes) else value[1],
)
def test_bodies_that_hold_nothing_to_answer(client: httpx.Client, body: bytes, expected: tuple[int, str]) -> None:
    assert problem(client.post(DECIDE, content=body)) == expected


def test_broken_json_is_told_with_its_place(client: httpx.Client) -> None:
    reply = client.post(DECIDE, content=b'{"rows": [\n  {"age" 3}]}')
    assert "line 2, column 10" in reply.json()["error"]["what"]


def test_a_string_of_a_million_characters_is_refused_by_name(client: httpx.Client) -> None:
    reply = decide(client, ROW, ROW | {"region": "x" * 1_000_000})
    assert reply.status_code == 200
    error = reply.json()["decisions"][1]["error"]
    assert (error["row"], error["code"]) == (1, "bad-row")
    assert "the longest value (1,000,000 characters) in region" in error["wanted"]
    assert len(reply.content) < 2000


def test_a_promise_of_10_gb_is_refused_at_once(service: Running) -> None:
    with service.connect() as connection:
        connection.sendall(f"{BUSY}Content-Length: 10000000000\r\n\r\n".encode())
        status, body = read_reply(connection)
    assert (status, json.loads(body)["error"]["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("length", ["-1", "abc", "1e9", "9" * 30])
def test_a_length_that_is_none_is_refused(service: Running, length: str) -> None:
    with service.connect() as connection:
        connection.sendall(f"{BUSY}Content-Length: {length}\r\n\r\n".encode())
        assert connection.recv(100).split(b" ")[1] in (b"400", b"413")


def test_a_body_without_an_end_is_counted_and_dropped(service: Running) -> None:
    with service.connect() as connection:
        connection.sendall(f"{BUSY}Transfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(20):
            connection.sendall(b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n")
        status, body = read_reply(connection)
    assert (status, json.loads(body)["error"]["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("start", ["GET /", "GET / HTTP/1.1\r\nx-a: ", "GET / HTTP/1.1\r\nx-a: b\r\n"])
def test_a_head_without_an_end_is_refused(service: Running, start: str) -> None:
    line = b"x-a: " + b"b" * 990 + b"\r\n" if start.endswith("\n") else b"b" * 1000
    with service.connect() as connection:
        connection.sendall(start.encode())
        with pytest.raises(OSError, match=r"reset|Broken pipe"):  # it hangs up on us
            connection.sendall(line * 100_000)


def test_a_caller_who_goes_away_leaves_nothing_behind(service: Running, client: httpx.Client) -> None:
    for _ in range(20):
        with service.connect() as connection:
            connection.sendall(f"{BUSY}Content-Length: 5000\r\n\r\n".encode() + b'{"rows": [')
    assert decide(client, ROW).status_code == 200
    assert not [line for line in service.logged if "Traceback" in line or "ERROR" in line]


def test_what_is_not_there(client: httpx.Client) -> None:
    assert problem(client.post("/v1/models/credt/decide", json={"rows": [ROW]})) == (404, "unknown-model")
    assert "'credit'" in client.post("/v1/models/credt/decide", json={}).json()["error"]["remedy"]
    assert problem(client.get("/v1/models/nothing")) == (404, "unknown-model")
    assert problem(client.get("/v1/model")) == (404, "unknown-path")
    assert problem(client.get("/v1/models/credit/decide/")) == (404, "unknown-path")
    assert problem(client.post("/v1/models/%0d%0a%00/decide", json={})) == (404, "unknown-model")


@pytest.mark.parametrize(
    ("method", "path", "allow"), [("GET", DECIDE, "POST"), ("PUT", DECIDE, "POST"), ("POST", "/healthz", "GET")]
)
def test_other_methods_are_told_which_to_use(client: httpx.Client, method: str, path: str, allow: str) -> None:
    reply = client.request(method, path)
    assert problem(reply) == (405, "method")
    assert allow in reply.headers["allow"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"content-encoding": "br"}, (415, "encoding")),
        ({"content-encoding": "gzip"}, (400, "encoding")),
        ({"content-type": "text/csv"}, (422, "wrong-shape")),
        ({"content-type": "multipart/form-data; boundary=x"}, (415, "content-type")),
        ({"origin": "https://elsewhere.example"}, (403, "cross-origin")),
        ({"origin": "http://elsewhere.example", "host": "elsewhere.example"}, (403, "cross-origin")),
        ({"origin": "null"}, (403, "cross-origin")),
    ],
)
def test_headers_that_are_refused(client: httpx.Client, headers: dict[str, str], expected: tuple[int, str]) -> None:
    assert problem(client.post(DECIDE, content=json.dumps({"rows": [ROW]}), headers=headers)) == expected


def test_a_page_that_we_served_may_call_and_a_plain_curl_may_too(client: httpx.Client, service: Running) -> None:
    for headers in ({"origin": service.url}, {"content-type": "application/x-www-form-urlencoded"}):
        assert client.post(DECIDE, content=json.dumps({"rows": [ROW]}), headers=headers).status_code == 200


def test_every_reply_carries_its_request_id_and_safe_headers(client: httpx.Client) -> None:
    for reply in (decide(client, ROW), client.get("/healthz"), client.get("/nowhere"), client.post(DECIDE)):
        assert re.fullmatch(r"[0-9a-f]{16}", reply.headers["x-request-id"])
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        assert "server" not in reply.headers
    for given, returned in (("abc-1", "abc-1"), ("x" * 500, None)):
        reply = client.get("/healthz", headers={"x-request-id": given})
        assert (reply.headers["x-request-id"] == given) is (returned is not None)


def test_outcomes_and_actions_are_taken_again_and_again(client: httpx.Client) -> None:
    outcome = {"id": "o-1", "outcome": True, "happened_at": "2026-03-31T14:05:00Z"}
    for _ in range(2):
        reply = client.post(
            "/v1/models/credit/outcomes", json={"outcomes": [outcome, {"id": "o-2", "outcome": "perhaps"}]}
        )
        assert reply.status_code == 200
        assert (reply.json()["accepted"], reply.json()["refused"]) == (1, 1)
        assert reply.json()["errors"][0]["wanted"] == "yes (positive) or no (negative)"
    reply = client.post(
        "/v1/models/credit/actions", json={"actions": [{"id": "o-1", "action": "call", "by": "team 3"}]}
    )
    assert reply.json() == {"model": "credit", "accepted": 1, "refused": 0, "errors": [], "warnings": []}
    assert problem(client.post("/v1/models/credit/actions", json={"actions": [{}]})) == (422, "nothing-taken")


def test_health_and_readiness(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"alive": True}
    assert client.get("/readyz").json() == {"ready": True, "live": {"credit": 1}, "problems": []}
    assert client.head("/readyz").status_code == 200


def test_metrics_hold_no_word_of_a_caller(client: httpx.Client) -> None:
    decide(client, ROW | {"region": "secret-place", "secret-column": "secret-value"}, ids=["secret-id"])
    text = client.get("/metrics").text
    assert re.search(
        r'^mainstay_decisions_total\{arm="champion",model="credit",version="1"\} [1-9]', text, re.MULTILINE
    )
    assert 'mainstay_live_version{model="credit"} 1.0' in text
    assert 'code="unseen-level"' in text
    assert "secret" not in text


def test_models_show_what_they_want(client: httpx.Client) -> None:
    (card,) = client.get("/v1/models").json()["models"]
    assert (card["name"], card["version"], card["purpose"]) == ("credit", 1, "Call those who would leave")
    card = client.get("/v1/models/credit").json()
    assert card["fields"]["age"]["examples"] == [42]
    reply = decide(client, *card["example"]["rows"])
    assert [w["code"] for w in reply.json()["decisions"][0]["warnings"]] == ["absent"]  # `late` only the rule needs


def test_nothing_that_callers_sent_is_logged(client: httpx.Client, service: Running) -> None:
    client.post(DECIDE, content=b'{"rows": [{"age": "private-matter"')
    decide(client, ROW | {"age": "private-matter"}, ids=["private-id"])
    assert "private" not in "".join(service.logged)


def test_the_page_for_people_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "/v1/models/credit/decide" in page.text
    assert not re.search(r"(src|href)=['\"]?(https?:)?//", page.text)


def test_the_spool_holds_each_answered_row_once(client: httpx.Client, service: Running, tmp_path: Path) -> None:
    new_home(tmp_path)
    with serving(tmp_path) as own, httpx.Client(base_url=own.url) as caller:
        for i in range(30):
            decide(caller, ROW, ROW, ids=[f"a-{i}", f"b-{i}"])
    assert sorted(journalled(tmp_path)) == sorted(f"{x}-{i}" for i in range(30) for x in "ab")


def test_a_pipelined_and_an_http_1_0_caller_are_answered(service: Running) -> None:
    body = json.dumps({"rows": [ROW]})
    request = f"{BUSY}Content-Length: {len(body)}\r\n\r\n{body}"
    with service.connect() as connection:
        connection.sendall((request * 3).encode())
        data = b""
        while data.count(b'"version":1') < 3:
            data += connection.recv(65_536)
    old = request.replace("HTTP/1.1", "HTTP/1.0")
    assert raw(service, old.encode())[0] == 200
