"""What the watch says beside inputs and outcomes: groups, how the service runs, who acts, and our own acts."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from mainstay.domain.life import Life
from mainstay.monitoring.adoption import judge_adoption
from mainstay.monitoring.earlier_causes import with_earlier_causes
from mainstay.monitoring.ended import ended, ripe
from mainstay.monitoring.groups import judge_groups
from mainstay.monitoring.look import Judgement
from mainstay.monitoring.own_acts import judge_own_acts
from mainstay.monitoring.performance import VALUE_FELL
from mainstay.monitoring.running import Machine, judge_running
from mainstay.store.clock import now
from mainstay.store.home import Home
from mainstay.store.machine import room
from mainstay.store.starts import starts
from mainstay.workflows.counting import Watched

NOW = timedelta(minutes=10)  # a moment so near is now: of an earlier one nobody knows how full the disk was
LEAST_BYTES, LEAST_SHARE = 1 << 30, 0.05  # of the disk, as the doctor wants it


def with_people(
    watched: Watched, life: Life, cells: pl.DataFrame, judgements: tuple[Judgement, ...], *, at: datetime
) -> tuple[Judgement, ...]:
    """Return the judgements of the live version with those on people added, and with the causes that are known now."""
    assert life.live is not None
    kept = watched.kept(life.live)
    known = ended(kept.reference, cells, at=at)
    due = ripe(known, kept.brief, at=at)
    said = list(judgements)
    place = next((i for i, each in enumerate(said) if VALUE_FELL in each.codes), None)
    if place is not None:
        said[place], acts = judge_own_acts(
            kept.measure, due, said[place], brief=kept.brief, n_decided=int(known.rows.sum())
        )
        said.append(acts)
    machine = machine_of(watched.home, at=at)
    running = judge_running(kept.measure, known, brief=kept.brief, at=at, dated=kept.dated, machine=machine)
    adoption = judge_adoption(kept.measure, known, brief=kept.brief, live_since=life.live_since, at=at)
    return with_earlier_causes([*said, running, adoption, *judge_groups(kept.measure, known, due, brief=kept.brief)])


def machine_of(home: Home, *, at: datetime) -> Machine:
    """Return what the machine tells: starts of workers, and room on the disk if the moment is now."""
    began = [(start.at_us, start.service) for start in starts(home.root)]
    if abs(now() - at) > NOW:
        return Machine(began)
    has = room(home.root)
    return Machine(began, has.free, max(LEAST_BYTES, LEAST_SHARE * has.total))
