"""Slices found by search: a planted rule of two conditions is told whatever columns are called; clean tables pass."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.made import changed, exam, lending
from tests.checks.odd import odd

from mainstay.checks.examined import Examined
from mainstay.checks.slices import slices
from mainstay.domain.finding import Verdict

ODD = list(odd())


def planted(seed: int) -> Examined:
    """Scores turned round for women of the south alone, under other names."""
    table, chance = lending(9000, seed=seed)
    table = table.rename({"region": "c3", "sex": "c4", "income": "c2", "late": "c1"})
    where = ((table["c3"] == "south") & (table["c4"] == "f")).to_numpy()
    scores = np.where(where, 1 - chance, chance)
    return exam(table, scores, seed=seed)


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_rule_is_found_once(seed: int) -> None:
    bad = [finding for finding in slices(planted(seed)) if finding.verdict is Verdict.FAIL]
    assert len(bad) == 1
    assert {"c3=south", "c4=f"} <= set(bad[0].subjects)
    assert bad[0].high is not None
    assert bad[0].high < 0


@pytest.mark.parametrize("n_rows", [1300, 2500, 6000])
def test_on_clean_tables_nothing_fails(n_rows: int) -> None:
    for seed in range(20):
        table, chance = lending(n_rows, seed=seed)
        noisy = np.clip(chance + np.random.default_rng(seed).normal(0, 0.03, n_rows), 0, 1)
        made = exam(table, noisy, seed=seed)
        for each in (made, changed(made, worth=None)):
            assert [finding.verdict for finding in slices(each)] == [Verdict.PASS]


def test_too_few_rows_are_unknown() -> None:
    assert [finding.verdict for finding in slices(exam(*lending(300)))] == [Verdict.UNKNOWN]


@pytest.mark.parametrize(("name", "made"), ODD, ids=[name for name, _ in ODD])
def test_odd_tables_break_nothing(name: str, made: Examined) -> None:
    assert list(slices(made))
