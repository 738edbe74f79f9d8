"""What the service logs: a line for each thing, in JSON where that is asked for, and nothing of what callers send."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from tests.interfaces.http.homes import ROW, new_home
from tests.interfaces.http.services import Options, raw, serving, until
from tests.interfaces.http.test_callers import DECIDE, OUTCOMES, make

from mainstay.interfaces.http.access import route_of
from mainstay.interfaces.http.endpoints import busy
from mainstay.interfaces.logs import JsonLines, TextLines

PRIVATE = "anna.private@example.com"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_line_for_each_request_and_nothing_that_a_caller_sent(tmp_path: Path) -> None:
    new_home(tmp_path)
    key = make(tmp_path, "shop")
    options = Options(front={"log_format": "json", "access_log": True}, ingest_every_s=3600)
    headers = {"authorization": f"Bearer {key}", "x-request-id": "r-17", "traceparent": TRACEPARENT}
    with serving(tmp_path, options) as service, httpx.Client(base_url=service.url, timeout=30) as client:
        odd = ROW | {"region": PRIVATE, "age": PRIVATE, PRIVATE: PRIVATE, "customer": PRIVATE}
        sent = {"rows": [ROW | {"customer": PRIVATE}, odd], "ids": [PRIVATE, f"{PRIVATE}2"]}
        assert client.post(f"{DECIDE}?who={PRIVATE}", json=sent, headers=headers).status_code == 200
        told = {"outcomes": [{"id": PRIVATE, "outcome": PRIVATE}]}
        assert client.post(OUTCOMES, json=told, headers=headers).status_code == 422
        for path in (f"/{PRIVATE}", f"/v1/models/{PRIVATE}", f"/v1/models/{PRIVATE}/decide", f"/healthz?who={PRIVATE}"):
            client.get(path, headers=headers)
        client.post(DECIDE, content=f'{{"{PRIVATE}'.encode(), headers=headers)
        assert client.post(DECIDE, json=sent, headers={"authorization": f"Bearer {PRIVATE}"}).status_code == 401
        raw(service, f"GET /{PRIVATE} HTTP/9.9\r\nhost: {PRIVATE}\r\n\r\n".encode())
        until(lambda: sum('"mainstay.access"' in line for line in service.logged) >= 8)
    lines = [json.loads(line) for line in service.logged]
    assert {"at", "level", "logger", "pid", "message"} <= set.intersection(*(set(line) for line in lines))
    assert all(datetime.fromisoformat(line["at"]).tzinfo for line in lines)
    everything = "".join(service.logged)
    for secret in (PRIVATE, "anna", "private", key, key[3:]):
        assert secret not in everything
    asked = [line for line in lines if line["logger"] == "mainstay.access"]
    first = {name: asked[0][name] for name in ("method", "route", "status", "key", "request", "trace")}
    assert first == {
        "method": "POST",
        "route": "/v1/models/{name}/decide",
        "status": 200,
        "key": "shop.1",
        "request": "r-17",
        "trace": TRACEPARENT.split("-")[1],
    }
    assert asked[0]["ms"] > 0
    routes = [(line["route"], line["status"]) for line in asked]
    assert routes[1] == ("/v1/models/{name}/outcomes", 422)
    assert routes[2:6] == [
        ("other", 404),
        ("/v1/models/{name}", 404),
        ("/v1/models/{name}/decide", 405),
        ("/healthz", 200),
    ]
    assert [(line["status"], line["key"]) for line in asked[7:8]] == [(401, "")]


def test_of_an_exception_only_its_place_is_logged() -> None:
    try:
        raise RuntimeError(PRIVATE)
    except RuntimeError as error:
        record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 1, "it failed", (), None)
        record.exc_info = (type(error), error, error.__traceback__)
    for line in (JsonLines().format(record), TextLines().format(record)):
        assert "RuntimeError in test_logs.py" in line
        assert PRIVATE not in line
        assert "Traceback" not in line


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v2/models/credit/versions/3/infer", "/v2/models/{name}/versions/{version}/infer"),
        ("/v2/models/credit/ready", "/v2/models/{name}/ready"),
        ("/readyz", "/readyz"),
        ("/v1/models/credit/decide/", "other"),
        ("//readyz", "other"),
    ],
)
def test_routes_are_told_by_their_template(path: str, route: str) -> None:
    assert route_of(path, busy(path)) == route
