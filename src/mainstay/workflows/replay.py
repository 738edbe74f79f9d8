"""Living through a past table as if it were happening: the real rooms, the real spool, a virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np

from mainstay.domain.evaluation import Summary
from mainstay.domain.event import Act
from mainstay.domain.moments import iso
from mainstay.domain.version import parse_version
from mainstay.monitoring.periods import to_us
from mainstay.monitoring.retrospect import metrics, money
from mainstay.store.project import Project
from mainstay.store.sources import read_table
from mainstay.store.throwaway import throwaway_project
from mainstay.workflows.live import deploy
from mainstay.workflows.living import Life, Lived, answer, answered, begin, learn, nothing_yet, periods_of
from mainstay.workflows.past import Future, after, before, timeline
from mainstay.workflows.replayed import Noticed, Replayed, ReplayPeriod
from mainstay.workflows.route import load_service
from mainstay.workflows.train import train
from mainstay.workflows.watch import open_watch, reference_of, tick

OnProgress = Callable[[str, float], None]
TRAINING_SHARE = 0.2  # of the whole work, for the progress bar
REPLAYER = "replay"


def replay(
    project: Project, table: Path, *, train_until: datetime, seed: int = 0, on_progress: OnProgress = lambda _, __: None
) -> Replayed:
    """Train on what was known at `train_until`, then live through the rest of the table, a look after every period.

    Everything happens in a home that is thrown away afterwards; `record` tells the project's own ledger.
    """
    line = timeline(read_table(table), project.brief)
    rows = before(line, train_until, project.brief)
    with throwaway_project(project.text, rows) as past:
        told = _scaled(on_progress, TRAINING_SHARE)
        summary = train(past, seed=seed, actor=REPLAYER, at=train_until, on_progress=told)
        version = parse_version(summary.version)
        deploy(past.home, version, actor=REPLAYER, at=train_until, override=True, why="a replay lives with it")
        service = load_service(past.home, version)
        future = after(line, train_until, brief=project.brief, schema=service.schema)
        silent = project.brief.data.no_outcome_means == "negative"
        watched = open_watch(past.home, version.model)
        life = begin(watched, service, reference_of(watched, version), silence_is_negative=silent)
        return _live_through(life, future, summary, train_until, on_progress)


def record(project: Project, replayed: Replayed, *, actor: str, at: datetime) -> None:
    """Write the one event of a replay into the project's own ledger."""
    body = {
        "train_until": iso(replayed.train_until),
        "decisions": replayed.decisions,
        "signals": len(replayed.signals),
        "value": {name: estimate.value for name, estimate in replayed.value.items()},
    }
    project.home.ledger.append(project.model, Act.REPLAYED, body, actor=actor, at=at)


def _live_through(life: Life, future: Future, summary: Summary, until: datetime, on_progress: OnProgress) -> Replayed:
    lived = nothing_yet(future)
    noticed: dict[str, Noticed] = {}
    periods = []
    cuts = list(periods_of(future, life, until))
    learned_us = to_us(until)
    for number, (start, end) in enumerate(cuts, start=1):
        first, last = np.searchsorted(future.at_us, [to_us(start), to_us(end)]).tolist()
        answer(life, future, range(first, last), lived)
        learn(life, future, lived, after_us=learned_us, until_us=to_us(end))
        learned_us = to_us(end)
        opened = _look(life, noticed, end)
        periods.append(_judged(future, lived, (start, end), (first, last), opened))
        share = TRAINING_SHARE + (1 - TRAINING_SHARE) * number / len(cuts)
        on_progress(f"lived to {end:%Y-%m-%d}, {len(noticed)} signals so far", share)
    every = answered(future, lived, np.ones(future.at_us.size, dtype=bool))
    return Replayed(
        model=life.service.model,
        summary=summary,
        train_until=until,
        periods=tuple(periods),
        signals=tuple(noticed.values()),
        metrics=metrics(every),
        value=money(every),
        decisions=int(lived.answered.sum()),
    )


def _look(life: Life, noticed: dict[str, Noticed], at: datetime) -> tuple[str, ...]:
    """Look at the end of a period, and return the ids of signals that were not there before."""
    home, model = life.watched.home, life.service.model
    tick(life.watched, at=at)
    opened = []
    for signal in home.ledger.life(model).signals.values():
        if signal.id not in noticed:
            opened.append(signal.id)
        first = noticed[signal.id].noticed_at if signal.id in noticed else at
        noticed[signal.id] = Noticed(signal, first)
    return tuple(opened)


def _judged(
    future: Future, lived: Lived, period: tuple[datetime, datetime], rows: tuple[int, int], opened: tuple[str, ...]
) -> ReplayPeriod:
    inside = np.zeros(future.at_us.size, dtype=bool)
    inside[rows[0] : rows[1]] = True
    judged = answered(future, lived, inside)
    decisions = int(lived.answered[inside].sum())
    return ReplayPeriod(*period, decisions, metrics(judged), money(judged), opened)


def _scaled(on_progress: OnProgress, share: float) -> OnProgress:
    return lambda what, done: on_progress(what, done * share)
