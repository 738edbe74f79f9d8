"""Gathering what an exam looks at: a version's rows as training parted them, its scores, and ways to ask more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np
import polars as pl

from mainstay.bundle.inspect import model_digest
from mainstay.checks.examined import Examined, Footprint, Reply, Row
from mainstay.domain.brief import parse_brief
from mainstay.domain.deciding import decisions
from mainstay.domain.errors import NotFound
from mainstay.domain.evaluation import read_summary
from mainstay.domain.plan import Plan
from mainstay.domain.task import Task
from mainstay.domain.version import VersionName
from mainstay.domain.worth import ActionWorth
from mainstay.serving.admission import Admitted, admit
from mainstay.serving.packed_score import is_packed
from mainstay.serving.service import Service, scores_of
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.store.machine import n_cores
from mainstay.store.project import Project, read_expectations
from mainstay.training.prepared import Prepared
from mainstay.workflows.live import prove
from mainstay.workflows.opened import columns_of, kept, opened
from mainstay.workflows.population import sample_of
from mainstay.workflows.reproduce import fitted_again
from mainstay.workflows.route import load_service
from mainstay.workflows.searched import read_trials
from mainstay.workflows.version_rows import version_rows

CHUNK = 20_000  # rows scored at once: memory follows the chunk
Measure = Callable[[Service, Sequence[Row]], Footprint]


def examined(project: Project, version: VersionName, *, at: datetime, measure: Measure) -> Examined:
    """Return a version ready for its exam; raises `NotFound` where it is not there, `BundleError` where it is torn.

    The holdout is the one that judged the version: looking at it again is no new look.
    """
    known = project.home.ledger.life(version.model).version(version.number)
    if known is None:
        raise NotFound(f"there is no version {version}", remedy="See what there is: mainstay versions")
    contents, summary = prove(project.home, version, known), read_summary(known.summary)
    then = replace(project, brief=parse_brief(contents.brief))
    ready, service = version_rows(then, summary), load_service(project.home, version)
    prepared, scores = ready.prepared, _scores(service, ready.prepared.used)
    population, no_population = sample_of(then)
    return Examined(
        brief=then.brief,
        schema=contents.schema,
        summary=summary,
        plan=contents.plan,
        task=prepared.task,
        table=ready.rows,
        used=prepared.used,
        outcomes=prepared.outcomes,
        training=prepared.training,
        calibration=prepared.calibration,
        holdout=prepared.holdout,
        scores=scores,
        decided=_decided(prepared, contents.plan, service, scores),
        seed=summary.seed,
        at=at,
        today=prepared.today,
        worth=prepared.worth,
        clusters=prepared.clusters,
        moments=prepared.moments,
        population=population,
        no_population=no_population,
        expectations=read_expectations(project.folder),
        acts=frozenset(event.act for event in project.home.ledger.events(version.model)),
        opened=opened(contents.plan),
        kept=kept(contents),
        reply=partial(_replies, service),
        score=partial(_scores, service),
        footprint=lambda: measure(service, ready.rows.head(1000).to_dicts()),
        refitted=lambda: model_digest(*fitted_again(contents, read_trials(project.home.artifacts, version), prepared)),
    )


def _scores(service: Service, used: pl.DataFrame) -> FloatArray:
    def part(start: int) -> FloatArray:
        return np.asarray(service.scorer.scores(columns_of(used[start : start + CHUNK])))

    starts = range(0, max(used.height, 1), CHUNK)
    if len(starts) == 1 or is_packed(service.plan):  # a recipe's own code may not stand several threads
        return np.concatenate([part(start) for start in starts])
    with ThreadPoolExecutor(n_cores()) as pool:
        return np.concatenate(list(pool.map(part, starts)))


def _decided(prepared: Prepared, plan: Plan, service: Service, scores: FloatArray) -> FloatArray | IntArray:
    """What is decided in every row, as `Worth.at` takes it."""
    if prepared.task is Task.REGRESSION:
        return scores
    if prepared.task is Task.BINARY:
        threshold = 0.5 if plan.threshold is None else plan.threshold
        return (scores >= threshold).astype(np.int64)
    words = prepared.worth.actions if isinstance(prepared.worth, ActionWorth) else plan.classes
    columns = {name: prepared.used[name].to_list() for name in service.worth_columns}
    said = decisions(service.deciding, scores, columns)
    return np.array([0 if word is None else words.index(word) for word in said], dtype=np.int64)


def _replies(service: Service, rows: Sequence[Row]) -> list[Reply]:
    """Answer rows as a caller's would be: admitted, scored, decided."""
    read = [admit(dict(row), service.index, number=place) for place, row in enumerate(rows)]
    taken = [place for place, each in enumerate(read) if isinstance(each, Admitted)]
    used = [each.used for each in read if isinstance(each, Admitted)]
    scores = np.asarray(scores_of(service, used), dtype=np.float64) if used else np.empty(0)
    columns: Mapping[str, list[object]] = {name: [row[name] for row in used] for name in service.worth_columns}
    words = decisions(service.deciding, scores, columns) if used else []
    answered = dict(zip(taken, zip(scores, words, strict=True), strict=True))
    return [_reply(each, answered.get(place)) for place, each in enumerate(read)]


def _reply(read: object, answered: tuple[FloatArray, str | None] | None) -> Reply:
    if isinstance(read, Admitted) and answered is not None:
        score, word = answered
        return Reply(float(np.max(score)), word, tuple(warned.code for warned in read.warnings))
    assert isinstance(read, tuple)  # faults: what was not admitted
    return Reply(None, None, faults=tuple(fault.code for fault in read))
