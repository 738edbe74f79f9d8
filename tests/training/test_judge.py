"""The one look at the holdout: rows, money and numbers of every task, and what each step bought."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn import metrics
from tests.training.judged import CLASSES, candidates, choice, evidence, judged, matrix, per_unit, prepared, view

from mainstay.domain.plan import Rule
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth
from mainstay.training.candidate import Candidate, View
from mainstay.training.decided import decided
from mainstay.training.judge import gather, judge
from mainstay.training.weight import Weight

FREE = [[1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]


def test_two_outcomes_keep_their_columns() -> None:
    made = prepared(Task.BINARY)
    high = np.where(made.outcomes == 1, 3.0, -1.0)
    made = replace(made, worth=ActionWorth(("no", "yes"), np.column_stack([np.zeros(high.size), high])))
    found = judged(made)
    assert found.rows.columns == ["outcome", "score", "value_high", "value_low"]
    assert found.share_high is not None
    assert found.threshold == 0.5
    decided_high = found.rows["score"].to_numpy() >= 0.5
    assert found.share_high.value == decided_high.mean()
    assert found.value is not None
    assert found.value.value == pytest.approx(np.where(decided_high, found.rows["value_high"], 0.0).mean())


def test_further_value_tables_are_kept_by_name() -> None:
    made = prepared(Task.BINARY)
    high = np.where(made.outcomes == 1, 3.0, -1.0)
    made = replace(made, views={"revenue": ActionWorth(("no", "yes"), np.column_stack([np.zeros(high.size), high]))})
    found = judged(made)
    assert found.rows.columns == ["outcome", "score", "value_high:revenue", "value_low:revenue"]
    assert found.rows["value_high:revenue"].to_list() == np.where(found.rows["outcome"] == 1, 3.0, -1.0).tolist()
    made = prepared(Task.MULTICLASS)
    found = judged(replace(made, views={"revenue": matrix(made.outcomes, FREE)}))
    assert set(found.rows["value:revenue"].unique()) == {1.0, -1.0}


def test_several_classes_are_decided_by_money_and_kept_by_name() -> None:
    made = prepared(Task.MULTICLASS, moments=np.arange(3000.0), segments=pl.DataFrame({"city": ["a", "b"] * 1500}))
    timid = [[1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [0.9, 0.9, 0.9]]  # the third action is nearly always best
    made = replace(made, worth=matrix(made.outcomes, timid))
    found = judged(made)
    assert found.rows.columns == [
        "outcome",
        "decided",
        *(f"score:{name}" for name in CLASSES),
        "value",
        "at",
        "segment:city",
    ]
    assert found.rows["decided"].eq("walk").mean() > 0.9
    assert (found.threshold, found.share_high, found.threshold_interval) == (None, None, None)
    assert found.value is not None
    assert found.value.value == pytest.approx(found.rows["value"].mean())
    came = found.rows["outcome"].to_numpy()
    assert found.metrics["accuracy"].value == pytest.approx((came == found.rows["decided"].to_numpy()).mean())
    shares = found.rows.select(pl.col("^score:.*$")).to_numpy()
    labels = np.searchsorted(CLASSES, came)
    assert found.metrics["log_loss"].value == pytest.approx(metrics.log_loss(labels, shares))


def test_actions_that_are_no_classes_are_kept_by_their_words_and_metrics_are_those_of_the_likeliest_class() -> None:
    made = prepared(Task.MULTICLASS)
    made = replace(made, worth=matrix(made.outcomes, [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]], ("wait", "leave")))
    found = judged(made)
    assert set(found.rows["decided"]) == {"wait", "leave"}
    likeliest = found.rows.select(pl.col("^score:.*$")).to_numpy().argmax(axis=1)
    right = np.array(CLASSES)[likeliest] == found.rows["outcome"].to_numpy()
    assert found.metrics["accuracy"].value == pytest.approx(right.mean())


def test_worths_that_differ_by_row_decide_by_row() -> None:
    made = prepared(Task.MULTICLASS, 300)
    payoffs = np.random.default_rng(1).normal(size=(300, 2, 3))
    amounts = payoffs[np.arange(300), :, made.outcomes.astype(int)]
    made = replace(made, worth=ActionWorth(("a", "b"), amounts, payoffs))
    shares = made.used.select(pl.col("^good.*$")).to_numpy()
    rows = made.holdout
    slowly = [int(np.argmax(payoffs[row] @ shares[row])) for row in rows]
    assert decided(shares[rows], None, made, rows).tolist() == slowly


def test_amounts_keep_their_columns_and_money() -> None:
    made = prepared(Task.REGRESSION, today=np.full(3000, 9.0))
    made = replace(made, worth=per_unit(made.outcomes, over=-2.0, under=-5.0))
    found = judged(made)
    assert found.rows.columns == ["outcome", "score", "value", "today"]
    error = found.rows["score"].to_numpy() - found.rows["outcome"].to_numpy()
    assert found.rows["value"].to_numpy() == pytest.approx(np.where(error > 0, -2 * error, 5 * error))
    assert set(found.metrics) == {"r2", "rmse", "mae"}
    assert found.metrics["r2"].value == pytest.approx(metrics.r2_score(found.rows["outcome"], found.rows["score"]))
    assert found.value is not None
    assert found.value.value == pytest.approx(found.rows["value"].mean())


@pytest.mark.parametrize("task", list(Task))
def test_each_step_says_what_it_bought_and_costs(task: Task) -> None:
    made = prepared(task)
    weights = {"boosting": Weight(12.5, 4096, "sum over 300 trees")}
    found = judge(
        made,
        candidates(made),
        choice(made),
        holdout=view(made, made.holdout),
        weigh=lambda candidate: weights.get(candidate.name, Weight(1.0, 100, "the same for every row")),
    )
    first, best = found.results[:2]
    assert first.bought is None
    assert best.bought is not None
    assert best.bought.low is not None
    assert best.bought.low > 0
    assert (best.latency_us, best.size_bytes, best.explained) == (12.5, 4096, "sum over 300 trees")
    assert best.fit_s == 2.0


def test_what_a_step_bought_is_money_where_there_is_money() -> None:
    made = prepared(Task.MULTICLASS)
    found = evidence(replace(made, worth=matrix(made.outcomes, FREE)))
    first, best = found.results[:2]
    assert first.value is not None
    assert best.value is not None
    assert best.bought is not None
    assert best.bought.value == pytest.approx(best.value.value - first.value.value)


def test_rows_of_one_entity_widen_every_interval() -> None:
    made = prepared(Task.BINARY, 900)
    copies = np.repeat(np.arange(900), 4)
    many = replace(
        made,
        used=made.used[copies],
        outcomes=made.outcomes[copies],
        **{
            part: np.flatnonzero(np.isin(copies, getattr(made, part)))
            for part in ("training", "calibration", "holdout")
        },
    )
    alone, together = judged(many), judged(replace(many, clusters=copies))
    for name, estimate in together.metrics.items():
        plain = alone.metrics[name]
        assert estimate.value == pytest.approx(plain.value)
        if name != "calibration_error":
            assert estimate.high is not None
            assert plain.high is not None
            assert estimate.high - estimate.low > 1.5 * (plain.high - plain.low), name  # type: ignore[operator]
    assert math.isfinite(together.metrics["roc_auc"].value)


def test_a_rule_of_several_classes_is_compared_by_what_is_right() -> None:
    made = prepared(Task.MULTICLASS, today=np.zeros(3000))
    rule = Candidate(name="today", title="today's rule", rule=Rule(expression="'bus'"), threshold=None)
    simple, best = candidates(made)
    in_turn = (simple, rule, best)
    seen = View(made.used[made.holdout], np.eye(3)[np.zeros(made.holdout.size, dtype=int)])
    found = gather(made, in_turn, choice(made), seen)
    result = next(each for each in found.results if each.name == "today")
    came = made.outcomes[made.holdout]
    assert set(result.metrics) == {"accuracy", "f1_macro"}
    assert result.metrics["accuracy"].value == pytest.approx((came == 0).mean())
    best_right = made.used.select(pl.col("^good.*$")).to_numpy()[made.holdout].argmax(axis=1) == came
    assert found.results[2].bought is not None
    assert found.results[2].bought.value == pytest.approx(best_right.mean() - (came == 0).mean())
