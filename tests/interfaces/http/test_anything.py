"""Whatever is sent: an answer, or a message to mend it with. Never a failure of ours."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.interfaces.http.homes import ROW, new_home
from tests.interfaces.http.inside import Inside, running
from tests.serving.made import SCHEMA

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ROWS = st.dictionaries(st.sampled_from([*SCHEMA.names, "late", "salary", "customer"]) | st.text(max_size=8), VALUES)
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "rows": st.lists(ROWS | ROWS.map(lambda row: ROW | row) | VALUES, max_size=4) | VALUES,
        "ids": st.lists(SCALARS, max_size=4) | VALUES,
        "outcomes": st.lists(ROWS | VALUES, max_size=3),
        "actions": st.lists(st.fixed_dictionaries({"id": SCALARS, "action": SCALARS, "at": SCALARS}), max_size=3),
    },
)
BODIES = REQUESTS.map(lambda request: json.dumps(request).encode("utf-8", "surrogatepass")) | st.binary(max_size=100)
PATHS = st.sampled_from(["decide", "outcomes", "actions"]).map("/v1/models/credit/{}".format)
STATUSES = {200, 400, 409, 413, 415, 422}


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    folder = tmp_path_factory.mktemp("home")
    new_home(folder)
    with running(folder) as app:
        yield app


def check(status: int, document: Any) -> None:
    assert status in STATUSES
    if status != 200:
        assert document["error"]["code"]
        assert document["error"]["what"]
        assert document["error"]["remedy"]
    for entry in document.get("decisions", []):
        assert ("score" in entry) is not ("error" in entry)
        assert "error" not in entry or entry["error"]["wanted"]


@settings(max_examples=150)
@given(path=PATHS, body=BODIES)
def test_any_body_is_answered_or_refused_in_words(inside: Inside, path: str, body: bytes) -> None:
    got = inside.ask("POST", path, [body])
    check(got.status, got.json())


TABLES = st.lists(st.lists(st.text(max_size=6) | st.sampled_from(list(SCHEMA.names)), max_size=4), max_size=5)
FORMATS = st.sampled_from(
    ["text/csv", "text/csv; charset=utf-8", "application/x-ndjson", "application/jsonl", "text/plain"]
)


@settings(max_examples=150)
@given(
    body=BODIES | TABLES.map(lambda rows: "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")),
    kind=FORMATS,
    packs=st.booleans(),
    torn=st.booleans(),
    query=st.sampled_from(["", "ids=age", "strict=true", "ids=&strict=", "%ff=%zz", "explain=1"])
    | st.text(max_size=10),
)
def test_any_body_in_any_format_too(
    inside: Inside, body: bytes, kind: str, packs: bool, torn: bool, query: str
) -> None:
    sent = gzip.compress(body)[: -3 if torn else None] if packs else body
    headers = {"content-type": kind} | ({"content-encoding": "gzip"} if packs else {})
    got = inside.ask("POST", f"/v1/models/credit/decide?{query}", [sent], headers)
    check(got.status, got.json())


@given(body=BODIES, n=st.integers(1, 30))
def test_no_reply_is_many_times_its_request(inside: Inside, body: bytes, n: int) -> None:
    rows = b'{"rows": [' + b",".join([body if body[:1] == b"{" else b"1"] * n) + b"]}"
    got = inside.ask("POST", "/v1/models/credit/decide", [rows])
    check(got.status, got.json())
    assert len(got.body) < 5_000 + 100 * len(rows)


@given(pieces=st.lists(st.binary(max_size=50), min_size=1, max_size=5))
def test_any_pieces_too(inside: Inside, pieces: list[bytes]) -> None:
    got = inside.ask("POST", "/v1/models/credit/decide", pieces)
    check(got.status, got.json())


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "OPTIONS", "WEIRD"]),
    path=st.text(max_size=30).map("/{}".format) | st.text(max_size=10).map("/v1/models/{}/decide".format),
)
def test_any_path_and_method_too(inside: Inside, method: str, path: str) -> None:
    got = inside.ask(method, path.encode("utf-8", "replace").decode(), [b"{}"])
    assert got.status in (200, 404, 405, 422)
    assert got.headers["x-content-type-options"] == "nosniff"


@given(
    headers=st.dictionaries(
        st.sampled_from(["content-length", "content-type", "content-encoding", "origin", "host", "x-request-id"]),
        st.text(alphabet=st.characters(max_codepoint=126, min_codepoint=32), max_size=40),
    )
)
def test_any_headers_too(inside: Inside, headers: dict[str, str]) -> None:
    got = inside.ask("POST", "/v1/models/credit/decide", [json.dumps({"rows": [ROW]}).encode()], headers)
    assert got.status in (200, 403, 413, 415)


def test_a_caller_who_is_gone_gets_no_reply(inside: Inside) -> None:
    assert inside.ask("POST", "/v1/models/credit/decide", []).status == 0


@pytest.mark.parametrize(("path", "method"), [("/v1/models/credit/decide", "POST"), ("/openapi.json", "GET")])
def test_a_fault_of_our_own_shows_nothing(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str, method: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a private matter")

    monkeypatch.setattr("mainstay.workflows.serve.read_posted", fail)
    monkeypatch.setattr("mainstay.interfaces.http.pages.document", fail)
    got = inside.ask(method, path, [b"{}"], {"x-request-id": "r-17"})
    assert (got.status, got.json()["error"]["code"], got.headers["x-request-id"]) == (500, "own-fault", "r-17")
    assert "r-17 failed: RuntimeError in test_anything.py" in caplog.text
    assert b"private" not in got.body
    assert "private" not in caplog.text
