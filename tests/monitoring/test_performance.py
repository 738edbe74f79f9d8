"""Ripe cohorts are judged, early ones are not; a concept that turns is seen, a calm one is left in peace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from tests.monitoring.watching import midnight_after
from tests.monitoring.worlds import brief, decisions, reference_of, same_columns, schema_of, seconds, used

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Verdict
from mainstay.domain.signature import OUTCOME
from mainstay.monitoring.cells import add
from mainstay.monitoring.cohorts import cohorts, money, pooled, roc_auc, together
from mainstay.monitoring.count import count
from mainstay.monitoring.look import Judgement
from mainstay.monitoring.outcomes import count_outcomes
from mainstay.monitoring.performance import (
    CALIBRATION,
    LABELS_LATE,
    NO_LABELS,
    PERFORMANCE_FELL,
    VALUE_FELL,
    judge_outcomes,
)
from mainstay.monitoring.reference import Scored, build_reference
from mainstay.monitoring.worth import with_worth
from mainstay.monitoring.yardstick import Yardstick, learn
from mainstay.simulation.streams import Stream, clean_stream, with_change

DELAY = timedelta(days=20)
BEGUN = 100


@dataclass(frozen=True)
class Life:
    """Decisions with their outcomes, all counted."""

    yardstick: Yardstick
    brief: Brief
    rows: pl.DataFrame
    cells: pl.DataFrame
    promised: dict[str, Estimate]

    def judged(self, *, at: datetime | None = None) -> Judgement:
        moment = at or midnight_after(self.rows) + DELAY
        return judge_outcomes(self.yardstick, self.cells, brief=self.brief, promised=self.promised, at=moment)


def life(
    stream: Stream, *, scores: np.ndarray | None = None, come: np.ndarray | None = None, is_rule: bool = False
) -> Life:
    split = int(np.searchsorted(stream.drawn.day, BEGUN))
    given = stream.true_probability if scores is None else scores
    schema, told = schema_of(stream.rows[:split]), brief(delay="20d", watch='period = "2d"')
    before = stream.rows["outcome"].to_numpy()[:split]
    if is_rule:
        fair = np.where(np.arange(split) < split // 2, np.nan, given[:split])
        said = Scored(fair, measured={OUTCOME: np.where(np.isnan(fair), np.nan, before)})
        inputs, moments = used(stream.rows[:split], schema), seconds(stream.rows[:split])
        reference = build_reference(inputs, said, moments, schema=schema, brief=told, seed=1)
    else:
        reference = reference_of(stream.rows[:split], given[:split], schema, told)
    rows = with_worth(decisions(stream.rows[split:], given[split:]), told, columns=same_columns(schema))
    rows = rows.with_columns(learned=pl.col("at") + DELAY, sign=pl.lit(1))
    known = rows if come is None else rows.filter(pl.Series(come[split:]))
    cells = add([count(rows, reference, columns=same_columns(schema)), count_outcomes(known, reference)])
    earned = np.where(given[:split] >= 0.5, np.where(before == 1, 10.0, -2.0), 0.0)
    promised = {
        "value": Estimate(float(earned.mean())),
        "roc_auc": Estimate(float(roc_auc_score(before, given[:split]))),
    }
    return Life(learn(reference, told), told, rows, cells, promised)


def stream(seed: int = 31, rows: int = 150) -> Stream:
    return clean_stream(seed=seed, days=BEGUN + 120, rows_per_day=rows, n_numbers=6, n_categories=3)


def turned(size: float = 1.0, seed: int = 31) -> Life:
    """A model that was right until the concept turned on day 40; it keeps giving the scores of the old concept."""
    calm = stream(seed)
    return life(with_change(calm, "concept", at_day=BEGUN + 40, size=size), scores=calm.true_probability)


@pytest.mark.parametrize("seed", [31, 32, 33])
def test_a_calm_model_is_left_in_peace(seed: int) -> None:
    assert life(stream(seed)).judged().judged == ()


def test_a_turned_concept_is_seen_when_ripe_and_its_beginning_named() -> None:
    seen = turned()
    change = seen.rows["at"][0].replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=40)
    assert seen.judged(at=change + DELAY).judged == ()
    codes = {each.finding.code for each in seen.judged(at=change + DELAY + timedelta(days=10)).judged}
    assert {VALUE_FELL, PERFORMANCE_FELL} <= codes
    fell = next(each for each in seen.judged().judged if each.finding.code == VALUE_FELL)
    assert abs(datetime.fromisoformat(fell.start) - change) <= timedelta(days=4)
    assert fell.finding.low is not None
    assert fell.finding.high is not None
    assert fell.finding.limit is not None
    assert fell.finding.low < fell.finding.measured < fell.finding.high < fell.finding.limit  # type: ignore[operator]


def test_a_small_turn_takes_longer_and_is_still_seen() -> None:
    assert {each.finding.code for each in turned(0.3).judged().judged} & {VALUE_FELL, PERFORMANCE_FELL}


def test_scores_that_mean_too_much_are_told_apart_from_ranking() -> None:
    calm = stream()
    given = calm.true_probability
    odds = np.log(given / (1 - given)) - np.where(calm.drawn.day >= BEGUN, 0.8, 0.0)
    found = life(calm, scores=1 / (1 + np.exp(-odds))).judged().judged
    assert {each.finding.code for each in found} == {CALIBRATION}
    assert found[0].finding.verdict is Verdict.WARN


@pytest.mark.parametrize("seed", [31, 32, 33])
def test_a_rule_says_yes_and_no_and_is_not_blamed_for_not_being_sure(seed: int) -> None:
    calm = stream(seed)
    says = (calm.true_probability >= 0.5).astype(float)
    assert life(calm, scores=says, is_rule=True).judged().judged == ()
    turned = life(with_change(calm, "concept", at_day=BEGUN + 40, size=1.0), scores=says, is_rule=True)
    assert VALUE_FELL in {each.finding.code for each in turned.judged().judged}


def test_early_outcomes_are_not_judged() -> None:
    seen = turned()
    early = seen.judged(at=seen.rows["at"][0] + DELAY)
    assert early.judged == ()
    assert early.looked == ()


def test_as_known_at_leaves_out_what_was_learned_later() -> None:
    seen = turned()
    at = midnight_after(seen.rows) - timedelta(days=30)
    known = seen.cells.filter(pl.col("learned").is_null() | (pl.col("learned") <= at))
    assert judge_outcomes(seen.yardstick, known, brief=seen.brief, promised=seen.promised, at=at) == seen.judged(at=at)


def test_outcomes_that_stop_coming_are_told() -> None:
    calm = stream()
    found = life(calm, come=calm.drawn.day < BEGUN + 60).judged().judged
    assert {each.finding.code for each in found} == {LABELS_LATE}
    assert {each.cause for each in found} == {"label pipe"}


def test_no_outcome_at_all_is_said_not_passed() -> None:
    calm = stream()
    found = life(calm, come=np.zeros(calm.rows.height, dtype=bool)).judged().judged
    assert [(each.finding.code, each.finding.verdict) for each in found] == [(NO_LABELS, Verdict.UNKNOWN)]


def test_cohorts_tell_what_their_rows_tell() -> None:
    seen = life(stream())
    starts = np.unique(seen.cells["decided"].dt.timestamp("us").to_numpy())
    ends = np.append(starts[1:], starts[-1] + 1)
    n_bins = seen.yardstick.layout.of("score").n_bins
    known = cohorts(seen.cells, starts=starts, ends=ends, n_bins=n_bins)
    one = together(known, slice(None))
    outcome, score = seen.rows["outcome"].to_numpy(), seen.rows["score"].to_numpy()
    area, paid = roc_auc(one), money(one)
    assert area.value == pytest.approx(roc_auc_score(outcome, score), abs=0.003)
    assert area.low is not None
    assert area.low < area.value
    earned = np.where(score >= 0.5, np.where(outcome == 1, 10.0, -2.0), 0.0)
    assert paid.value == pytest.approx(earned.mean())
    error = earned.std() / np.sqrt(earned.size)
    assert paid.low == pytest.approx(earned.mean() - 2.09 * error, abs=1.2 * error)
    thick = pooled(known, at_least=1000)
    assert thick.came.min() >= 1000
    assert thick.starts[0] == starts[0]
    assert pooled(known, at_least=10**9).starts.size == 0
