"""Training: a table becomes a version, with everything that says what it is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from mainstay.bundle.inspect import inspect
from mainstay.data.asked import unanswered
from mainstay.domain.brief import Brief
from mainstay.domain.canonical import digest
from mainstay.domain.cost import priced
from mainstay.domain.evaluation import Cost, Curve, Summary
from mainstay.domain.finding import Finding
from mainstay.domain.progress import News, OnNews
from mainstay.domain.version import VersionName
from mainstay.store.evaluations import NAME, rows_file
from mainstay.store.memory import give_back
from mainstay.store.meter import Meter, used
from mainstay.store.meter import start as start_meter
from mainstay.store.project import Project
from mainstay.store.seals import account_of, sealing
from mainstay.store.versions import NewVersion, add_version
from mainstay.training.board import SEARCH_SHARE
from mainstay.training.compared import sampled
from mainstay.training.curve import Allowance
from mainstay.training.curve_findings import rows_chosen
from mainstay.training.enough import Enough, how_much_is_enough
from mainstay.training.gap import NO_GAP, Gap, affordable, measure_gap
from mainstay.training.prepared import Prepared
from mainstay.training.train import Trained
from mainstay.training.train import train as fit
from mainstay.workflows.holdouts import Opened, open_rows
from mainstay.workflows.looks import Judged, look
from mainstay.workflows.own import own_learner, recipe_facts
from mainstay.workflows.packing import BundleOf, bundle_of, compile_winner
from mainstay.workflows.prepare import Ready
from mainstay.workflows.reading import read_rows
from mainstay.workflows.recipe import Source, source_of
from mainstay.workflows.searched import TRIALS, trials_file
from mainstay.workflows.summary import body_of, summary_of
from mainstay.workflows.wanted import ENOUGH, Wanted, allowance_of, effort_of, require_memory, rows_of, seconds
from mainstay.workflows.weighing import weigher

OnProgress = Callable[[str, float], None]

READ, SEARCHED, PACKED, MEASURED = 0.02, 0.85, 0.9, 0.97  # shares of all progress when each is done
USUAL = Wanted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a training made, before it has a number."""

    opened: Opened
    trained: Trained
    bundle: BundleOf
    gap: Gap
    enough: Enough
    sampled: tuple[Finding, ...]
    recipe: Source | None
    meter: Meter
    n_rows: int | None


def train(
    project: Project, *, seed: int, actor: str, at: datetime, on_progress: OnProgress, wanted: Wanted = USUAL
) -> Summary:
    """Read the brief's table, train on it, and keep the result as a version: all of it, or nothing."""
    meter = start_meter()
    on_progress("reading the table", 0.0)
    opened = _opened(project, seed=seed, actor=actor, at=at)
    give_back()
    made = _make(project, opened, wanted, meter, on_progress)

    def numbered(number: int) -> NewVersion:
        return _version(project, made, number)

    with sealing(project.home):  # looks are counted one after another, whatever name a model goes by
        event = add_version(project.home, project.model, numbered, actor=actor, at=at)
    on_progress("kept", 1.0)
    return msgspec.convert(event.body["summary"], Summary)


def _opened(project: Project, *, seed: int, actor: str, at: datetime) -> Opened:
    """Read and prepare the table; the rows as they came are let go of, as training reads what was prepared."""
    require_memory()
    table = read_rows(project)
    give_back()
    require_memory(int(table.estimated_size()))
    opened = open_rows(project, table, seed=seed, actor=actor, at=at)
    ready = opened.ready
    found = (*_asked(ready, project.brief), *ready.findings)
    return replace(opened, ready=replace(ready, rows=ready.rows.clear(), findings=found))


def _asked(ready: Ready, brief: Brief) -> tuple[Finding, ...]:
    """What the draft of a brief asks, where this brief does not answer and a model would learn from the column."""
    prepared = ready.prepared
    inputs = [field.name for field in prepared.schema.fields]
    return unanswered(ready.rows, prepared.outcomes, brief, task=prepared.task, inputs=inputs)


def _make(project: Project, opened: Opened, wanted: Wanted, meter: Meter, on_progress: OnProgress) -> Made:
    """Search, fit, judge, prove and pack; what is left of the time goes to the learning curve."""
    prepared, recipe = opened.ready.prepared, source_of(project.folder)
    with own_learner(recipe, prepared, ends_s=wanted.ends_s) as own:
        n_rows, curve = rows_of(wanted, prepared)
        effort = effort_of(wanted, prepared, n_rows)
        told = _part(on_progress, wanted.on_news)
        weigh = weigher(prepared, tick=seconds)
        trained = fit(prepared, tick=seconds, effort=effort, on_news=_rested(told), weigh=weigh, own=own)
        give_back()
        on_progress("proving and packing", SEARCHED)
        plan = compile_winner(trained, trained.prepared)
        bundle = bundle_of(trained, trained.prepared, plan, brief=project.text)
        on_progress("parting rows at random and by time", PACKED)
        gap = _gap(trained, wanted)
        on_progress("measuring the learning curve", PACKED)
        enough = _enough(trained, allowance_of(wanted, took_s=used(meter).seconds))
    on_progress("keeping it", MEASURED)
    return Made(
        opened=opened,
        trained=trained,
        bundle=bundle,
        gap=gap,
        enough=enough if wanted.rows != ENOUGH else _without_rows(enough),
        sampled=_learned_from(trained, prepared, wanted, curve),
        recipe=recipe,
        meter=meter,
        n_rows=trained.n_rows,
    )


def _gap(trained: Trained, wanted: Wanted) -> Gap:
    """Measure random against time, with a time limit in half of what is left."""
    if trained.learner is None or trained.stopped == "interrupted":
        return NO_GAP
    seconds_left = None if wanted.ends_s is None else (allowance_of(wanted, took_s=0.0).seconds or 0.0) / 2
    n_rows = affordable(trained.prepared, fit_s=trained.winner.fit_s, seconds=seconds_left)
    return measure_gap(trained.prepared, trained.learner, trained.winner.settings, n_rows=n_rows)


def _enough(trained: Trained, allowance: Allowance) -> Enough:
    if trained.learner is None or trained.stopped:
        return Enough((), ())
    settings = trained.winner.settings
    return how_much_is_enough(trained.prepared, trained.learner, settings, allowance=allowance)


def _learned_from(trained: Trained, prepared: Prepared, wanted: Wanted, curve: Curve | None) -> tuple[Finding, ...]:
    """Say how many rows were learned from, where nobody named their number."""
    n_rows = int(trained.prepared.training.size)
    if wanted.rows is None:
        return sampled(n_rows, prepared.training.size)
    return (rows_chosen(n_rows, curve, prepared),) if wanted.rows == ENOUGH else ()


def _without_rows(enough: Enough) -> Enough:
    """Leave out how many rows are enough: they were chosen by a curve of all rows, not of the few."""
    return Enough(enough.curves, tuple(each for each in enough.findings if each.code != "F11-enough-rows"))


def _version(project: Project, made: Made, number: int) -> NewVersion:
    contents = inspect(made.bundle(VersionName(project.model, number)))
    opened, trained = made.opened, made.trained
    found, snapshot = opened.ready.findings, opened.snapshot.root
    plain = summary_of(contents, trained, made.enough, found=found, snapshot=snapshot, cost=_cost(project, made))
    plain = msgspec.structs.replace(
        plain, splits=made.gap.splits, findings=(*plain.findings, *made.gap.findings, *made.sampled)
    )
    judged = Judged(opened.holdout, opened.ready.split.judged_rows)
    looked = look(plain, judged, account_of(project.home), project.brief, version=number)
    files = rows_file(trained.judgement.rows) | trials_file(trained, n_rows=made.n_rows)
    digests = {"evaluation_digest": digest(files[NAME]), "trials_digest": digest(files[TRIALS])}
    body = body_of(contents, looked.summary, project.brief) | digests | recipe_facts(made.recipe)
    return NewVersion(dict(contents.files), files, body, then=looked.acts)


def _cost(project: Project, made: Made) -> Cost:
    n_labels = made.opened.ready.prepared.used.height
    return priced(used(made.meter), rows=made.opened.snapshot.n_rows, labels=n_labels, costs=project.brief.costs)


def _rested(on_news: OnNews) -> OnNews:
    """Give back what the search let go of before all rows are fitted and judged: that is where most is held."""

    def hear(news: News) -> None:
        if news.share >= SEARCH_SHARE:
            give_back()
        on_news(news)

    return hear


def _part(on_progress: OnProgress, on_news: OnNews) -> OnNews:
    """Tell both of what training says, as a part of everything."""

    def tell(news: News) -> None:
        share = READ + (SEARCHED - READ) * news.share
        on_progress(news.text, share)
        on_news(msgspec.structs.replace(news, share=share))

    return tell
