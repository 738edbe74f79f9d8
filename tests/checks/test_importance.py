"""Inputs that carry the score are ranked, noise is not, and one that carries everything is told."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.made import changed, exam, lending
from tests.checks.served import amounts, classes, served

from mainstay.checks import importance as module
from mainstay.checks.examined import Examined
from mainstay.checks.importance import importance, importances
from mainstay.domain.finding import Finding, Verdict


def by_code(examined: Examined) -> dict[str, Finding]:
    return {finding.code: finding for finding in importance(examined)}


@pytest.mark.parametrize("make", [served, amounts, classes])
def test_the_strongest_input_comes_first_with_an_interval(make) -> None:  # type: ignore[no-untyped-def]
    found = by_code(make())["F17-importance"]
    assert found.verdict is Verdict.PASS
    assert found.subjects[0] == "late"


def test_importance_is_in_skill_and_in_money() -> None:
    found = {each.name: each for each in importances(served())}
    assert found["late"].share.low > found["income"].share.high > 0
    assert abs(found["sex"].share.value) < 0.02
    assert found["late"].money is not None
    assert found["late"].money.low > 0


def test_of_very_many_inputs_those_that_move_the_score_most_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = served()
    whole = importances(honest)
    monkeypatch.setattr(module, "MOST_INPUTS", 2)
    assert importances(honest) == tuple(each for each in whole if each.name in {"late", "income"})
    because = by_code(honest)["F17-importance"].because
    assert f"the order of the 2 that move the score most, of {len(honest.inputs)}, agrees" in because


def test_one_input_that_carries_all_is_told_and_an_honest_one_is_not() -> None:
    table, _ = lending()
    odds = 0.3 * (table["late"].to_numpy() - 5) - 0.8 * (np.log(table["income"].to_numpy()) - 8)
    came = np.random.default_rng(1).random(6000) < 1 / (1 + np.exp(-odds))
    both = served(exam(table.with_columns(defaulted=came.astype(int)), np.full(6000, 0.5)))
    assert by_code(both)["F17-importance-of-one"].verdict is Verdict.PASS
    told = table["defaulted"].to_numpy() + np.random.default_rng(1).normal(0, 0.2, 6000)
    table = table.with_columns(late=told)
    found = by_code(served(exam(table, np.full(6000, 0.5))))["F17-importance-of-one"]
    assert found.verdict is Verdict.WARN
    assert found.subjects == ("late",)


def test_no_skill_and_few_rows_are_unknown() -> None:
    honest = served()
    noise = changed(honest, scores=np.random.default_rng(1).random(6000))
    few = changed(honest, holdout=honest.holdout[:20])
    for examined in (noise, few):
        assert {each.verdict for each in importance(examined)} == {Verdict.UNKNOWN}
