"""Folds never let a row, its entity or its future teach the model that scores it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.stats.arrays import FloatArray
from mainstay.training.folds import N_FOLDS, Fold, forward_folds, random_folds, usable

SIZES = st.integers(20, 200)
SEEDS = st.integers(0, 5)


@given(SIZES, SEEDS)
def test_random_folds_score_every_row_once_and_keep_the_balance(n_rows: int, seed: int) -> None:
    outcomes = (np.random.default_rng(seed).random(n_rows) < 0.3).astype(float)
    folds = random_folds(outcomes, clusters=None, seed=seed)
    assert sorted(np.concatenate([fold.scored for fold in folds]).tolist()) == list(range(n_rows))
    for fold in folds:
        assert not np.intersect1d(fold.fitted, fold.scored).size
        assert fold.fitted.size + fold.scored.size == n_rows
    positives = [outcomes[fold.scored].sum() for fold in folds]
    assert max(positives) - min(positives) <= 1


@given(SIZES, SEEDS)
def test_folds_of_clusters_keep_the_balance_too(n_rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    outcomes: FloatArray = (random.random(n_rows) < 0.3).astype(np.float64)
    clusters = np.arange(n_rows)
    clusters[: n_rows // 4] = clusters[n_rows // 4 : 2 * (n_rows // 4)]  # a copy of some rows, with the same outcome
    outcomes[: n_rows // 4] = outcomes[n_rows // 4 : 2 * (n_rows // 4)]
    folds = random_folds(outcomes, clusters=clusters, seed=seed)
    assert sorted(np.concatenate([fold.scored for fold in folds]).tolist()) == list(range(n_rows))
    means = [np.unique(clusters[fold.scored][outcomes[fold.scored] == 1.0]).size for fold in folds]
    assert max(means) - min(means) <= 1


@given(SIZES, SEEDS)
def test_amounts_are_dealt_evenly_from_small_to_large(n_rows: int, seed: int) -> None:
    amounts: FloatArray = np.random.default_rng(seed).lognormal(size=n_rows)
    folds = random_folds(amounts, clusters=None, seed=seed)
    ranks = np.argsort(np.argsort(amounts))
    assert all(abs(ranks[fold.scored].mean() - ranks.mean()) <= N_FOLDS for fold in folds)


@given(SIZES, SEEDS)
def test_entities_are_never_on_both_sides(n_rows: int, seed: int) -> None:
    clusters = np.random.default_rng(seed).integers(0, 12, n_rows)
    moments = np.sort(np.random.default_rng(seed).random(n_rows))
    outcomes = (np.arange(n_rows) % 2).astype(np.float64)
    folds = (*random_folds(outcomes, clusters=clusters, seed=seed), *forward_folds(moments, clusters=clusters))
    for fold in folds:
        assert not np.intersect1d(clusters[fold.fitted], clusters[fold.scored]).size


@given(st.lists(st.integers(0, 12), min_size=20, max_size=120))
def test_forward_folds_learn_from_the_past_alone(moments: list[int]) -> None:
    at = np.array(moments, dtype=float)
    for fold in forward_folds(at, clusters=None):
        assert at[fold.fitted].max() < at[fold.scored].min()


def test_folds_are_the_same_for_the_same_seed() -> None:
    outcomes = (np.arange(50) % 2).astype(np.float64)
    first, again, other = (random_folds(outcomes, clusters=None, seed=seed) for seed in (1, 1, 2))
    assert len(first) == N_FOLDS
    assert all(np.array_equal(a.scored, b.scored) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a.scored, b.scored) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize(("outcomes", "answer"), [([0.0, 1.0, 1.0], True), ([1.0, 1.0, 0.0], False)])
def test_a_fold_with_one_outcome_cannot_teach(outcomes: list[float], answer: bool) -> None:
    assert usable(Fold(np.array([0, 1]), np.array([2])), np.array(outcomes)) is answer
