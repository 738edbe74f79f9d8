"""Bodies beside plain JSON, limits that were set, and a log without a word of a caller's, from a real service."""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from tests.interfaces.http.homes import ROW
from tests.interfaces.http.services import Options, Running, get, serving, until
from tests.interfaces.http.spools import lines

from mainstay.domain.limits import Limits
from mainstay.interfaces.http.reply import Reply
from mainstay.interfaces.http.request import MAX_MEMBERS, unpacked

DECIDE = "/v1/models/credit/decide"
PARQUET, ARROW = "application/vnd.apache.parquet", "application/vnd.apache.arrow.stream"
SECRET = "Josephine-K-1883"
LIMITS = ("rows=200", "body_bytes=200000", "row_bytes=5000", "table_bytes=300000000", "requests=2", "body_s=20")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Running]:
    with serving(folder, Options(limits=LIMITS)) as running:
        yield running


@pytest.fixture
def client(service: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, verify=False, timeout=60) as client:
        yield client


def post(client: httpx.Client, body: bytes, kind: str, *, query: str = "", **headers: str) -> httpx.Response:
    return client.post(DECIDE + query, content=body, headers={"content-type": kind} | headers)


def code(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


def scores(reply: httpx.Response) -> list[float]:
    assert reply.status_code == 200, reply.text
    return [entry["score"] for entry in reply.json()["decisions"]]


ROWS = [ROW | {"age": age, "region": region, "order": f"o-{age}"} for age, region in ((30, "EU"), (44.5, "US"))]
TABLE = pl.DataFrame(ROWS).with_columns(joined=pl.lit(datetime(2021, 5, 1, tzinfo=UTC)), member=pl.lit(value=True))


def parquet(table: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    table.write_parquet(out)
    return out.getvalue()


def arrow(table: pl.DataFrame, *, stream: bool = True) -> bytes:
    out = io.BytesIO()
    _ = table.write_ipc_stream(out) if stream else table.write_ipc(out)
    return out.getvalue()


def bodies() -> dict[str, tuple[bytes, str]]:
    csv_body = TABLE.with_columns(joined=pl.lit("2021-05-01T00:00:00Z")).write_csv().encode()
    return {
        "csv": (csv_body, "text/csv; charset=utf-8"),
        "semicolons": (csv_body.replace(b",", b";"), "text/csv"),
        "lines": ("\n".join(json.dumps(row) for row in ROWS).encode(), "application/x-ndjson"),
        "parquet": (parquet(TABLE), PARQUET),
        "arrow": (arrow(TABLE), ARROW),
        "arrow file": (arrow(TABLE, stream=False), "application/vnd.apache.arrow.file"),
    }


@pytest.mark.parametrize("form", list(bodies()))
def test_the_same_rows_get_the_same_answers_in_every_format(client: httpx.Client, form: str) -> None:
    plain = [{name: value for name, value in row.items() if name != "order"} for row in ROWS]
    wanted = scores(client.post(DECIDE, json={"rows": plain}))
    body, kind = bodies()[form]
    reply = post(client, body, kind, query="?ids=order&strict=true&dry_run=true")
    assert scores(reply) == wanted
    assert [entry["id"] for entry in reply.json()["decisions"]] == ["o-30", "o-44.5"]
    assert [entry["warnings"] for entry in reply.json()["decisions"]] == [[], []]
    packed = post(client, gzip.compress(body), kind, query="?ids=order&dry_run=1", **{"content-encoding": "gzip"})
    assert scores(packed) == wanted


def test_wishes_that_nobody_can_grant_are_said(client: httpx.Client) -> None:
    body, kind = bodies()["csv"]
    assert code(post(client, body, kind, query="?ids=nr")) == (422, "wrong-shape")
    typo = post(client, body, kind, query="?strcit=true")
    assert (code(typo), "Did you mean 'strict'?" in typo.text) == ((422, "wrong-shape"), True)
    assert code(post(client, body, kind, query="?strict=perhaps")) == (422, "wrong-shape")


def test_a_bomb_is_refused_before_it_goes_off(client: httpx.Client, service: Running) -> None:
    bomb = gzip.compress(b'{"rows": [' + b" " * 100_000_000 + b"]}")
    assert code(post(client, bomb, "application/json", **{"content-encoding": "gzip"})) == (413, "body-too-large")
    claims = pl.DataFrame({"n": pl.repeat(1, 30_000_000, eager=True, dtype=pl.Int64)})
    out = io.BytesIO()
    claims.write_ipc_stream(out, compression="zstd")
    assert len(out.getvalue()) < 100_000
    texts, text = (pl.DataFrame({"note": ["x" * size] * n}) for size, n in ((1_000_000, 150), (200_000_000, 1)))
    for body in (out.getvalue(), parquet(texts), parquet(text)):
        assert code(post(client, body, PARQUET)) == (413, "body-too-large")
    assert scores(post(client, *bodies()["parquet"]))  # the next one is read
    (worker,) = service.children()
    resident = int(Path(f"/proc/{worker}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert resident < 120_000_000


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"PAR1 and then nothing", (422, "not-a-table")),
        (b"ARROW1 neither", (422, "not-a-table")),
        (b"", (422, "not-a-table")),
        (parquet(pl.DataFrame({"age": [[1], [2]]})), (422, "not-a-table")),
        (parquet(pl.DataFrame({"age": [1] * 201})), (413, "body-too-large")),
        (parquet(pl.DataFrame({"age": pl.Series([], dtype=pl.Int64)})), (422, "wrong-shape")),
    ],
)
def test_what_is_no_table_is_said(client: httpx.Client, body: bytes, expected: tuple[int, str]) -> None:
    assert code(post(client, body, PARQUET)) == expected


def test_formats_of_decisions_alone_are_said_to_be_so(client: httpx.Client) -> None:
    reply = client.post("/v1/models/credit/outcomes", content=b"id,outcome", headers={"content-type": "text/csv"})
    assert code(reply) == (415, "content-type")


def test_limits_that_were_set_hold_and_are_told(client: httpx.Client) -> None:
    assert code(client.post(DECIDE, json={"rows": [ROW] * 201})) == (413, "too-many")
    assert code(client.post(DECIDE, content=b"x" * 200_001)) == (413, "body-too-large")
    (entry, other) = client.post(DECIDE, json={"rows": [ROW | {"note": "x" * 5000}, ROW]}).json()["decisions"]
    assert (entry["error"]["code"], "score" in other) == ("bad-row", True)
    contract = client.get("/openapi.json").json()
    assert "200 rows of at most 5,000 bytes each" in contract["info"]["description"]
    asked = contract["paths"][DECIDE]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert asked["properties"]["rows"]["maxItems"] == 200


def test_of_too_many_requests_at_once_the_newest_waits(client: httpx.Client, service: Running) -> None:
    body = json.dumps({"rows": [ROW]}).encode()
    head = f"POST {DECIDE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with service.connect() as first, service.connect() as second:
        for connection in (first, second):
            connection.sendall(head + body[:5])
        until(lambda: client.post(DECIDE, content=body).status_code == 429)
        reply = client.post(DECIDE, content=body)
        assert (code(reply), reply.headers["retry-after"]) == ((429, "too-busy"), "1")
    until(lambda: client.post(DECIDE, content=body).status_code == 200)


def test_one_row_that_cannot_be_read_takes_no_other_with_it(client: httpx.Client) -> None:
    good = json.dumps(ROW)
    for bad in (r'{"age": 30, "note": "\ud800"}', r'{"note": "x\udc00"}', '{"a": ' + "[" * 3000 + "]" * 3000 + "}"):
        reply = client.post(DECIDE, content=f'{{"ids": ["a", "b", "c"], "rows": [{good}, {bad}, {good}]}}'.encode())
        first, second, third = reply.json()["decisions"]
        assert ("score" in first, second["error"]["code"], "score" in third) == (True, "bad-row", True)
        assert second["id"] == "b"


def test_no_word_of_a_callers_is_in_the_log_and_every_oddity_in_the_journal(
    client: httpx.Client, service: Running, folder: Path
) -> None:
    rows: list[Any] = [
        ROW | {"region": SECRET},
        ROW | {"age": SECRET},
        SECRET,
        {SECRET: 1},
        ROW | {"note": SECRET * 500},
    ]
    client.post(DECIDE, json={"rows": rows, "ids": [None, SECRET, None, [SECRET], None]})
    for kind in ("application/json", "text/csv", "application/x-ndjson", PARQUET, ARROW, f"multipart/{SECRET}", SECRET):
        for body in (SECRET.encode(), f'{{"rows": [{{"age": {SECRET}'.encode(), f'{SECRET}\n"'.encode()):
            post(client, body, kind)
            post(client, zlib.compress(body), kind, **{"content-encoding": "gzip"})
    client.post(f"/v1/models/{SECRET}/decide", json={"rows": rows}, headers={"x-request-id": f"{SECRET} {SECRET}"})
    client.post("/v1/models/credit/outcomes", json={"outcomes": [{"id": SECRET, "outcome": SECRET}, SECRET]})
    wanted = {
        ("", "not-json", True),
        ("region", "unseen-level", False),
        ("age", "wrong-type", True),
        ("", "not-a-row", True),
        ("", "bad-row", True),
        ("", "not-csv", True),
        ("", "encoding", True),
        ("", "content-type", True),
        ("", "not-a-table", True),
        ("outcome", "unseen-level", True),
    }
    until(lambda: wanted <= kinds(folder))
    assert get(f"{service.url}/metrics").text.count("mainstay_input_faults_total{") > 3
    assert SECRET not in "".join(service.logged)
    assert SECRET not in get(f"{service.url}/metrics").text


def kinds(folder: Path) -> set[tuple[str, str, bool]]:
    return {(line["field"], line["code"], line["refused"]) for line in lines(folder, "faults")}


def test_what_gzip_packed_is_unpacked_up_to_the_limit_and_no_further() -> None:
    limits = Limits(body_bytes=1000)
    assert unpacked(gzip.compress(b"x" * 1000), limits) == b"x" * 1000
    assert unpacked(gzip.compress(b"a") + gzip.compress(b"b"), limits) == b"ab"
    for packed, status in (
        (gzip.compress(b"x" * 1001), 413),
        (gzip.compress(b"") * (MAX_MEMBERS + 1), 400),
        (gzip.compress(b"abc")[:-3], 400),
        (gzip.compress(b"abc")[:-8] + b"\0" * 8, 400),
        (zlib.compress(b"abc"), 400),
        (b"", 400),
    ):
        reply = unpacked(packed, limits)
        assert isinstance(reply, Reply)
        assert reply.status == status
