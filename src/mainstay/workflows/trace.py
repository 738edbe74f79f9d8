"""Following a gap between groups back to the rows that a version learned from, their labels and the inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from mainstay.data.coerce import coerce
from mainstay.data.outcome import outcomes
from mainstay.domain.errors import MainstayError, NotFound, Refused
from mainstay.domain.evaluation import read_summary
from mainstay.domain.finding import Signal
from mainstay.domain.moments import parse_moment
from mainstay.domain.signature import input_subject
from mainstay.monitoring.bins import place
from mainstay.monitoring.gap_trace import TracedGroup, TracedInput, traced_groups, traced_inputs
from mainstay.monitoring.periods import to_us
from mainstay.monitoring.segments import part_column, partings
from mainstay.store.home import Home
from mainstay.store.snapshots import Snapshots, identity_of
from mainstay.workflows.counting import Kept
from mainstay.workflows.watch import open_watch

__all__ = ["Rows", "Trace", "TracedGroup", "TracedInput", "trace"]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the table that a version was made from: of a group, and of those in the bin of an input."""

    n: int
    n_there: int
    outcome: float
    outcome_there: float


@dataclass(frozen=True, slots=True)
class Trace:
    """A signal about groups, followed back.

    `rows` tells of each input of `inputs` how many rows of the group the version was made from, how many of them lie
    where its decisions now lie, and the mean of their labels; empty where they are no longer kept, with `why_not`.
    """

    signal: Signal
    version: int
    snapshot: str
    groups: tuple[TracedGroup, ...]
    inputs: tuple[TracedInput, ...]
    rows: Mapping[tuple[str, str], Rows]
    why_not: str = ""


def trace(home: Home, model: str, id_: str, *, at: datetime) -> Trace:
    """Follow a gap back; raises `NotFound` for an unknown signal, and `Refused` where it is not about groups."""
    life = home.ledger.life(model, at=at)
    if id_ not in life.signals or life.live is None:
        known = ", ".join(list(life.signals)[-12:]) or "none yet"
        raise NotFound(f"{model} has no signal {id_!r}, or no live version", remedy=f"Known: {known}.")
    signal, watched = life.signals[id_], open_watch(home, model)
    kept, version = watched.kept(life.live), life.version(life.live)
    parts = {part for how in partings(kept.reference, kept.segments) for part in how.parts}
    groups = [subject for subject in signal.finding.subjects if subject in parts]
    if not groups:
        what = f"signal {id_} is about {', '.join(signal.finding.subjects) or 'the whole'}, and no group to follow"
        raise Refused(what, remedy=f"Show it instead: mainstay signals show {id_}")

    cells = watched.journal.cells(known_at=at, version=life.live)
    since_us = to_us(parse_moment(signal.since))
    words = kept.brief.decision.when_high, kept.brief.decision.when_low
    told = traced_groups(cells, kept.reference, groups, since_us=since_us, words=words)
    personal = {each.name for each in kept.schema.admitted if each.personal}
    inputs = traced_inputs(cells, kept.reference, groups, since_us=since_us, withheld=personal)
    assert version is not None
    snapshot = read_summary(version.summary).snapshot
    try:
        rows, why_not = _rows(home, kept, snapshot, inputs), ""
    except MainstayError as error:
        rows, why_not = {}, error.what
    return Trace(signal, life.live, snapshot, told, inputs, rows, why_not)


def _rows(home: Home, kept: Kept, snapshot: str, inputs: tuple[TracedInput, ...]) -> dict[tuple[str, str], Rows]:
    """Count the rows that the version was made from, as it read them."""
    table = Snapshots(home).rows(identity_of(snapshot))
    known = outcomes(table, kept.brief)
    used, came = coerce(table.filter(known.kept), kept.schema).used, known.values[known.kept]
    part_of: dict[str, pl.Series] = {}
    for how in partings(kept.reference, kept.segments):
        if any(each.group in how.parts for each in inputs):
            part = part_column(used[how.name], kept.reference, how)
            part_of |= dict.fromkeys(how.parts, part)
    found = {}
    for each in inputs:
        own = (part_of[each.group] == each.group).to_numpy()
        bins = kept.reference.bins_of(input_subject(each.name))
        there = own & (place(used[each.name], bins) == each.bin_)
        found[each.group, each.name] = Rows(
            int(np.count_nonzero(own)), int(np.count_nonzero(there)), _mean(came[own]), _mean(came[there])
        )
    return found


def _mean(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    return float(values.mean()) if values.size else float("nan")
