"""Segments and stretches of time: a planted loss is found where it is, with its cost, and nothing on clean tables."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.made import changed, exam, lending
from tests.checks.odd import amounts, classes, odd

from mainstay.checks.examined import Examined
from mainstay.checks.gains import gains_of
from mainstay.checks.segments import periods, segments
from mainstay.domain.finding import Verdict

ODD = list(odd())
SEGMENTS = 'segments = ["region", "sex", "income"]'


def dated(made: Examined, *, days: int = 400) -> Examined:
    n = made.table.height
    return changed(made, moments=np.linspace(1.6e9, 1.6e9 + days * 86_400, n))


def flipped_in_west(n_rows: int = 6000, *, seed: int = 1) -> Examined:
    table, chance = lending(n_rows, seed=seed)
    west = (table["region"] == "west").to_numpy()
    return exam(table, np.where(west, 1 - chance, chance), data=SEGMENTS, seed=seed)


def test_a_segment_decided_the_wrong_way_round_is_the_only_one_found() -> None:
    bad = [finding for finding in segments(flipped_in_west()) if finding.verdict is Verdict.FAIL]
    assert [finding.subjects for finding in bad] == [("region=west",)]
    assert bad[0].measured is not None
    assert bad[0].measured < -50
    assert " a decision, EUR -" in bad[0].because


def test_a_month_decided_the_wrong_way_round_is_the_only_one_found() -> None:
    made = dated(exam())
    assert made.moments is not None
    month = made.moments.astype("datetime64[s]").astype("datetime64[M]") == np.datetime64("2021-01")
    scores = np.where(month, 1 - made.scores, made.scores)
    broken = changed(made, scores=scores, decided=(scores >= 1 / 6).astype(np.int64))
    bad = [finding for finding in periods(broken) if finding.verdict is Verdict.FAIL]
    assert [finding.subjects for finding in bad] == [("2021-01",)]


def test_without_money_the_base_rate_is_the_baseline_by_a_proper_score() -> None:
    bad = [finding for finding in segments(changed(flipped_in_west(), worth=None)) if finding.verdict is Verdict.FAIL]
    assert [finding.subjects for finding in bad] == [("region=west",)]
    assert "Brier" in bad[0].because


def test_amounts_are_judged_by_money_or_by_squares() -> None:
    made = amounts(exam(data=SEGMENTS))
    west = (made.table["region"] == "west").to_numpy()
    scores = np.where(west, made.outcomes + 30, made.outcomes)
    for worth in (made.worth, None):
        broken = changed(made, scores=scores, decided=scores, worth=worth)
        assert [f.subjects for f in segments(broken) if f.verdict is Verdict.FAIL] == [("region=west",)]


def test_classes_are_judged_by_a_proper_score() -> None:
    made = classes(exam(data=SEGMENTS))
    west = (made.table["region"] == "west").to_numpy()
    right = np.eye(3)[made.outcomes.astype(int)]
    scores = 0.2 / 3 + 0.8 * np.where(west[:, None], np.roll(right, 1, axis=1), right)
    broken = changed(made, scores=scores, decided=scores.argmax(axis=1))
    assert [f.subjects for f in segments(broken) if f.verdict is Verdict.FAIL] == [("region=west",)]


def test_the_better_baseline_is_chosen() -> None:
    assert gains_of(exam()).over == "'decline' for all"
    perfect = exam()
    assert gains_of(changed(perfect, today=perfect.outcomes == 1)).over == "today's rule"


def test_small_segments_are_unknown_and_not_named_at_will() -> None:
    found = list(segments(exam(*lending(100), data='segments = ["region"]')))
    assert {finding.verdict for finding in found} == {Verdict.UNKNOWN}


def test_nothing_asked_is_unknown() -> None:
    assert [finding.verdict for finding in (*segments(exam()), *periods(exam()))] == [Verdict.UNKNOWN] * 2


@pytest.mark.parametrize("n_rows", [300, 1500, 6000])
def test_on_clean_tables_nothing_fails(n_rows: int) -> None:
    for seed in range(20):
        made = dated(exam(*lending(n_rows, seed=seed), seed=seed, data=SEGMENTS))
        for each in (made, changed(made, worth=None)):
            assert not [f for f in (*segments(each), *periods(each)) if f.verdict is Verdict.FAIL]


@pytest.mark.parametrize(("name", "made"), ODD, ids=[name for name, _ in ODD])
def test_odd_tables_break_nothing(name: str, made: Examined) -> None:
    assert list(segments(made))
    assert list(periods(made))
