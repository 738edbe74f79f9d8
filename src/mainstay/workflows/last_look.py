"""Noting what a look brought, for those who ask the service how the model stands: Prometheus, and whoever asks it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import msgspec

from mainstay.domain.estimates import VALUE
from mainstay.domain.evaluation import Estimate
from mainstay.domain.last_look import ESTIMATED, PROMISED, REALISED, LastLook, Money
from mainstay.domain.life import Life
from mainstay.domain.moments import iso, parse_moment, period_start
from mainstay.monitoring.maturity import maturity
from mainstay.monitoring.realised import realised
from mainstay.store.last_looks import read_last_look, write_last_look
from mainstay.workflows.counting import Kept, Watched
from mainstay.workflows.estimates import estimated
from mainstay.workflows.watch import Tick


def note_look(watched: Watched, seen: Tick) -> None:
    """Note a look; what takes counting is counted again only where outcomes came or another period has begun."""
    home, model = watched.home, watched.model
    life, before = home.ledger.life(model), read_last_look(home, model)
    if life.live is None:
        write_last_look(home, model, LastLook(at=iso(seen.at), counted_at=iso(seen.at)))
        return
    kept = watched.kept(life.live)
    if before is not None and _still_holds(before, life.live, kept, seen):
        look = msgspec.structs.replace(before, at=iso(seen.at))
    else:
        look = _counted(watched, life, kept, seen.at)
    judged = watched.journal.judged_through(life.live)
    look = msgspec.structs.replace(look, judged_through=None if judged is None else iso(judged))
    write_last_look(home, model, look)


def _still_holds(before: LastLook, live: int, kept: Kept, seen: Tick) -> bool:
    length, zone = timedelta(seconds=kept.reference.period_s), kept.reference.time_zone
    periods = {period_start(moment, length, time_zone=zone) for moment in (parse_moment(before.counted_at), seen.at)}
    return before.version == live and not seen.ingested.get("outcomes") and len(periods) == 1


def _counted(watched: Watched, life: Life, kept: Kept, at: datetime) -> LastLook:
    cells = watched.journal.cells(known_at=at, version=life.live)
    ripe = maturity(cells, kept.reference, outcome_delay=kept.delay, at=at)
    earned = realised(cells, kept.reference, outcome_delay=kept.delay, at=at)
    value = {} if earned is None else {REALISED: _money(earned.value)}
    foretold = estimated(watched, life, at=at)
    if foretold is not None and VALUE in foretold.promised:
        value[PROMISED] = _money(foretold.promised[VALUE])
    if foretold is not None and not foretold.withdrawn and foretold.last and VALUE in foretold.last.estimated:
        value[ESTIMATED] = _money(foretold.last.estimated[VALUE])
    moment = iso(at)
    return LastLook(at=moment, counted_at=moment, version=life.live, due=ripe.due, came=ripe.came, value=value)


def _money(estimate: Estimate) -> Money:
    low, high = (end if end is not None and math.isfinite(end) else None for end in (estimate.low, estimate.high))
    return Money(estimate.value, low, high)
