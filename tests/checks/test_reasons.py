"""Reasons add up to the raw score exactly, are those of the definition, and point at the rows that are alike."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import factorial

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.checks.made import changed, exam, lending
from tests.checks.served import amounts, classes, forest, served

from mainstay.checks.effects import effect
from mainstay.checks.examined import Examined
from mainstay.checks.reasons import add_up, nearest, reasons
from mainstay.domain.finding import Verdict
from mainstay.domain.plan import Plan
from mainstay.serving.reasons import Explainer, usual_of
from mainstay.stats.attribution import game_shares
from mainstay.workflows.opened import columns_of

SHARES = st.floats(0, 1)


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), SHARES), min_size=1, max_size=5))
def test_shares_of_a_game_are_those_of_its_definition(players: list[tuple[float, float]]) -> None:
    met, usual = (np.array(column) for column in zip(*players, strict=True))
    found = game_shares(met, usual)
    assert found.sum() == pytest.approx(met.prod() - usual.prod(), abs=1e-12)
    assert found == pytest.approx([by_definition(met, usual, one) for one in range(len(players))], abs=1e-12)


def by_definition(met: np.ndarray, usual: np.ndarray, one: int) -> float:
    n, total = met.size, 0.0
    others = [each for each in range(n) if each != one]
    for size in range(n):
        for taking in combinations(others, size):
            rest = np.prod([met[each] if each in taking else usual[each] for each in others])
            total += factorial(size) * factorial(n - size - 1) / factorial(n) * rest * (met[one] - usual[one])
    return total


def of_trees(seed: int, *, single: bool = False) -> Examined:
    table, chance = lending(1500, seed=seed)
    gone = pl.Series(np.random.default_rng(seed).random(1500) < 0.1)
    table = table.with_columns(table["income"].set(gone, None))
    whole = served(exam(table, chance, seed=seed))
    model = forest(whole, seed=seed, depth=6, single=single)
    return served(whole, plan=Plan(task="binary", models=(model,), link="logistic", threshold=0.5))


@pytest.mark.parametrize("seed", range(5))
def test_reasons_of_trees_add_up(seed: int) -> None:
    examined = of_trees(seed)
    found = reasons(examined, examined.holdout[:100])
    assert found is not None
    assert examined.opened is not None
    raw = examined.opened.raw(examined.used[examined.holdout[:100]])
    assert found.usual + found.parts.sum(axis=1) == pytest.approx(raw, abs=1e-9)
    assert set(found.names) == {"late", "income", "region", "sex"}
    assert [each.verdict for each in add_up(examined)] == [Verdict.PASS]


def test_reasons_of_trees_in_single_precision_add_up_to_their_rounding() -> None:
    assert [each.verdict for each in add_up(of_trees(1, single=True))] == [Verdict.PASS]


@pytest.mark.parametrize("examined", [served(), amounts(), classes()], ids=["binary", "amounts", "classes"])
def test_reasons_of_lines_add_up(examined: Examined) -> None:
    (finding,) = add_up(examined)
    assert finding.verdict is Verdict.PASS
    assert finding.measured is not None
    assert finding.measured <= 1e-9


@pytest.mark.parametrize("examined", [of_trees(2), served(), classes()], ids=["trees", "lines", "classes"])
def test_the_service_gives_the_reasons_of_the_exam(examined: Examined) -> None:
    examined = changed(examined, training=examined.training[:2000])  # all of them say what is usual
    rows = examined.holdout[:20]
    training, some = (columns_of(examined.used[each]) for each in (examined.training, rows))
    explainer = Explainer(examined.plan, usual_of(examined.plan, training))
    for output in range(len(examined.plan.models)):
        of_exam, of_service = reasons(examined, rows, output=output), explainer.parts(some, 20, output=output)
        assert of_exam is not None
        assert of_exam.names == tuple(" × ".join(names) for names in of_service.fields)
        assert of_exam.usual == pytest.approx(of_service.usual, abs=1e-12)
        assert of_exam.parts == pytest.approx(of_service.parts, abs=1e-12)


def test_reasons_that_do_not_add_up_are_found() -> None:
    honest = served()
    assert honest.opened is not None
    raw = honest.opened.raw
    bent = changed(honest, opened=replace(honest.opened, raw=lambda used: raw(used) + 0.01))
    assert [each.verdict for each in add_up(bent)] == [Verdict.FAIL]
    assert [each.verdict for each in add_up(changed(honest, opened=None))] == [Verdict.UNKNOWN]


def test_the_nearest_rows_of_a_training_row_begin_with_itself_or_its_like() -> None:
    examined = served()
    rows = examined.training[:20]
    found = nearest(examined, rows, n=3)
    assert found.shape == (20, 3)
    assert np.isin(found, examined.training).all()
    assert examined.used[found[:, 0]]["late"].to_list() == examined.used[rows]["late"].to_list()
    few = changed(examined, training=examined.training[:2])
    assert nearest(few, rows).shape == (20, 2)


def test_effects_rise_as_the_truth_does_and_have_levels() -> None:
    examined = served()
    late, region = effect(examined, "late"), effect(examined, "region")
    assert late is not None
    assert region is not None
    assert np.all(np.diff(late.mean) > 0)
    assert np.all(late.low <= late.mean)
    assert late.n_rows.sum() == examined.holdout.size
    assert set(region.values) == {"north", "south", "west"}
    assert effect(classes(), "late").mean.shape == (10, 3)  # type: ignore[union-attr]
