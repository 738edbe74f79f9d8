"""Gathering what an exam looks at: a version's rows as training parted them, its scores, and ways to ask more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np
import polars as pl

from mainstay.bundle.inspect import Contents, model_digest
from mainstay.checks.examined import Examined, Footprint, Row
from mainstay.domain.brief import parse_brief
from mainstay.domain.deciding import decisions
from mainstay.domain.errors import NotFound
from mainstay.domain.evaluation import Summary, read_summary
from mainstay.domain.plan import Plan
from mainstay.domain.task import Task
from mainstay.domain.version import VersionName
from mainstay.domain.worth import ActionWorth
from mainstay.serving.service import Service
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.store.memory import give_back
from mainstay.store.project import Project
from mainstay.training.prepared import Prepared
from mainstay.workflows.asking import replies, scores
from mainstay.workflows.expected import expected
from mainstay.workflows.live import prove
from mainstay.workflows.opened import kept, opened
from mainstay.workflows.population import sample_of
from mainstay.workflows.recipe import kept_source
from mainstay.workflows.reproduce import fitted_again
from mainstay.workflows.route import ready as ready_service
from mainstay.workflows.version_rows import version_rows

N_MEASURED = 1000  # rows to ask while serving is measured

Measure = Callable[[Service, Sequence[Row]], Footprint]
BeforeRows = Callable[[Examined], None]
NOTHING, NO_NUMBERS, NO_ROWS = pl.DataFrame(), np.empty(0), np.empty(0, dtype=np.int64)


def examined(
    project: Project,
    version: VersionName,
    *,
    at: datetime,
    measure: Measure,
    before_rows: BeforeRows = lambda exam: None,
) -> Examined:
    """Return a version ready for its exam; raises `NotFound` where it is not there, `BundleError` where it is torn.

    The holdout is the one that judged the version: looking at it again is no new look. `before_rows` is given the exam
    while no row is held, without rows, scores and decisions: what needs much memory is best done there.
    """
    service, bare = _without_rows(project, version, at=at)
    before_rows(bare)
    give_back()
    then = replace(project, brief=bare.brief)
    ready = version_rows(then, bare.summary)
    give_back()
    prepared, few = ready.prepared, ready.rows.head(N_MEASURED)
    population, no_population = sample_of(then)
    said = scores(service, prepared.used)
    give_back()
    return replace(
        bare,
        table=ready.rows,
        used=prepared.used,
        outcomes=prepared.outcomes,
        training=prepared.training,
        calibration=prepared.calibration,
        holdout=prepared.holdout,
        scores=said,
        decided=_decided(prepared, bare.plan, service, said),
        today=prepared.today,
        worth=prepared.worth,
        clusters=prepared.clusters,
        moments=prepared.moments,
        population=population,
        no_population=no_population,
        footprint=lambda: measure(service, few.to_dicts()),
    )


def _without_rows(project: Project, version: VersionName, *, at: datetime) -> tuple[Service, Examined]:
    """What there is to examine of a version before its rows are read: nothing holds the whole of its bundle."""
    contents, summary = _proven(project, version)
    then, source = replace(project, brief=parse_brief(contents.brief)), kept_source(contents.files)
    service = ready_service(version.model, version.number, contents)
    expects, fault = expected(project.folder)
    bare = Examined(
        brief=then.brief,
        schema=contents.schema,
        summary=summary,
        plan=contents.plan,
        task=Task(contents.schema.task),
        table=NOTHING,
        used=NOTHING,
        outcomes=NO_NUMBERS,
        training=NO_ROWS,
        calibration=NO_ROWS,
        holdout=NO_ROWS,
        scores=NO_NUMBERS,
        decided=NO_NUMBERS,
        seed=summary.seed,
        at=at,
        expectations=expects,
        expectations_fault=fault,
        acts=frozenset(event.act for event in project.home.ledger.events(version.model)),
        opened=opened(contents.plan),
        kept=kept(contents),
        reply=partial(replies, service),
        score=partial(scores, service),
        footprint=lambda: Footprint(0, 0, 0, 0, 0, 0),
        refitted=lambda: model_digest(*fitted_again(then, version, summary, source)),
    )
    return service, bare


def _proven(project: Project, version: VersionName) -> tuple[Contents, Summary]:
    known = project.home.ledger.life(version.model).version(version.number)
    if known is None:
        raise NotFound(f"there is no version {version}", remedy="See what there is: mainstay versions")
    return prove(project.home, version, known), read_summary(known.summary)


def _decided(prepared: Prepared, plan: Plan, service: Service, said: FloatArray) -> FloatArray | IntArray:
    """What is decided in every row, as `Worth.at` takes it."""
    if prepared.task is Task.REGRESSION:
        return said
    if prepared.task is Task.BINARY:
        threshold = 0.5 if plan.threshold is None else plan.threshold
        return (said >= threshold).astype(np.int64)
    words = prepared.worth.actions if isinstance(prepared.worth, ActionWorth) else plan.classes
    columns = {name: prepared.used[name].to_list() for name in service.worth_columns}
    found = decisions(service.deciding, said, columns)
    return np.array([0 if word is None else words.index(word) for word in found], dtype=np.int64)
