"""The watch: ingest what came, count what is new, judge what is known, and write down what changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
import polars as pl

from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Signal
from mainstay.domain.life import Life
from mainstay.domain.moments import parse_moment, period_end
from mainstay.domain.signature import ReferenceSignature
from mainstay.domain.version import VersionName
from mainstay.monitoring.cells import add
from mainstay.monitoring.first_seen import first_seen
from mainstay.monitoring.joint import JOINT, judge_jointly, sampled_inputs
from mainstay.monitoring.judge import judge_seen
from mainstay.monitoring.look import Judgement, look
from mainstay.monitoring.performance import judge_outcomes
from mainstay.monitoring.signals import Change, changes
from mainstay.store.home import Home
from mainstay.store.ingest import Ingested, ingest
from mainstay.store.journal import Journal
from mainstay.store.turns import turn
from mainstay.workflows.acted import count_acted
from mainstay.workflows.counting import Watched, count_decisions, count_outcomes_learned, imply_outcomes
from mainstay.workflows.estimates import promised
from mainstay.workflows.people import with_people
from mainstay.workflows.sampling import samples

WATCHER = "watch"


class Counting(Protocol):
    """What counts decisions that came since the last count, as known at a moment, and returns how many."""

    def __call__(self, watched: Watched, *, at: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class Tick:
    """What one look brought. `judged` is false where nothing is live or no period has ended yet."""

    model: str
    at: datetime
    ingested: dict[str, int]
    signals: tuple[Signal, ...]
    judged: bool


def open_watch(home: Home, model: str) -> Watched:
    """Open a model for one look or many; what is read once is kept."""
    return Watched(home, model, Journal(home, model))


def tick(watched: Watched, *, at: datetime, counting: Counting = count_decisions) -> Tick:
    """Look once, as known at a moment. Idempotent: the same moment again changes nothing; two at once take turns.

    `counting` counts decisions, here or elsewhere.
    """
    with turn(watched.home, watched.model):
        life = watched.home.ledger.life(watched.model)
        moved = gather(watched, life, at=at, counting=counting)
        judged = _judge(watched, life, at=at)
    signals = watched.home.ledger.life(watched.model).signals_at(at)
    return Tick(watched.model, at, moved, signals, judged)


def gather(watched: Watched, life: Life, *, at: datetime, counting: Counting = count_decisions) -> dict[str, int]:
    """Move the spool into the journal and count what is new; return how much of what came."""
    moved = ingest(watched.home, watched.model, at=at, journal=watched.journal)
    silent = imply_outcomes(watched, life.live, at=at) if life.live is not None else 0
    if silent:
        moved = _added(moved, ingest(watched.home, watched.model, at=at, journal=watched.journal))
    counting(watched, at=at)
    count_outcomes_learned(watched, at=at)
    count_acted(watched, at=at)
    watched.journal.fold_cells(add, at=at)
    return asdict(moved)


def reference_of(watched: Watched, version: VersionName) -> ReferenceSignature:
    """Return what a version is compared with."""
    return watched.kept(version.number).reference


def _judge(watched: Watched, life: Life, *, at: datetime) -> bool:
    if life.live is None:
        return False
    kept = watched.kept(life.live)
    cells = watched.journal.plain_cells(life.live, known_at=at)
    faults = watched.journal.faults(until=at).filter(pl.col("version") == life.live)
    seen = look(kept.measure, cells, at=at)
    said = judge_seen(seen, faults)
    drawn = samples(watched, life.live, seen, is_told=any(s.finding.code == JOINT for s in life.open_signals))
    judgements = (
        said,
        judge_jointly(seen, said, drawn, sampled_inputs(kept.measure, kept.schema)),
        judge_outcomes(kept.measure, cells, brief=kept.brief, promised=promised(life), at=at),
    )
    _record(watched, life, with_people(watched, life, cells, judgements, at=at), at=at)
    return any(each.looked for each in judgements)


def _record(watched: Watched, life: Life, judgements: tuple[Judgement, ...], *, at: datetime) -> None:
    """Keep what is new of the judgements in the journal, and changes of signals in the ledger."""
    assert life.live is not None
    for end, findings in _by_end(judgements).items():
        watched.journal.append_judgement(life.live, parse_moment(end), findings, at=at)
    changed = changes(life.signals, judgements)
    if changed:
        acts = [(Act(change.act), _dated(watched, life.live, change)) for change in changed]
        watched.home.ledger.extend(watched.model, acts, actor=WATCHER, at=at)


def _dated(watched: Watched, version: int, change: Change) -> dict[str, Any]:
    """Say of a new signal on which day of its first period it began, where rows tell."""
    if change.act is not Act.SIGNAL_OPENED:
        return change.body
    kept, signal = watched.kept(version), msgspec.convert(change.body["signal"], Signal)
    since = parse_moment(signal.since)
    until = period_end(since, timedelta(seconds=kept.reference.period_s), time_zone=kept.reference.time_zone)
    rows = watched.journal.decisions(since=since, until=until)
    began = first_seen(signal, rows, kept.reference, columns=kept.columns)
    return {"signal": msgspec.to_builtins(msgspec.structs.replace(signal, since=began))}


def _by_end(judgements: tuple[Judgement, ...]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for judged in sorted((j for each in judgements for j in each.judged), key=lambda j: j.end):
        found.setdefault(judged.end, []).append(judged.finding)
    return found


def _added(first: Ingested, second: Ingested) -> Ingested:
    return Ingested(*(a + b for a, b in zip(asdict(first).values(), asdict(second).values(), strict=True)))
