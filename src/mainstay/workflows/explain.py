"""Why a version decides a row as it does: reasons, what would change it, and the training rows most like it.

The first two are those of the service. Training rows are read from the project's own snapshot: no bundle carries them,
so a service that has only bundles cannot name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
import polars as pl

from mainstay.checks.reasons import MOST_NEAR, nearest_among
from mainstay.domain.brief import parse_brief
from mainstay.domain.errors import Asked
from mainstay.domain.evaluation import read_summary
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
from mainstay.workflows.live import known, prove
from mainstay.workflows.route import load_service
from mainstay.workflows.version_rows import version_rows


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


def explain_row(project: Project, version: VersionName, row: Mapping[str, Any], *, top: int, n_near: int) -> Explained:
    """Explain one row as callers send it; raises `Asked` for a row that is refused, `NotFound` for no such version."""
    service = load_service(project.home, version)
    answer, admitted = _answer(service, row, top, project.home.secret), admit(dict(row), service.index)
    assert isinstance(admitted, Admitted)  # else there was no answer
    return Explained(version, answer, _near(project, service, admitted, n_near) if n_near else ())


def _answer(service: Service, row: Mapping[str, Any], top: int, secret: bytes) -> Answer:
    asked = Explain(top=top, instead=True)
    body = DecideBody([msgspec.Raw(msgspec.json.encode(row))], dry_run=True, explain=asked)
    call = Call("", now_us(), 0, lambda: 0, bytes, secret)
    (entry,) = tried(decide(service, body, call, Repeats(most=0))).entries
    if isinstance(entry, Failed):
        named = f" of {entry.error.field}" if entry.error.field else ""
        raise Asked(f"the row cannot be answered: {entry.error.code}{named}", remedy=f"Send {entry.error.wanted}.")
    return entry


def _near(project: Project, service: Service, admitted: Admitted, n_near: int) -> tuple[Near, ...]:
    life = project.home.ledger.life(service.model)
    chosen = known(life, VersionName(service.model, service.version))
    brief = parse_brief(prove(project.home, VersionName(service.model, service.version), chosen).brief)
    ready = version_rows(replace(project, brief=brief), read_summary(chosen.summary))
    used, training = ready.prepared.used, ready.prepared.training
    among = training[np.unique(np.linspace(0, training.size - 1, MOST_NEAR).astype(np.int64))]
    drawn = used[among]
    own = pl.DataFrame([admitted.used], schema_overrides=drawn.schema).select(drawn.columns).cast(drawn.schema)
    last = np.array([among.size])
    near = nearest_among(pl.concat([drawn, own]), last, np.arange(among.size), names=service.schema.names, n=n_near)[0]
    few, places = drawn[near], among[near].tolist()
    scores = service.scorer.scores({name: few[name].to_list() for name in few.columns}).reshape(few.height, -1)
    entity, outcomes = brief.data.entity, ready.rows[brief.data.target].cast(pl.String)
    names = ready.rows[entity].cast(pl.String) if entity in ready.rows.columns else None
    told = zip(places, scores.max(axis=1).tolist(), strict=True)
    return tuple(
        Near(place + 1, (names[place] or "") if names is not None else "", outcomes[place] or "", score)
        for place, score in told
    )
