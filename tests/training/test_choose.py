"""The winner is the simplest within reach of the best; thresholds are judged on other folds than they were found on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.training.made import brief, prepared, without_money

from mainstay.training.choose import choose, fold_gains
from mainstay.training.folds import random_folds


def gains(*means: float, n: int = 400, noise: float = 1.0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    own = random.normal(size=(len(means), n)) * noise
    return {f"c{i}": mean + own[i] - own[i].mean() for i, mean in enumerate(means)}


def test_a_clear_lead_wins() -> None:
    choice = choose(gains(0.0, 0.5, 1.0), clusters=None)
    assert (choice.winner, choice.best) == ("c2", "c2")
    assert choice.gains == pytest.approx({"c0": 0.0, "c1": 0.5, "c2": 1.0})


def test_a_lead_within_one_standard_error_does_not() -> None:
    assert choose(gains(0.0, 1.0, 1.03), clusters=None).winner == "c1"


def test_the_difference_is_paired() -> None:
    luck = np.random.default_rng(2).normal(size=400) * 50
    shared = {name: values + luck for name, values in gains(0.0, 0.2, noise=0.1).items()}
    assert choose(shared, clusters=None).winner == "c1"


def test_rows_of_one_entity_count_as_one() -> None:
    few = gains(0.0, 0.12)
    assert choose(few, clusters=None).winner == "c1"
    together = {name: np.repeat(values[:40], 10) for name, values in gains(0.0, 0.1).items()}
    assert choose(together, clusters=np.repeat(np.arange(40), 10)).winner == "c0"


def test_money_is_counted_at_a_threshold_from_other_folds() -> None:
    made = prepared(1000)
    rows = made.training
    folds = random_folds(made.outcomes[rows], clusters=None, seed=1)
    scores = np.clip(made.outcomes[rows] * 0.2 + 0.4, 0, 1)  # tells the outcomes apart
    high, low = made.money(rows)
    assert fold_gains(scores, rows, folds, made).tolist() == np.where(scores > 0.5, high, low).tolist()


def test_rows_that_no_fold_scored_have_no_gain() -> None:
    made = prepared(1000)
    rows = made.training
    folds = random_folds(made.outcomes[rows], clusters=None, seed=1)[1:]
    scores = np.full(rows.size, np.nan)
    for fold in folds:
        scores[fold.scored] = 0.5
    assert np.array_equal(np.isnan(fold_gains(scores, rows, folds, made)), np.isnan(scores))
    lone = fold_gains(scores, rows, folds[:1], made)
    assert np.count_nonzero(~np.isnan(lone)) == folds[0].scored.size


def test_the_briefs_threshold_holds_in_choosing_too() -> None:
    made = replace(prepared(1000), brief=brief(decision="threshold = 0.9"))
    rows = made.training
    folds = random_folds(made.outcomes[rows], clusters=None, seed=1)
    low = made.money(rows)[1]
    assert fold_gains(np.full(rows.size, 0.8), rows, folds, made).tolist() == low.tolist()


def test_without_money_the_gain_is_minus_the_log_loss() -> None:
    made = without_money(prepared(1000))
    rows = made.training
    given = fold_gains(np.full(rows.size, 0.5), rows, (), made)
    assert given == pytest.approx(np.full(rows.size, np.log(0.5)))
