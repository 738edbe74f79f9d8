"""Metrics of several classes agree with scikit-learn, and their intervals hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from mainstay.stats.calibration import calibration_error
from mainstay.stats.classes import calibration_error_by_class, classes_and_scores, metrics_multiclass, roc_auc_ovr

N_CLASSES = 3
rows = st.lists(
    st.tuples(st.integers(0, 2), st.tuples(*[st.integers(1, 9)] * N_CLASSES), st.integers(0, 2)),
    min_size=6,
    max_size=50,
).filter(lambda drawn: len({outcome for outcome, _, _ in drawn}) == N_CLASSES)


def columns(drawn: list[tuple[int, tuple[int, ...], int]]) -> tuple[np.ndarray, ...]:
    outcomes, weights, decisions = (np.array(column) for column in zip(*drawn, strict=True))
    return outcomes, weights / weights.sum(axis=1, keepdims=True), decisions


def sample(random: np.random.Generator, n: int, *, heat: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Class numbers, and scores that are their true chances where `heat` is 1."""
    raw = random.normal(size=(n, N_CLASSES)) + np.array([0.5, 0.0, -1.0])
    truth = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    said = np.exp(heat * raw) / np.exp(heat * raw).sum(axis=1, keepdims=True)
    return (random.random(n)[:, None] > truth.cumsum(axis=1)[:, :-1]).sum(axis=1), said


@given(rows)
def test_values_agree_with_scikit_learn(drawn: list[tuple[int, tuple[int, ...], int]]) -> None:
    outcomes, scores, decisions = columns(drawn)
    found = metrics_multiclass(outcomes, scores, decisions, seed=1)
    expected = {
        "roc_auc": metrics.roc_auc_score(outcomes, scores, multi_class="ovr", average="macro"),
        "log_loss": metrics.log_loss(outcomes, scores),
        "brier_score": metrics.brier_score_loss(outcomes, scores),
        "accuracy": metrics.accuracy_score(outcomes, decisions),
        "f1_macro": metrics.f1_score(outcomes, decisions, average="macro", zero_division=0),
    }
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value), name
        assert not found[name].known or found[name].low - 1e-9 <= value <= found[name].high + 1e-9


@given(rows, st.permutations(range(N_CLASSES)))
def test_the_order_of_classes_does_not_matter(drawn: list[tuple[int, tuple[int, ...], int]], order: list[int]) -> None:
    outcomes, scores, decisions = columns(drawn)
    place = np.argsort(order)
    plain = metrics_multiclass(outcomes, scores, decisions, seed=1)
    moved = metrics_multiclass(place[outcomes], scores[:, order], place[decisions], seed=1)
    for name in plain:
        assert moved[name].value == pytest.approx(plain[name].value, nan_ok=True)


@pytest.mark.parametrize("clustered", [False, True])
def test_intervals_cover(clustered: bool) -> None:
    random = np.random.default_rng(5)
    big_outcomes, big_scores = sample(random, 300_000)
    big = metrics_multiclass(big_outcomes, big_scores, big_scores.argmax(axis=1), seed=1)
    hits = dict.fromkeys(("roc_auc", "log_loss", "brier_score", "accuracy", "f1_macro"), 0)
    for seed in range(200):
        outcomes, scores = sample(random, 300)
        copies = 3 if clustered else 1  # a copied row says nothing new
        outcomes, scores = np.repeat(outcomes, copies), np.repeat(scores, copies, axis=0)
        groups = np.repeat(np.arange(300), copies) if clustered else None
        found = metrics_multiclass(outcomes, scores, scores.argmax(axis=1), seed=seed, clusters=groups)
        for name in hits:
            hits[name] += found[name].low <= big[name].value <= found[name].high
    assert all(0.9 <= n / 200 <= 0.99 for n in hits.values()), hits


@pytest.mark.parametrize("heat", [1.0, 1.8])
def test_the_calibration_error_covers_the_true_error(heat: float) -> None:
    random = np.random.default_rng(6)
    raw = random.normal(size=(300_000, N_CLASSES)) + np.array([0.5, 0.0, -1.0])
    truth, said = (np.exp(k * raw) / np.exp(k * raw).sum(axis=1, keepdims=True) for k in (1.0, heat))
    by_class = [
        np.mean([(said[:, k] - truth[:, k])[part].mean() ** 2 for part in np.array_split(np.argsort(said[:, k]), 300)])
        for k in range(N_CLASSES)
    ]
    error = math.sqrt(np.mean(by_class)) if heat != 1.0 else 0.0
    found = [calibration_error_by_class(classes_and_scores(*sample(random, 1500, heat=heat))) for _ in range(150)]
    assert np.mean([each.low <= error <= each.high for each in found]) >= 0.9
    if heat != 1.0:
        assert np.mean([each.value for each in found]) == pytest.approx(error, rel=0.15)


def test_of_two_classes_the_error_is_that_of_one() -> None:
    random = np.random.default_rng(7)
    scores = random.beta(1, 3, size=500)
    outcomes = random.random(500) < scores**1.3
    both = calibration_error_by_class(classes_and_scores(outcomes, np.column_stack([1 - scores, scores])))
    assert both.value == pytest.approx(calibration_error(outcomes, scores).value, rel=0.2)


def test_a_class_of_one_row_is_unknown_rather_than_passed() -> None:
    outcomes = np.array([0] * 40 + [1] * 40 + [2])
    scores = np.full((81, 3), 1 / 3)
    assert not roc_auc_ovr(classes_and_scores(outcomes, scores)).known
    assert not calibration_error_by_class(classes_and_scores(outcomes, scores)).known
    absent = roc_auc_ovr(classes_and_scores([0] * 40 + [1] * 40, np.full((80, 3), 1 / 3)))
    assert absent.value == 0.5
    assert not absent.known


@pytest.mark.parametrize(
    ("outcomes", "scores", "says"),
    [
        ([0, 1], [[0.5, 0.5]], "wanted (n,) and"),
        ([0], [[0.5, 0.6]], "not probabilities"),
        ([0], [[float("nan"), 0.5]], "not probabilities"),
        ([2], [[0.5, 0.5]], "no class"),
    ],
)
def test_what_is_no_class_or_probability_is_refused(outcomes: list[int], scores: list[list[float]], says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", "\\(").replace(")", "\\)")):
        classes_and_scores(outcomes, scores)
