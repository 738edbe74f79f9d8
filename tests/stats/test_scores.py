"""Metrics agree with scikit-learn, and their intervals hold them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from mainstay.stats import scores as under_test

binary_rows = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=80)
label_rows = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=1, max_size=60)


def columns(drawn: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([happened for happened, _ in drawn]), np.array([score / 20 for _, score in drawn])


@given(binary_rows)
def test_losses_agree_with_scikit_learn(drawn: list[tuple[bool, int]]) -> None:
    outcomes, given_scores = columns(drawn)
    assert under_test.log_loss(outcomes, given_scores) == pytest.approx(
        metrics.log_loss(outcomes, given_scores, labels=[False, True])
    )
    if outcomes.any() and not outcomes.all():
        assert under_test.brier_score(outcomes, given_scores) == pytest.approx(
            metrics.brier_score_loss(outcomes, given_scores)
        )


@given(binary_rows, st.floats(0, 1))
def test_the_classification_report_agrees_with_scikit_learn(drawn: list[tuple[bool, int]], threshold: float) -> None:
    outcomes, given_scores = columns(drawn)
    high = given_scores >= threshold
    found = under_test.classification_report(outcomes, high)
    expected = metrics.classification_report(
        outcomes, high, labels=[False, True], output_dict=True, zero_division=np.nan
    )
    for report, name in ((found.negative, "False"), (found.positive, "True")):
        for part in ("precision", "recall"):
            assert getattr(report, part).value == pytest.approx(expected[name][part], nan_ok=True)
        assert report.support == expected[name]["support"]
        if report.support:
            assert report.f1.value == pytest.approx(metrics.f1_score(outcomes, high, pos_label=name == "True"))
            assert 0.0 <= report.f1.low <= report.f1.value <= report.f1.high <= 1.0
    assert found.accuracy.value == pytest.approx(metrics.accuracy_score(outcomes, high))
    assert under_test.accuracy(outcomes, high) == found.accuracy.value


@given(binary_rows)
def test_the_confusion_adds_up_and_mirrors(drawn: list[tuple[bool, int]]) -> None:
    outcomes, given_scores = columns(drawn)
    high = given_scores >= 0.5
    counts = under_test.confusion(outcomes, high)
    flipped = under_test.confusion(~outcomes, ~high)
    (n_tn, n_fp), (n_fn, n_tp) = metrics.confusion_matrix(outcomes, high, labels=[False, True])
    assert counts == under_test.Confusion(n_tp, n_fp, n_tn, n_fn)
    assert counts.n == outcomes.size
    assert (counts.n_true_positive, counts.n_false_positive) == (flipped.n_true_negative, flipped.n_false_negative)


@given(label_rows)
def test_macro_f1_agrees_with_scikit_learn_for_any_labels(drawn: list[tuple[str, str]]) -> None:
    actual, decided = (np.array(column) for column in zip(*drawn, strict=True))
    expected = metrics.f1_score(actual, decided, average="macro", zero_division=0)
    assert under_test.f1_macro(actual, decided) == pytest.approx(expected)
    assert under_test.f1_macro(decided, actual) == pytest.approx(expected)


def test_metrics_binary_has_every_name_with_its_value_inside_its_interval() -> None:
    random = np.random.default_rng(1)
    given_scores = random.beta(1, 4, size=3000)
    outcomes = random.random(3000) < given_scores
    found = under_test.metrics_binary(outcomes, given_scores, 0.3, seed=1)
    expected = {
        "roc_auc": metrics.roc_auc_score(outcomes, given_scores),
        "average_precision": metrics.average_precision_score(outcomes, given_scores),
        "log_loss": metrics.log_loss(outcomes, given_scores),
        "brier_score": metrics.brier_score_loss(outcomes, given_scores),
        "accuracy": metrics.accuracy_score(outcomes, given_scores >= 0.3),
        "f1_macro": metrics.f1_score(outcomes, given_scores >= 0.3, average="macro"),
    }
    assert set(found) == {*expected, "calibration_error"}
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value)
    for interval in found.values():
        assert interval.low <= interval.value <= interval.high
        assert interval.high > interval.low
    assert found == under_test.metrics_binary(outcomes, given_scores, 0.3, seed=1)


@pytest.mark.parametrize("threshold", [0.0, 0.3, math.inf])
@pytest.mark.parametrize("outcomes", [[], [1], [0, 0, 0], [1, 0]])
def test_metrics_of_hardly_any_rows_are_unknown_rather_than_wrong(outcomes: list[int], threshold: float) -> None:
    found = under_test.metrics_binary(outcomes, [0.2] * len(outcomes), threshold, seed=1)
    assert not found["roc_auc"].known
    assert not found["calibration_error"].known


def test_scores_beyond_probability_and_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="wanted probabilities within 0 and 1"):
        under_test.log_loss([0, 1], [0.5, 1.5])
    with pytest.raises(ValueError, match="wanted one length"):
        under_test.confusion([0, 1], [1])
    with pytest.raises(ValueError, match="wanted two vectors"):
        under_test.f1_macro([0, 1], [1])


def test_intervals_of_counts_and_losses_cover() -> None:
    random = np.random.default_rng(2)
    names = ("log_loss", "brier_score", "accuracy", "f1_macro")
    big_scores = random.beta(1, 3, size=400_000)
    big = random.random(big_scores.size) < big_scores
    truth = {
        "log_loss": metrics.log_loss(big, big_scores),
        "brier_score": metrics.brier_score_loss(big, big_scores),
        "accuracy": metrics.accuracy_score(big, big_scores >= 0.4),
        "f1_macro": metrics.f1_score(big, big_scores >= 0.4, average="macro"),
    }
    hits = dict.fromkeys(names, 0)
    for seed in range(300):
        given_scores = random.beta(1, 3, size=500)
        found = under_test.metrics_binary(random.random(500) < given_scores, given_scores, 0.4, seed=seed)
        for name in names:
            hits[name] += found[name].low <= truth[name] <= found[name].high
    assert all(0.915 <= n / 300 <= 0.985 for n in hits.values()), hits
