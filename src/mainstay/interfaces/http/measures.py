"""What is counted for Prometheus. Labels are models, versions and stable codes: never anything that a caller wrote."""

from __future__ import annotations

import os
from collections import Counter as Arms
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from mainstay.interfaces.http.settings import MULTIPROCESS
from mainstay.interfaces.http.watch_measures import Watch
from mainstay.workflows.serve import Decided, Desk, backlog, model_states

LATENCY_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Measures:
    """The counters of one worker; `text` adds those of all workers up."""

    def __init__(self, desk: Desk) -> None:
        own = CollectorRegistry()
        self.n_in_flight = 0
        self._in_flight = Gauge(
            "mainstay_requests_in_flight",
            "Requests being answered when last looked, five times a second.",
            registry=own,
            multiprocess_mode="livesum",
        )
        self.requests = Counter(
            "mainstay_requests", "Requests by endpoint and status.", ("endpoint", "status"), registry=own
        )
        self.seconds = Histogram(
            "mainstay_request_duration_seconds",
            "From a request's head to the end of its reply.",
            ("endpoint",),
            buckets=LATENCY_S,
            registry=own,
        )
        self.decisions = Counter(
            "mainstay_decisions", "Rows decided and journalled.", ("model", "version", "arm"), registry=own
        )
        self.dry_runs = Counter(
            "mainstay_dry_runs", "Rows answered as a dry run: not journalled.", ("model", "version"), registry=own
        )
        self.faults = Counter(
            "mainstay_input_faults",
            "Unexpected inputs in rows, by code; refused tells whether the row was.",
            ("model", "version", "code", "refused"),
            registry=own,
        )
        self.told = Counter("mainstay_told", "Outcomes and actions taken.", ("model", "kind"), registry=own)
        self.refused_calls = Counter(
            "mainstay_calls_refused",
            "Requests that a key, or none, did not open, by the key's id where there is one, and code.",
            ("key", "code"),
            registry=own,
        )
        self.spool_failures = Counter(
            "mainstay_spool_failures", "Requests not answered because the spool could not be written.", registry=own
        )
        self._own = own
        self._now = (LiveVersions(desk), Backlog(desk), Watch(desk))
        self._of_endpoint = cache(self.seconds.labels)
        self._of_status = cache(self.requests.labels)
        self._of_arm = cache(self.decisions.labels)

    def count_request(self, endpoint: str, status: int, seconds: float) -> None:
        """Count a request that was replied to."""
        self._of_status(endpoint, status).inc()
        self._of_endpoint(endpoint).observe(seconds)

    def count_decided(self, model: str, decided: Decided) -> None:
        """Count what one request decided."""
        version = str(decided.version)
        if decided.dry_run:
            self.dry_runs.labels(model, version).inc(decided.n_answered)
        decisions = decided.decisions
        arms = Arms([each.arm for each in decisions]) if len(decisions) > 1 else {each.arm: 1 for each in decisions}
        for arm, n in arms.items():
            self._of_arm(model, version, arm).inc(n)
        for fault in decided.faults:
            self.faults.labels(model, version, fault.code, str(fault.refused).lower()).inc(fault.n)

    def text(self) -> bytes:
        """Return everything in Prometheus's text format, summed over the workers."""
        registry = self._own
        if MULTIPROCESS in os.environ:
            forget_the_dead(Path(os.environ[MULTIPROCESS]))
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry) + b"".join(generate_latest(_only(each)) for each in self._now)

    def families(self) -> Iterator[Metric]:
        """Give the numbers of this worker alone at this moment; safe in a thread."""
        yield from self._own.collect()
        for each in self._now:
            yield from each.collect()

    def show_in_flight(self) -> None:
        """Let others see how many requests are being answered; once in a while, not at each of them."""
        self._in_flight.set(self.n_in_flight)


class Collects(Protocol):
    """What Prometheus asks at the moment of a scrape."""

    def collect(self) -> Iterator[Metric]:
        """Give the metrics of this moment."""
        ...


class LiveVersions:
    """The live versions as this worker sees them, at the moment of a scrape."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Metric]:
        """Give one number per model: its version that answers, and whether that is the one that should."""
        now = self._desk.routes
        live = GaugeMetricFamily("mainstay_live_version", "The version that answers.", labels=("model",))
        broken = GaugeMetricFamily(
            "mainstay_route_problem", "1 where the live version cannot answer.", labels=("model",)
        )
        shadow = GaugeMetricFamily("mainstay_shadow_version", "The version scored beside it.", labels=("model",))
        resting = GaugeMetricFamily(
            "mainstay_model_resting",
            "1 where this worker does not ask a packed model for now: it hangs, or failed many times in a row.",
            labels=("model",),
        )
        for model, state in model_states(now).items():
            resting.add_metric([model], float(state != "works"))
        for model, number in now.shadows.items():
            shadow.add_metric([model], number)
        for model in now.models:
            if model in now.services:
                live.add_metric([model], now.services[model].version)
            broken.add_metric([model], float(model in now.problems))
        ledger = GaugeMetricFamily("mainstay_ledger_problem", "1 where this worker cannot follow the ledger.")
        ledger.add_metric([], float(self._desk.ledger_problem is not None))
        yield from (live, broken, shadow, resting, ledger)


class Backlog:
    """How far the journal lags behind, at the moment of a scrape."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Metric]:
        """Give what waits in the spool, and for how long nothing has come out of it."""
        waits, ages_s = backlog(self._desk)
        spool = GaugeMetricFamily("mainstay_spool_bytes", "Bytes in the spool, all models.")
        spool.add_metric([], waits)
        age = GaugeMetricFamily(
            "mainstay_journal_age_seconds", "Since decisions last reached the journal.", labels=("model",)
        )
        for model, age_s in ages_s.items():
            age.add_metric([model], age_s)
        yield from (spool, age)


def forget_the_dead(folder: Path) -> None:
    """Remove what workers that have died left of numbers that only the living have; counters stay."""
    for path in folder.glob("gauge_live*_*.db"):
        process = path.stem.rpartition("_")[2]
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)


def _only(collector: Collects) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(collector)
    return registry
