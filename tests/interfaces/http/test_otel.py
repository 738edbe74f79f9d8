"""Traces and numbers reach a collector where the standard variables ask for them, and nothing is loaded elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests.interfaces.http.homes import ROW
from tests.interfaces.http.inside import running
from tests.interfaces.http.services import PATIENCE_S, Running, serving, until, until_ready
from tests.interfaces.receiver import Receiver, receiving

from mainstay.interfaces.http import telemetry

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.fixture(scope="module")
def collector() -> Iterator[Receiver]:
    with receiving() as running_:
        yield running_


@pytest.fixture(scope="module")
def service(folder: Path, collector: Receiver) -> Iterator[Running]:
    """A real service that was asked to send what it can, often."""
    often = {"OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_METRIC_EXPORT_INTERVAL": "300"}
    with serving(folder, **{ENDPOINT: collector.url("")}, **often) as running_:
        until_ready(running_.url)
        yield running_


def spans(collector: Receiver, route: str) -> list[Span]:
    """Every span of a path that came."""
    found = []
    for path, _, body in list(collector.came):
        if path == "/v1/traces":
            for each in ExportTraceServiceRequest.FromString(body).resource_spans:
                found += [span for scope in each.scope_spans for span in scope.spans if span.name.endswith(route)]
    return found


def said(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


def ask(service: Running, path: str, **headers: str) -> httpx.Response:
    rows = {"rows": [ROW]}
    return httpx.post(f"{service.url}{path}", json=rows, headers=headers, verify=False, timeout=PATIENCE_S)


def test_a_request_is_a_span_of_its_callers_trace(service: Running, collector: Receiver) -> None:
    answer = ask(service, "/v1/models/credit/decide", traceparent=f"00-{TRACE}-{CALLER}-01")
    until(lambda: bool(spans(collector, "/decide")))
    (span,) = spans(collector, "/decide")
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, CALLER)
    assert answer.headers["traceparent"] == f"00-{TRACE}-{span.span_id.hex()}-01", "the id that the caller was told"
    assert (span.name, span.kind) == ("POST /v1/models/{name}/decide", Span.SPAN_KIND_SERVER)
    assert said(span.attributes) == {
        "http.request.method": "POST",
        "http.route": "/v1/models/{name}/decide",
        "http.response.status_code": 200,
        "mainstay.model": "credit",
    }
    assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 60e9


def test_what_is_not_sampled_is_not_sent_and_nothing_that_a_caller_wrote_is(
    service: Running, collector: Receiver
) -> None:
    ask(service, "/v1/models/anna@example.com/outcomes", traceparent=f"00-{TRACE}-{CALLER}-00")
    ask(service, "/v1/models/anna@example.com/actions")
    until(lambda: bool(spans(collector, "/actions")))
    (span,) = spans(collector, "/actions")
    assert not span.parent_span_id
    assert "mainstay.model" not in said(span.attributes)
    assert spans(collector, "/outcomes") == []
    assert not any(b"anna" in body for _, _, body in collector.came)


def numbers(collector: Receiver) -> dict[str, Any]:
    """The newest of each number that came, by name, and what it is a number of."""
    found: dict[str, Any] = {}
    for path, _, body in list(collector.came):
        if path == "/v1/metrics":
            for each in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                found["resource"] = said(each.resource.attributes)
                found |= {metric.name: metric for scope in each.scope_metrics for metric in scope.metrics}
    return found


def test_numbers_are_those_of_prometheus(service: Running, collector: Receiver) -> None:
    ask(service, "/v1/models/credit/decide")
    until(lambda: "mainstay_decisions" in numbers(collector))
    came = numbers(collector)
    (point,) = came["mainstay_decisions"].sum.data_points
    assert point.as_double >= 1
    assert said(point.attributes) == {"model": "credit", "version": "1", "arm": "champion"}
    (live,) = came["mainstay_live_version"].gauge.data_points
    assert live.as_double == 1
    assert came["http.server.request.duration"].histogram.data_points
    assert came["resource"]["service.name"] == "mainstay"
    assert came["resource"]["service.instance.id"].isdecimal()


def test_a_collector_that_is_away_costs_no_answer_and_holds_no_stop(folder: Path) -> None:
    with serving(folder, **{ENDPOINT: "http://127.0.0.1:9"}) as running_:
        until_ready(running_.url)
        assert ask(running_, "/v1/models/credit/decide").status_code == 200


def test_nothing_is_loaded_where_nobody_asks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENDPOINT, raising=False)
    monkeypatch.setitem(sys.modules, telemetry.KIT, None)
    with running(folder) as inside:
        assert inside.ask("GET", "/healthz", [b""]).status == 200


def test_without_the_extra_the_service_says_so_and_serves(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, telemetry.KIT, None)
    with running(folder) as inside:
        assert inside.ask("GET", "/healthz", [b""]).status == 200
    assert "pip install 'mainstay[otel]'" in caplog.text
