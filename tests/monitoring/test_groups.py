"""Gaps between protected groups are told when they widen, and not when nothing does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import msgspec
import numpy as np
import polars as pl
import pytest
from tests.monitoring.watching import midnight_after
from tests.monitoring.worlds import brief, decisions, reference_of, same_columns, schema_of

from mainstay.domain.brief import Brief
from mainstay.domain.brief.parts import FairnessPart
from mainstay.domain.finding import Verdict
from mainstay.domain.task import Task
from mainstay.monitoring.cells import add
from mainstay.monitoring.count import count
from mainstay.monitoring.ended import ended, ripe
from mainstay.monitoring.group_reference import reference_groups
from mainstay.monitoring.group_sums import Known, carried
from mainstay.monitoring.groups import NOT_SENT, OUTCOME_GAP, SELECTION_GAP, THIN, judge_groups
from mainstay.monitoring.look import Judgement
from mainstay.monitoring.outcomes import count_outcomes
from mainstay.monitoring.worth import with_worth
from mainstay.monitoring.yardstick import Yardstick, learn
from mainstay.simulation.streams import Stream, clean_stream

BEGUN, CHANGED, DAYS = 60, 30, 80  # days of reference, then days until the change, and all days watched
COLUMN, THRESHOLD = "category_1", 0.3
DELAY = timedelta(days=5)


@dataclass(frozen=True)
class Watching:
    """Decisions of a stream under watch, the gaps of its groups among them."""

    yardstick: Yardstick
    brief: Brief
    cells: pl.DataFrame
    end: datetime

    def judged(self, *, at: datetime | None = None, told: Brief | None = None) -> tuple[Judgement, Judgement]:
        moment = at or self.end + DELAY
        known = ended(self.yardstick.reference, self.cells, at=moment)
        said = told or self.brief
        return judge_groups(self.yardstick, known, ripe(known, said, at=moment), brief=said)

    def codes(self) -> set[str]:
        return {each.finding.code for judgement in self.judged() for each in judgement.judged}


def asked() -> Brief:
    said = brief(delay="5d", watch='period = "2d"')
    return said.model_copy(update={"data": said.data.model_copy(update={"protected": (COLUMN,)})})


def money(score: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    return np.where(score >= THRESHOLD, np.where(outcome == 1, 10.0, -2.0), 0.0)


def watching(
    stream: Stream, scores: np.ndarray, *, outcomes: np.ndarray | None = None, table: pl.DataFrame | None = None
) -> Watching:
    rows, said = stream.rows if table is None else table, asked()
    came = stream.rows["outcome"].to_numpy().astype(float) if outcomes is None else outcomes
    split = int(np.searchsorted(stream.drawn.day, BEGUN))
    schema = schema_of(stream.rows[:split])
    bare = reference_of(stream.rows[:split], scores[:split], schema, said)
    known = Known(
        Task.BINARY,
        came[:split],
        scores[:split],
        is_high=(scores[:split] >= THRESHOLD).astype(float),
        money=money(scores[:split], came[:split]),
    )
    fair = np.arange(split) >= split // 2
    told = {name: (value, weight * fair) for name, (value, weight) in carried(known).items()}
    groups = reference_groups(stream.rows[:split], told, came[:split], is_learned=~fair, reference=bare, brief=said)
    reference = msgspec.structs.replace(bare, groups=groups)
    words = pl.Series(np.where(scores >= THRESHOLD, "yes", "no"))
    decided = decisions(rows, scores).with_columns(decision=words, outcome=pl.Series(came))[split:]
    worth = with_worth(decided, said, columns=same_columns(schema))
    later = worth.with_columns(learned=pl.col("at") + DELAY, sign=pl.lit(1))
    counted = count(decided, reference, columns=same_columns(schema), segments=[COLUMN])
    cells = add([counted, count_outcomes(later, reference, segments={COLUMN: COLUMN})])
    return Watching(learn(reference, said), said, cells, midnight_after(decided))


@cache
def stream(seed: int) -> Stream:
    return clean_stream(seed=seed, days=BEGUN + DAYS, rows_per_day=150, n_numbers=4, n_categories=1)


def late(calm: Stream, level: str) -> np.ndarray:
    """Rows of a group after the change."""
    return (calm.drawn.day >= BEGUN + CHANGED) & (calm.rows[COLUMN] == level).to_numpy()


def moved(scores: np.ndarray, where: np.ndarray, by: float) -> np.ndarray:
    odds = np.log(scores / (1 - scores)) + by * where
    return 1 / (1 + np.exp(-odds))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_groups_that_stay_as_they_were_are_left_in_peace(seed: int) -> None:
    calm = stream(seed)
    assert watching(calm, calm.true_probability).codes() == set()


def test_a_group_that_is_decided_otherwise_is_told_at_once_and_by_name() -> None:
    calm = stream(1)
    seen = watching(calm, moved(calm.true_probability, late(calm, "b"), -2.5))
    decided, came = seen.judged()
    first = min(decided.judged, key=lambda each: each.end)
    assert first.finding.code == SELECTION_GAP
    assert first.finding.verdict is Verdict.WARN
    assert f"{COLUMN}=b" in first.finding.subjects
    changed = calm.rows["at"].dt.date()[int(np.searchsorted(calm.drawn.day, BEGUN + CHANGED))]
    assert abs((datetime.fromisoformat(first.start).date() - changed).days) <= 4
    assert (datetime.fromisoformat(first.end).date() - changed).days <= 28
    assert first.finding.low is not None
    assert first.finding.limit is not None
    assert first.finding.low > first.finding.limit
    assert {each.finding.code for each in came.judged} == {OUTCOME_GAP}


def test_what_outcomes_say_of_groups_waits_until_they_are_ripe() -> None:
    calm = stream(2)
    came = calm.rows["outcome"].to_numpy().astype(float)
    turned = np.where(late(calm, "a"), 1.0 - came, came)
    seen = watching(calm, calm.true_probability, outcomes=turned)
    decided, told = seen.judged()
    assert decided.judged == ()
    assert {each.finding.code for each in told.judged} == {OUTCOME_GAP}
    assert all(f"{COLUMN}=a" in each.finding.subjects for each in told.judged)
    changed = calm.rows["at"][0].replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=BEGUN + CHANGED)
    assert seen.judged(at=changed + DELAY)[1].judged == ()


def test_the_limits_of_the_brief_are_held_against_gaps_that_were_always_there() -> None:
    calm = stream(3)
    seen = watching(calm, moved(calm.true_probability, (calm.rows[COLUMN] == "b").to_numpy(), -1.5))
    assert seen.codes() == set()
    for limits in ({"max_gap": 0.02}, {"max_ratio": 1.1}):
        said = seen.brief.model_copy(update={"fairness": FairnessPart(**limits)})  # type: ignore[arg-type]
        (found, *_), _ = (judgement.judged for judgement in seen.judged(told=said))
        assert found.finding.verdict is Verdict.FAIL
        assert found.finding.limit == next(iter(limits.values()))
    wide = seen.brief.model_copy(update={"fairness": FairnessPart(max_gap=0.9, max_ratio=50)})
    assert [judgement.judged for judgement in seen.judged(told=wide)] == [(), ()]


def test_thin_groups_and_columns_that_nobody_sends_are_unknown() -> None:
    calm = stream(1)
    rare = calm.rows.with_columns(
        pl.when(pl.col(COLUMN) == "b").then(pl.lit("a")).otherwise(pl.col(COLUMN)).alias(COLUMN)
    )
    split = int(np.searchsorted(calm.drawn.day, BEGUN))
    table = pl.concat([calm.rows[:split], rare[split:]])
    seen = watching(calm, calm.true_probability, table=table)
    told = [each.finding for each in seen.judged()[0].judged if each.finding.code == THIN]
    assert [(each.verdict, each.subjects) for each in told] == [(Verdict.UNKNOWN, (f"{COLUMN}=b",))]
    unsent = table.with_columns(pl.when(pl.int_range(pl.len()) < split).then(pl.col(COLUMN)).alias(COLUMN))
    assert watching(calm, calm.true_probability, table=unsent).codes() == {NOT_SENT}
