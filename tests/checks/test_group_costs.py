"""What groups bear: a planted bias is found by the check that should, whatever columns are called."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.made import changed, exam, lending
from tests.checks.odd import amounts, odd

from mainstay.checks.examined import Examined
from mainstay.checks.group_costs import costs, scores_off, worse
from mainstay.domain.finding import Verdict

ODD = list(odd())


def lent(*, seed: int = 1, n_rows: int = 6000, harsher: float = 0.0, upside_down: bool = False) -> Examined:
    """Lending with the group in c1: scores of women raised, or turned round, where asked."""
    table, chance = lending(n_rows, seed=seed)
    table = table.rename({"sex": "c1", "region": "c2"})
    women = (table["c1"] == "f").to_numpy()
    scores = np.where(women & upside_down, 1 - chance, np.clip(chance + harsher * women, 0, 1))
    return exam(table, scores, data='protected = ["c1"]', seed=seed)


def test_scores_raised_for_one_group_are_off_there() -> None:
    (found,) = scores_off(lent(harsher=0.2))
    assert found.verdict is Verdict.FAIL
    assert found.measured == pytest.approx(0.2, abs=0.07) or found.measured == pytest.approx(-0.2, abs=0.07)


def test_a_group_decided_the_wrong_way_round_is_worse_than_without_the_model() -> None:
    bad = [finding for finding in worse(lent(upside_down=True)) if finding.verdict is Verdict.FAIL]
    assert [finding.subjects for finding in bad] == [("c1=f",)]


def test_errors_of_each_group_are_told_with_their_cost() -> None:
    made = lent(harsher=0.2)
    (found,) = costs(made)
    assert found.verdict is Verdict.WARN
    assert found.subjects == ("c1=f", "c1=m")
    women = made.holdout[(made.table["c1"] == "f").to_numpy()[made.holdout]]
    wrong = women[(made.decided[women] == 1) & (made.outcomes[women] == 0)]
    assert f"c1=f ({women.size:,} rows): wrongly decline {wrong.size / women.size:.1%}" in found.because
    assert f"(costs EUR {100 * wrong.size / women.size:,.3g} a decision)" in found.because


def test_amounts_are_too_high_or_too_low() -> None:
    table, chance = lending(3000)
    made = amounts(exam(table, chance, data='protected = ["sex"]'))
    women = (made.table["sex"] == "f").to_numpy()
    broken = changed(made, scores=made.scores + 10 * women, decided=made.scores + 10 * women)
    assert next(iter(scores_off(broken))).verdict is Verdict.FAIL
    assert "too high" in next(iter(costs(broken))).because


@pytest.mark.parametrize("n_rows", [300, 1500, 6000])
def test_on_clean_tables_nothing_fails(n_rows: int) -> None:
    for seed in range(20):
        made = lent(seed=seed, n_rows=n_rows)
        found = [*scores_off(made), *costs(made), *worse(made)]
        assert not [finding for finding in found if finding.verdict is Verdict.FAIL]


@pytest.mark.parametrize(("name", "made"), ODD, ids=[name for name, _ in ODD])
def test_odd_tables_break_nothing(name: str, made: Examined) -> None:
    assert list(scores_off(made))
    assert list(costs(made))
    assert list(worse(made))
