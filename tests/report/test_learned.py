"""What training knows, in words and tables: curves, splits, steps and cost."""

import msgspec
import numpy as np
import pytest
from tests.report.worlds import CURVE, amounts_world, classes_world

from mainstay.domain.evaluation import Curve, Estimate
from mainstay.report.amount_bins import LEVELS, amount_bins
from mainstay.report.class_matrix import OTHERS, class_matrix, matrix_finding
from mainstay.report.curve_words import curve_sentences, curve_unit
from mainstay.report.learned import learned, splits_sentence
from mainstay.report.steps import candidates_table, in_accuracy, splits_table, steps_table

YEAR = 365.25 * 86400


def curve(**bent: object) -> Curve:
    return msgspec.structs.replace(CURVE, **bent)


@pytest.mark.parametrize(
    ("enough", "says"),
    [
        (None, "How many rows are enough cannot be told"),
        (Estimate(2000.0), "All 2,000 rows are needed: fewer reach less than 99% of what they give"),
        (Estimate(941.0), "940 of 2,000 rows reach 99% of what all of them give"),
    ],
)
def test_enough(enough: Estimate | None, says: str) -> None:
    assert curve_sentences(curve(enough=enough), "EUR")[0] == says


def test_a_law_that_did_not_hold_says_so() -> None:
    said = curve_sentences(curve(from_third=Estimate(0.7, 0.68, 0.72)), "")
    assert said[-1].endswith("0.850 was measured: it did not hold.")
    assert "worth 4.2 a decision" in said[1]
    assert said[1].endswith("by fits that did not see them: neither is the holdout's number.")


def test_history_is_told_in_years() -> None:
    points = tuple(msgspec.structs.replace(point, n=point.n / 500 * YEAR) for point in CURVE.points)
    grown = curve(over="history_s", points=points, enough=Estimate(3 * YEAR, 2 * YEAR, 3.5 * YEAR))
    assert curve_unit(grown) == "years"
    assert curve_sentences(grown, "")[0] == "3.0 of 4.0 years reach 99% of what all of them give (likely 2.0 to 3.5)"
    summary = msgspec.structs.replace(amounts_world(60).summary, curves=(CURVE, grown))
    assert [each.topic for each in learned(summary).curves] == ["More rows", "More history"]


def test_two_splits_that_cannot_be_told_apart_are_not() -> None:
    summary = amounts_world(60).summary
    assert splits_sentence(summary) == "Asked about what comes later, its R² is 0.74 instead of 0.94"
    alike = msgspec.structs.replace(summary, splits={**summary.splits, "time": summary.splits["random"]})
    assert splits_sentence(alike).endswith("as good as on rows drawn at random")
    assert splits_table(msgspec.structs.replace(summary, splits={})) is None


def test_tables_of_candidates_fit_the_task() -> None:
    summary = amounts_world(60).summary
    headings = [column.heading for column in candidates_table(summary).columns]
    assert {"R²", "MAE", "RMSE"} < set(headings)
    assert "threshold" not in headings
    steps = steps_table(summary)
    assert steps is not None
    assert [cell.text for cell in steps.rows[-1]][1:6] == ["12", "8 to 16", "103", "3.7 MB", "20.0"]
    assert steps.columns[1].unit == "EUR a decision"


def test_a_rule_of_classes_is_compared_by_how_often_it_is_right() -> None:
    first, last = classes_world(60, money=False).summary.candidates
    rule = msgspec.structs.replace(first, name="today", metrics={"accuracy": first.metrics["accuracy"]})
    assert in_accuracy((first, rule, last), "multiclass") == {"today", "boosting"}
    assert in_accuracy((first, last), "multiclass") == set()
    assert in_accuracy((rule, last), "binary") == set()


def test_bands_hold_the_quantiles() -> None:
    rng = np.random.default_rng(1)
    scores, outcomes = rng.random(1000), rng.random(1000)
    bins = amount_bins(outcomes, scores, 1)
    assert bins.came[0] == pytest.approx(scores.mean() + np.quantile(outcomes - scores, LEVELS))
    exact = amount_bins(scores, scores, 4)
    assert np.ptp(exact.came, axis=1) == pytest.approx(0.0), "what comes as foretold has no band, however wide its bin"
    assert amount_bins(outcomes, np.ones(1000), 10).n.tolist() == [1000]


def test_the_class_that_is_found_least_may_be_one_that_is_not_drawn() -> None:
    came = np.array(["a"] * 90 + ["b"] * 80 + ["c"] * 40 + ["d"] * 3)
    decided = np.array(["a"] * 90 + ["b"] * 60 + ["a"] * 20 + ["a"] * 39 + ["c"] + ["a"] * 3)
    matrix = class_matrix(came, decided, most=3)
    assert matrix.came == ("a", "b", OTHERS)
    said = "“a” is found most often, in 100% of its cases; “c” least, in 2.5%"
    assert matrix_finding(matrix) == said, "of three cases nothing is said"


def test_rare_classes_are_counted_together() -> None:
    came = np.array([f"k{i % 13}" for i in range(200)])
    matrix = class_matrix(came, came, most=5)
    assert matrix.came[-1] == matrix.decided[-1] == OTHERS
    assert matrix.counts.sum() == 200
    assert np.count_nonzero(matrix.counts - np.diag(np.diag(matrix.counts))) == 0
