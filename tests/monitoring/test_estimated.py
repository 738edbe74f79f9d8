"""Estimates hold what comes true as often as they say, and withdraw once ripe outcomes contradict them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from tests.monitoring.watching import midnight_after
from tests.monitoring.worlds import brief, decisions, reference_of, same_columns, schema_of

from mainstay.domain.brief import Brief
from mainstay.domain.estimates import Estimates
from mainstay.domain.evaluation import Estimate
from mainstay.monitoring.cells import add
from mainstay.monitoring.count import count
from mainstay.monitoring.estimated import estimates
from mainstay.monitoring.foretold import count_foretold
from mainstay.monitoring.outcomes import count_outcomes
from mainstay.monitoring.worth import with_right, with_worth
from mainstay.monitoring.yardstick import Yardstick, learn
from mainstay.simulation.streams import Stream, clean_stream, with_change

DELAY = timedelta(days=20)
BEGUN = 100
METRICS = ("roc_auc", "accuracy", "brier_score", "value", "value_of_never", "value_ahead")


@dataclass(frozen=True)
class Life:
    """Decisions with their outcomes, all counted."""

    yardstick: Yardstick
    brief: Brief
    rows: pl.DataFrame
    cells: pl.DataFrame

    def known(self, *, at: datetime | None = None) -> Estimates:
        moment = at or midnight_after(self.rows) + DELAY
        promised = {"value": Estimate(1.0)}
        return estimates(self.yardstick, self.cells, brief=self.brief, promised=promised, version="m/1", at=moment)


def life(stream: Stream, scores: np.ndarray) -> Life:
    split = int(np.searchsorted(stream.drawn.day, BEGUN))
    schema, told = schema_of(stream.rows[:split]), brief(delay="20d", watch='period = "2d"')
    reference = reference_of(stream.rows[:split], scores[:split], schema, told)
    decided = decisions(stream.rows[split:], scores[split:])
    columns = same_columns(schema)
    rows = with_right(with_worth(decided, told, columns=columns), told)
    rows = rows.with_columns(learned=pl.col("at") + DELAY, sign=pl.lit(1))
    cells = add(
        [
            count(decided, reference, columns=columns),
            count_foretold(decided, reference, told, columns=columns),
            count_outcomes(rows, reference),
        ]
    )
    return Life(learn(reference, told), told, rows, cells)


@pytest.fixture(scope="module")
def calm() -> Life:
    stream = clean_stream(seed=31, days=BEGUN + 300, rows_per_day=150, n_numbers=3, n_categories=1)
    return life(stream, stream.true_probability)


def test_nine_of_ten_realised_numbers_lie_within_their_interval(calm: Life) -> None:
    known = calm.known()
    record = {each.metric: each for each in known.record}
    assert set(METRICS) <= set(record)
    assert {each.ripe for each in record.values()} == {150}
    within = sum(record[name].within for name in METRICS) / sum(record[name].ripe for name in METRICS)
    assert 0.86 <= within <= 0.94
    assert known.withdrawn == ""
    assert not any(period.withdrawn for period in known.periods)


def test_an_estimate_is_there_before_any_outcome_and_stays_what_it_was(calm: Life) -> None:
    early = calm.rows["at"][0].replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=10)
    before, after = calm.known(at=early), calm.known()
    assert before.record == ()
    assert all(not period.realised and period.ripe_share == 0.0 for period in before.periods)
    assert [p.estimated for p in before.periods] == [p.estimated for p in after.periods[: len(before.periods)]]
    assert after.periods[0].ripe_share == 1.0


def test_realised_numbers_are_those_of_the_rows(calm: Life) -> None:
    period = calm.known().periods[3]
    rows = calm.rows.filter(pl.col("at").is_between(*map(pl.lit, _bounds(period.start, period.end)), closed="left"))
    happened, scores = rows["outcome"].to_numpy(), rows["score"].to_numpy()
    high = rows["decision"].to_numpy() == "yes"
    assert period.decisions == rows.height
    assert period.realised["roc_auc"].value == pytest.approx(roc_auc_score(happened, scores), abs=0.003)
    assert period.realised["brier_score"].value == pytest.approx(np.mean((happened - scores) ** 2))
    assert period.realised["accuracy"].value == pytest.approx(np.mean(high == happened))
    assert period.realised["value"].value == pytest.approx(np.mean(high * np.where(happened == 1, 10.0, -2.0)))
    assert period.realised["value_of_never"].value == 0.0
    assert period.estimated["value"].value == pytest.approx(np.mean(high * (scores * 10 - (1 - scores) * 2)), abs=1e-9)


def test_a_turned_concept_withdraws_the_estimate_once_it_is_ripe() -> None:
    stream = clean_stream(seed=31, days=BEGUN + 120, rows_per_day=150, n_numbers=3, n_categories=1)
    turned = life(with_change(stream, "concept", at_day=BEGUN + 40, size=1.0), stream.true_probability)
    change = turned.rows["at"][0].replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=40)
    blind, seen = turned.known(at=change + DELAY), turned.known(at=change + DELAY + timedelta(days=10))
    assert blind.withdrawn == ""
    assert "contradict" in seen.withdrawn
    assert seen.since is not None
    assert abs(datetime.fromisoformat(seen.since) - change) <= timedelta(days=4)
    told = [bool(period.withdrawn) for period in seen.periods]
    assert told == sorted(told)
    assert not told[15]


def test_scores_that_the_reference_hardly_knows_withdraw_the_estimate() -> None:
    stream = clean_stream(seed=33, days=BEGUN + 20, rows_per_day=150, n_numbers=3, n_categories=1)
    scores = stream.true_probability.copy()
    scores[stream.drawn.day >= BEGUN + 10] = 0.999
    seen = life(stream, scores)
    known = seen.known(at=midnight_after(seen.rows))
    assert [bool(period.withdrawn) for period in known.periods] == [False] * 5 + [True] * 5
    assert "reference" in known.withdrawn


def _bounds(start: str, end: str) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(start), datetime.fromisoformat(end)
