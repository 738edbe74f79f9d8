"""Training: a table becomes a version, with everything that says what it is worth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from mainstay.bundle.inspect import Contents, inspect
from mainstay.domain.brief.read import brief_digest
from mainstay.domain.canonical import digest
from mainstay.domain.cost import priced
from mainstay.domain.evaluation import Cost, Summary
from mainstay.domain.gates import failed_gates
from mainstay.domain.progress import OnNews
from mainstay.domain.version import VersionName
from mainstay.store.clock import ticks_us
from mainstay.store.evaluations import NAME, rows_file
from mainstay.store.meter import start as start_meter
from mainstay.store.meter import used
from mainstay.store.project import Project
from mainstay.store.sources import read_table
from mainstay.store.versions import NewVersion, add_version
from mainstay.training.train import Trained
from mainstay.training.train import train as fit
from mainstay.workflows.holdouts import account_of, open_rows
from mainstay.workflows.looks import look
from mainstay.workflows.own import own_learner, recipe_facts
from mainstay.workflows.packing import bundle_of, compile_winner
from mainstay.workflows.prepare import Ready
from mainstay.workflows.recipe import source_of
from mainstay.workflows.weighing import weigher

OnProgress = Callable[[str, float], None]


def train(project: Project, *, seed: int, actor: str, at: datetime, on_progress: OnProgress) -> Summary:
    """Read the brief's table, train on it, and keep the result as a version: all of it, or nothing."""
    on_progress("reading the table", 0.0)
    meter = start_meter()
    table = read_table(project.source)
    opened = open_rows(project, table, seed=seed, actor=actor, at=at)
    ready, snapshot = opened.ready, opened.snapshot

    recipe = source_of(project.folder)
    with own_learner(recipe, ready.prepared) as own:
        weigh = weigher(ready.prepared, tick=_seconds)
        trained = fit(ready.prepared, tick=_seconds, on_news=_part(on_progress, 0.05, 0.85), weigh=weigh, own=own)
        on_progress("proving and packing", 0.92)
        plan = compile_winner(trained, ready.prepared)
        bundle = bundle_of(trained, ready.prepared, plan, brief=project.text)

    def account() -> Cost:
        labels = ready.rows.height
        return priced(used(meter), rows=table.height, labels=labels, costs=project.brief.costs)

    def made(number: int) -> NewVersion:
        contents = inspect(bundle(VersionName(project.model, number)))
        plain = msgspec.structs.replace(_summary(contents, trained, ready, snapshot.root), cost=account())
        known = account_of(project.home, project.model)
        looked = look(plain, opened.holdout, known, project.brief, version=number)
        summary = looked.summary
        rows = rows_file(trained.judgement.rows)
        body = _body(project, contents, summary) | {"evaluation_digest": digest(rows[NAME])} | recipe_facts(recipe)
        return NewVersion(dict(contents.files), rows, body, then=looked.acts)

    event = add_version(project.home, project.model, made, actor=actor, at=at)
    on_progress("kept", 1.0)
    return msgspec.convert(event.body["summary"], Summary)


def _summary(contents: Contents, trained: Trained, ready: Ready, snapshot: str) -> Summary:
    prepared, judgement = ready.prepared, trained.judgement
    return Summary(
        version=str(contents.version),
        model_digest=contents.manifest.model_digest,
        task=contents.plan.task,
        split=prepared.split_by,
        rows={
            "train": int(prepared.training.size),
            "calibration": int(prepared.calibration.size),
            "holdout": int(prepared.holdout.size),
        },
        base_rate=float(prepared.outcomes[prepared.holdout].mean()),
        metrics=judgement.metrics,
        currency=prepared.brief.value.currency,
        threshold=judgement.threshold,
        threshold_interval=judgement.threshold_interval,
        value=judgement.value,
        share_high=judgement.share_high,
        candidates=judgement.results,
        findings=(*judgement.findings, *ready.findings),
        snapshot=snapshot,
        seed=prepared.seed,
    )


def _body(project: Project, contents: Contents, summary: Summary) -> dict[str, object]:
    return {
        "version": contents.version.number,
        "model_digest": summary.model_digest,
        "bundle_digest": contents.digest,
        "brief_digest": brief_digest(project.brief),
        "snapshot": summary.snapshot,
        "seed": summary.seed,
        "failed_gates": list(failed_gates(project.brief.gates, summary.findings)),
        "summary": msgspec.to_builtins(summary),
    }


def _seconds() -> float:
    return ticks_us() / 1e6


def _part(on_progress: OnProgress, start: float, width: float) -> OnNews:
    return lambda news: on_progress(news.text, start + width * news.share)
