"""The 99% trap, scores that are no scores, skill that does not outlast training: found; honest versions pass."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.checks.made import changed, exam, lending
from tests.checks.served import amounts, classes, served

from mainstay.checks.examined import Examined
from mainstay.checks.skill import SKILL_CHECKS, base_rate, finite, overfit, seeds
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.plan import Forest

NO_FOREST = Forest((), 0.0, (), (), (), (), (), (), (), ())


def one(look: object, examined: Examined) -> Finding:
    (found,) = look(examined)  # type: ignore[operator]
    return found  # type: ignore[no-any-return]


def rare(n_rows: int = 4000) -> tuple[pl.DataFrame, np.ndarray]:
    table, _ = lending(n_rows)
    chance = 0.01 + 0.0 * table["late"].to_numpy()
    came = (np.random.default_rng(2).random(n_rows) < chance).astype(int)
    return table.with_columns(pl.Series("defaulted", came)), chance


@pytest.mark.parametrize("seed", range(5))
def test_honest_versions_pass(seed: int) -> None:
    for examined in (exam(seed=seed), amounts(seed=seed), classes(seed=seed)):
        assert [one(check.look, examined).verdict for check in SKILL_CHECKS[:3]] == [Verdict.PASS] * 3


def test_99_percent_accuracy_without_skill_is_found_and_the_base_rate_comes_first() -> None:
    table, _ = rare(20_000)
    noise = np.random.default_rng(5).random(20_000) * 0.02
    found = one(base_rate, exam(table, noise))
    assert found.because.startswith("always saying '0' is right in 9")
    assert found.verdict in (Verdict.FAIL, Verdict.WARN)
    assert one(base_rate, exam(scores=np.random.default_rng(5).random(6000))).verdict is Verdict.FAIL


def test_a_target_that_is_met_without_a_model_is_told() -> None:
    table, chance = lending()
    came = (np.random.default_rng(3).random(6000) < chance * 0.1).astype(int)
    found = one(
        base_rate,
        exam(table.with_columns(pl.Series("defaulted", came)), chance * 0.1, more="[targets]\naccuracy = 0.9"),
    )
    assert found.verdict is Verdict.WARN
    assert "met without a model" in found.because


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1.5, -0.1])
def test_scores_that_are_no_chances_are_found(odd: float) -> None:
    _, chance = lending()
    scores = np.where(np.arange(6000) % 50 == 0, odd, chance)
    assert one(finite, exam(scores=scores)).verdict is Verdict.FAIL
    assert all(list(check.look(exam(scores=scores))) for check in SKILL_CHECKS)


def test_constants_are_found() -> None:
    assert one(finite, exam(scores=np.full(6000, 0.3))).verdict is Verdict.FAIL


def test_skill_by_heart_is_found() -> None:
    examined = exam()
    by_heart = np.where(np.isin(np.arange(6000), examined.training), examined.outcomes * 0.98 + 0.01, 0.4)
    by_heart = by_heart + np.random.default_rng(1).normal(0, 0.005, 6000)
    assert one(overfit, changed(examined, scores=by_heart)).verdict is Verdict.FAIL


def test_amounts_learned_by_heart_or_not_at_all_are_found() -> None:
    examined = amounts()
    noise = np.random.default_rng(1).normal(0, 9, examined.outcomes.size) + examined.outcomes.mean()
    assert one(base_rate, changed(examined, scores=noise)).verdict is Verdict.FAIL
    learned = np.isin(np.arange(examined.outcomes.size), examined.training)
    assert one(overfit, changed(examined, scores=np.where(learned, examined.outcomes, noise))).verdict is Verdict.FAIL


def test_few_rows_are_unknown() -> None:
    examined = exam()
    few = changed(examined, holdout=examined.holdout[:20])
    assert [one(look, few).verdict for look in (base_rate, overfit)] == [Verdict.UNKNOWN] * 2
    assert one(finite, changed(examined, holdout=examined.holdout[:0])).verdict is Verdict.UNKNOWN


def test_seeds_matter_to_trees_alone() -> None:
    assert one(seeds, served()).verdict is Verdict.PASS
    forest = exam()
    plan = changed(forest, plan=type(forest.plan)(task="binary", models=(NO_FOREST,), link="logistic"))
    assert one(seeds, plan).verdict is Verdict.UNKNOWN
