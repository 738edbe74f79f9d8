"""Traces and numbers through OTLP over HTTP, with OpenTelemetry's kit (`[otel]`); loaded by name, where asked for.

Each worker sends its own, as an instance of its own, in threads of the kit: a collector that is slow or away costs no
caller anything. A request is one span, with the id that the caller was told in `traceparent`. What it held is nowhere.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Histogram, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from prometheus_client.core import Metric

from mainstay.interfaces.http.measures import LATENCY_S
from mainstay.interfaces.http.telemetry import Served

NAME = "mainstay"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
SCOPE = InstrumentationScope(NAME)
PATIENCE_S = 3.0  # that a stop waits for the last to be sent
Families = Callable[[], Iterable[Metric]]


class Kit:
    """What one worker sends."""

    def __init__(self, tracer: TracerProvider | None, meter: MeterProvider | None, seconds: Histogram | None) -> None:
        self._tracer, self._meter, self._seconds = tracer, meter, seconds
        self._spans = BatchSpanProcessor(OTLPSpanExporter()) if tracer is not None else None

    def served(self, request: Served) -> None:
        """Note a request: one span where its trace is sampled, and how long it took."""
        method = request.method if request.method in METHODS else "_OTHER"
        said: dict[str, str | int] = {
            "http.request.method": method,
            "http.route": request.route,
            "http.response.status_code": request.status,
        }
        if self._seconds is not None:
            self._seconds.record((request.ended_us - request.began_us) / 1e6, said)
        if request.model:
            said["mainstay.model"] = request.model
        if self._tracer is not None and self._spans is not None:
            span = _span(self._tracer, f"{method} {request.route}", request, said)
            if span is not None:
                self._spans.on_end(span)

    def close(self) -> None:
        """Send what is left; a collector that does not answer is left alone after three seconds."""
        ending = threading.Thread(target=self._end, daemon=True)
        ending.start()
        ending.join(PATIENCE_S)

    def _end(self) -> None:
        if self._spans is not None:
            self._spans.shutdown()  # type: ignore[no-untyped-call]
        if self._meter is not None:
            self._meter.shutdown()


def open_kit(families: Families, *, traces: bool, metrics: bool) -> Kit:
    """Begin to send traces, numbers or both, as the standard variables say."""
    own = {"service.instance.id": f"{os.getpid()}"}
    if not os.environ.get("OTEL_SERVICE_NAME"):
        own["service.name"] = NAME
    resource = Resource.create(own)
    tracer = TracerProvider(resource=resource, shutdown_on_exit=False) if traces else None
    if not metrics:
        return Kit(tracer, None, None)
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    meter = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    return Kit(tracer, meter, _instruments(meter, families))


def _instruments(meter: MeterProvider, families: Families) -> Histogram:
    """Make an instrument for every number that Prometheus may ask for, and one for how long requests take."""
    ours = meter.get_meter(NAME)
    for family in families():
        if family.type == "counter":
            ours.create_observable_counter(family.name, [_observing(family.name, families)], description=_says(family))
        elif family.type == "gauge":
            ours.create_observable_gauge(family.name, [_observing(family.name, families)], description=_says(family))
    return ours.create_histogram(
        "http.server.request.duration",
        unit="s",
        description="From a request's head to the end of its reply.",
        explicit_bucket_boundaries_advisory=list(LATENCY_S),
    )


def _observing(name: str, families: Families) -> Callable[[CallbackOptions], Iterator[Observation]]:
    def observe(_: CallbackOptions) -> Iterator[Observation]:
        for family in families():
            if family.name == name:
                values = (sample for sample in family.samples if not sample.name.endswith("_created"))
                yield from (Observation(float(sample.value), dict(sample.labels)) for sample in values)

    return observe


def _span(tracer: TracerProvider, name: str, request: Served, said: dict[str, str | int]) -> ReadableSpan | None:
    """Return the span of a request, None where its trace is not sampled."""
    parent = _context(request.caller) if request.ours else None
    around = Context() if parent is None else set_span_in_context(NonRecordingSpan(parent), Context())
    trace_id = parent.trace_id if parent is not None else tracer.id_generator.generate_trace_id()
    sampled = tracer.sampler.should_sample(around, trace_id, name, SpanKind.SERVER, said)
    if sampled.decision is not Decision.RECORD_AND_SAMPLE:
        return None
    span_id = int(request.ours[36:52], 16) if request.ours else tracer.id_generator.generate_span_id()
    context = SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return ReadableSpan(
        name,
        context,
        parent,
        tracer.resource,
        said,
        kind=SpanKind.SERVER,
        status=Status(StatusCode.ERROR if request.status >= 500 else StatusCode.UNSET),
        start_time=request.began_us * 1000,
        end_time=request.ended_us * 1000,
        instrumentation_scope=SCOPE,
    )


def _context(traceparent: bytes) -> SpanContext:
    """Read where a caller's trace comes from; whether it is whole has been seen."""
    trace, span, flags = traceparent[3:35], traceparent[36:52], traceparent[53:55]
    sampled = TraceFlags(int(flags, 16) & TraceFlags.SAMPLED)
    return SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=sampled)


def _says(family: Metric) -> str:
    return str(family.documentation)
