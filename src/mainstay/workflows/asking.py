"""Asking a version as an exam does: used rows for scores, rows as callers send them for answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mainstay.checks.examined import Reply, Row
from mainstay.domain.deciding import decisions
from mainstay.domain.held import UsedRows
from mainstay.serving.admission import Admitted, admit
from mainstay.serving.packed_score import is_packed
from mainstay.serving.service import Service, scores_of
from mainstay.stats.arrays import FloatArray
from mainstay.store.machine import n_cores
from mainstay.workflows.opened import columns_of

CHUNK = 20_000  # rows scored at once: memory follows the chunk


def scores(service: Service, used: UsedRows) -> FloatArray:
    """Return calibrated scores of used rows."""

    def part(start: int) -> FloatArray:
        return np.asarray(service.scorer.scores(columns_of(used[start : start + CHUNK])))

    starts = range(0, max(used.height, 1), CHUNK)
    if len(starts) == 1 or is_packed(service.plan):  # a recipe's own code may not stand several threads
        return np.concatenate([part(start) for start in starts])
    with ThreadPoolExecutor(n_cores()) as pool:
        return np.concatenate(list(pool.map(part, starts)))


def replies(service: Service, rows: Sequence[Row]) -> list[Reply]:
    """Answer rows as a caller's would be: admitted, scored, decided."""
    read = [admit(dict(row), service.index, number=place) for place, row in enumerate(rows)]
    taken = [place for place, each in enumerate(read) if isinstance(each, Admitted)]
    used = [each.used for each in read if isinstance(each, Admitted)]
    given = np.asarray(scores_of(service, used), dtype=np.float64) if used else np.empty(0)
    columns: Mapping[str, list[object]] = {name: [row[name] for row in used] for name in service.worth_columns}
    words = decisions(service.deciding, given, columns) if used else []
    answered = dict(zip(taken, zip(given, words, strict=True), strict=True))
    return [_reply(each, answered.get(place)) for place, each in enumerate(read)]


def _reply(read: object, answered: tuple[FloatArray, str | None] | None) -> Reply:
    if isinstance(read, Admitted) and answered is not None:
        score, word = answered
        return Reply(float(np.max(score)), word, tuple(warned.code for warned in read.warnings))
    assert isinstance(read, tuple)  # faults: what was not admitted
    return Reply(None, None, faults=tuple(fault.code for fault in read))
