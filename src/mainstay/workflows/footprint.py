"""What serving a version takes on this machine, measured through the code that serves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mainstay.checks.examined import Footprint, Row
from mainstay.domain.plan import plan_bytes
from mainstay.serving.admission import Admitted, admit
from mainstay.serving.service import Service, scores_of
from mainstay.store.clock import ticks_us
from mainstay.store.meter import start as start_meter
from mainstay.store.meter import used

ROUNDS = 5


def footprint(service: Service, rows: Sequence[Row]) -> Footprint:
    """Time the answers to single rows and to all of them at once."""
    singles = np.array([_took_ms(service, [row]) for _ in range(ROUNDS) for row in rows[:200]])
    meter = start_meter()
    whole = min(_took_ms(service, rows) for _ in range(ROUNDS)) * 1000 / max(len(rows), 1)
    return Footprint(
        p50_ms=float(np.quantile(singles, 0.5)),
        p99_ms=float(np.quantile(singles, 0.99)),
        thousand_rows_ms=whole,
        size_bytes=len(plan_bytes(service.plan)),
        memory_bytes=used(meter).peak_bytes,
        start_s=0.0,
    )


def _took_ms(service: Service, rows: Sequence[Row]) -> float:
    started = ticks_us()
    read = [admit(dict(row), service.index) for row in rows]
    scores_of(service, [each.used for each in read if isinstance(each, Admitted)])
    return (ticks_us() - started) / 1000
