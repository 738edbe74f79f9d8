"""Whether OpenTelemetry is asked for, and what the service gives it: nothing of it is loaded where nobody asks.

Asked by the variables that every OpenTelemetry program obeys: OTEL_EXPORTER_OTLP_ENDPOINT (or that of traces or
metrics alone), OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER and OTEL_METRICS_EXPORTER (`none`). The rest is read by its kit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Protocol

import msgspec
from prometheus_client.core import Metric

KIT = "mainstay.interfaces.http.otel"
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
OF_TRACES, OF_METRICS = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"

log = logging.getLogger("mainstay.http")


class Served(msgspec.Struct, frozen=True, gc=False):
    """A request that was answered: its method, the template of its path, its status and when, in UTC microseconds.

    `model` is empty where none of ours was meant. `caller` is the caller's `traceparent` and `ours` that of our part of
    its trace; both empty where it brought none.
    """

    method: str
    route: str
    model: str
    status: int
    began_us: int
    ended_us: int
    caller: bytes = b""
    ours: bytes = b""


class Telemetry(Protocol):
    """Where traces and numbers go; never waits for whoever collects them."""

    def served(self, request: Served) -> None:
        """Note a request."""
        ...

    def close(self) -> None:
        """Send what is left, and let go; may take seconds."""
        ...


def wanted(variables: Mapping[str, str]) -> tuple[bool, bool]:
    """Say whether traces and whether metrics are to be sent.

    >>> wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_METRICS_EXPORTER": "none"})
    (True, False)
    >>> wanted({})
    (False, False)
    """
    if variables.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False, False
    traces, metrics = (
        bool(variables.get(ENDPOINT) or variables.get(own)) and variables.get(exporter, "otlp").strip() != "none"
        for own, exporter in ((OF_TRACES, "OTEL_TRACES_EXPORTER"), (OF_METRICS, "OTEL_METRICS_EXPORTER"))
    )
    return traces, metrics


def open_telemetry(variables: Mapping[str, str], families: Callable[[], Iterable[Metric]]) -> Telemetry | None:
    """Return where traces and numbers go; None where nobody asks for them, or the extra is not there (it is said).

    `families` gives the numbers of this worker at the moment it is called, from any thread.
    """
    traces, metrics = wanted(variables)
    if not traces and not metrics:
        return None
    try:
        kit = import_module(KIT)
    except ImportError:
        log.warning("OpenTelemetry is asked for and not installed: pip install 'mainstay[otel]'")
        return None
    telemetry: Telemetry = kit.open_kit(families, traces=traces, metrics=metrics)
    return telemetry
