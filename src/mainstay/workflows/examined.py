"""Gathering what an exam looks at: a version's rows as training parted them, its scores, and ways to ask more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np

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
from mainstay.store.project import Project
from mainstay.training.prepared import Prepared
from mainstay.workflows.asking import replies, scores
from mainstay.workflows.expected import expected
from mainstay.workflows.live import prove
from mainstay.workflows.opened import kept, opened
from mainstay.workflows.population import sample_of
from mainstay.workflows.reproduce import fitted_again
from mainstay.workflows.route import load_service
from mainstay.workflows.searched import read_trials
from mainstay.workflows.version_rows import version_rows

Measure = Callable[[Service, Sequence[Row]], Footprint]
OnRows = Callable[[Examined], None]
NOT_SCORED = np.empty(0)


def examined(
    project: Project, version: VersionName, *, at: datetime, measure: Measure, on_rows: OnRows = lambda exam: None
) -> Examined:
    """Return a version ready for its exam; raises `NotFound` where it is not there, `BundleError` where it is torn.

    The holdout is the one that judged the version: looking at it again is no new look. `on_rows` is given the exam
    before any row is scored, without scores and decisions: what needs much memory is best done there.
    """
    contents, summary = _proven(project, version)
    then = replace(project, brief=parse_brief(contents.brief))
    ready, service = version_rows(then, summary), load_service(project.home, version)
    prepared = ready.prepared
    population, no_population = sample_of(then)
    expects, fault = expected(project.folder)
    exam = Examined(
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
        scores=NOT_SCORED,
        decided=NOT_SCORED,
        seed=summary.seed,
        at=at,
        today=prepared.today,
        worth=prepared.worth,
        clusters=prepared.clusters,
        moments=prepared.moments,
        population=population,
        no_population=no_population,
        expectations=expects,
        expectations_fault=fault,
        acts=frozenset(event.act for event in project.home.ledger.events(version.model)),
        opened=opened(contents.plan),
        kept=kept(contents),
        reply=partial(replies, service),
        score=partial(scores, service),
        footprint=lambda: measure(service, ready.rows.head(1000).to_dicts()),
        refitted=lambda: model_digest(*fitted_again(contents, read_trials(project.home.artifacts, version), prepared)),
    )
    on_rows(exam)
    said = scores(service, prepared.used)
    return replace(exam, scores=said, decided=_decided(prepared, contents.plan, service, said))


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
