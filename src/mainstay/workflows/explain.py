"""Why a version decides a row as it does: reasons, what would change it, and the training rows most like it.

The first two are those of the service. Training rows are read from the project's own snapshot: no bundle carries them,
so a service that has only bundles cannot name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import polars as pl

from mainstay.checks.examined import Examined, Footprint
from mainstay.checks.reasons import nearest
from mainstay.domain.errors import Asked
from mainstay.domain.version import VersionName
from mainstay.serving.admission import Admitted, admit
from mainstay.serving.answer import Answer, Failed
from mainstay.serving.body import DecideBody, Explain
from mainstay.serving.call import Call
from mainstay.serving.decide import decide, tried
from mainstay.serving.repeats import Repeats
from mainstay.serving.service import Service
from mainstay.store.clock import now_us
from mainstay.store.project import Project
from mainstay.workflows.examined import examined
from mainstay.workflows.route import load_service

MOST_NEAR = 100


@dataclass(frozen=True, slots=True)
class Near:
    """A training row: its place among the snapshot's rows that have an outcome, from 1, and who or what it is about.

    `score` is what the version gives it, of several classes the likeliest's; `entity` is "" where the brief names none.
    """

    row: int
    entity: str
    outcome: str
    score: float


@dataclass(frozen=True, slots=True)
class Explained:
    """An answer with its reasons, and the training rows most like the row, the nearest first."""

    version: VersionName
    answer: Answer
    near: tuple[Near, ...]


def explain_row(
    project: Project, version: VersionName, row: Mapping[str, Any], *, top: int, n_near: int, at: datetime
) -> Explained:
    """Explain one row as callers send it; raises `Asked` for a row that is refused, `NotFound` for no such version."""
    service = load_service(project.home, version)
    answer, admitted = _answer(service, row, top, project.home.secret), admit(dict(row), service.index)
    if not isinstance(admitted, Admitted):
        raise Asked(f"the row cannot be answered: {admitted[0].code}", remedy=f"Send {admitted[0].wanted}.")
    near = _near(examined(project, version, at=at, measure=_unmeasured), admitted, n_near) if n_near else ()
    return Explained(version, answer, near)


def _answer(service: Service, row: Mapping[str, Any], top: int, secret: bytes) -> Answer:
    asked = Explain(top=top, instead=True)
    body = DecideBody([msgspec.Raw(msgspec.json.encode(row))], dry_run=True, explain=asked)
    call = Call("", now_us(), 0, lambda: 0, bytes, secret)
    (entry,) = tried(decide(service, body, call, Repeats(most=0))).entries
    if isinstance(entry, Failed):
        named = f" of {entry.error.field}" if entry.error.field else ""
        raise Asked(f"the row cannot be answered: {entry.error.code}{named}", remedy=f"Send {entry.error.wanted}.")
    return entry


def _near(exam: Examined, admitted: Admitted, n_near: int) -> tuple[Near, ...]:
    own = pl.DataFrame([admitted.used], schema_overrides=exam.used.schema).select(exam.used.columns)
    beside = replace(exam, used=pl.concat([exam.used, own.cast(exam.used.schema)]))
    places = nearest(beside, np.array([exam.used.height]), n=n_near)[0].tolist()
    entity, scores = exam.brief.data.entity, exam.scores.reshape(exam.scores.shape[0], -1).max(axis=1)
    names = exam.table[entity].cast(pl.String).fill_null("").to_list() if entity in exam.table.columns else None
    outcomes = exam.table[exam.brief.data.target].cast(pl.String).to_list()
    return tuple(
        Near(place + 1, names[place] if names else "", outcomes[place] or "", float(scores[place])) for place in places
    )


def _unmeasured(service: Service, rows: object) -> Footprint:
    raise AssertionError("no check is asked here")
