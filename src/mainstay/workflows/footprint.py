"""What serving a version takes on this machine, measured through the code that serves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mainstay.checks.examined import Footprint, Row
from mainstay.domain.version import VersionName
from mainstay.serving.admission import Admitted, admit
from mainstay.serving.service import Service, scores_of
from mainstay.store.clock import ticks_us
from mainstay.store.project import Project
from mainstay.store.starting import first_line

ENTRY = "mainstay.interfaces.start_child"
ROUNDS, STARTS = 5, 2
SINGLES, MANY = 200, 1000


def footprint(project: Project, version: VersionName, service: Service, rows: Sequence[Row]) -> Footprint:
    """Time answers to single rows and to a thousand, and start fresh processes for memory and start-up.

    The best of a few rounds counts: what else the machine does can only add. Raises `StoreError`.
    """
    sent = [rows[place % len(rows)] for place in range(MANY)] if rows else []
    rounds = [np.array([_took_ms(service, [row]) for row in sent[:SINGLES]] or [0.0]) for _ in range(ROUNDS)]
    starts = [first_line(ENTRY, (str(project.folder), str(version))) for _ in range(STARTS)]
    return Footprint(
        p50_ms=min(float(np.quantile(took, 0.5)) for took in rounds),
        p99_ms=min(float(np.quantile(took, 0.99)) for took in rounds),
        thousand_rows_ms=min(_took_ms(service, sent) for _ in range(ROUNDS)),
        size_bytes=project.home.artifacts.bundle_bytes(version.model, version.number) or 0,
        memory_bytes=min(int(lines[-1]) for _, lines in starts),
        start_s=min(took_s for took_s, _ in starts),
    )


def _took_ms(service: Service, rows: Sequence[Row]) -> float:
    started = ticks_us()
    read = [admit(dict(row), service.index) for row in rows]
    taken = [each.used for each in read if isinstance(each, Admitted)]
    if taken:
        scores_of(service, taken)
    return (ticks_us() - started) / 1000
