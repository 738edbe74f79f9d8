"""Judging what came in: everything the watch can say before any outcome is known."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from mainstay.monitoring import drift, health, novelty, relation, season
from mainstay.monitoring.look import Judgement, Look, iso_us, look
from mainstay.monitoring.yardstick import Yardstick

CODES = frozenset(
    {
        drift.DRIFT,
        drift.SCORE_MOVED,
        relation.RELATION,
        season.SEASON,
        season.CLOCK,
        season.THIN,
        novelty.UNSEEN,
        novelty.ALIVE,
        novelty.MISSING,
        novelty.RANGE,
        health.SILENCE,
        health.FAULTS,
        health.MODEL_FAILS,
        health.REPAIRS,
        health.FEW,
    }
)


def judge(
    yardstick: Yardstick,
    cells: pl.DataFrame,
    *,
    at: datetime,
    faults: pl.DataFrame | None = None,
    since: datetime | None = None,
) -> Judgement:
    """Judge inputs, scores and traffic of one version by what was known at a moment.

    `cells` are those of the version (see `count.count`), `faults` its input faults (`at`, `field`, `code`, `n`,
    `refused`). Each period that has ended is judged, thin ones together with the next; one that still runs only for
    what the reference never had. All false alarms together stay within the brief's promise: `look` tells how it is
    spent, and every limit is shared evenly over all that is watched (Bonferroni). Same in, same out. `since`, the
    moment of an earlier look, spares telling again of what had ended by then.
    """
    return judge_seen(look(yardstick, cells, at=at, since=since), faults)


def judge_seen(seen: Look, faults: pl.DataFrame | None = None) -> Judgement:
    """Judge what a look has gathered; as `judge`."""
    reported = faults if faults is not None else pl.DataFrame()
    crept = drift.gathered(seen)
    said = [
        *drift.drift(seen, crept),
        *relation.relations(seen, crept),
        *season.unseen_season(seen),
        *season.clocks(seen),
        *season.thin_reference(seen),
        *novelty.novelties(seen),
        *health.silence(seen),
        *health.too_few(seen),
        *health.faults(seen, reported),
        *health.failures(seen, reported),
        *health.repairs(seen),
    ]
    looked = tuple(map(iso_us, seen.done.starts))
    return Judgement(tuple(said), looked, CODES, told=looked[seen.told] if seen.told else "")
