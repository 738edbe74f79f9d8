"""Training rows behind a gap: whose they are, without a value of any row."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.made import exam, lending
from tests.checks.odd import odd

from mainstay.checks.examined import Examined
from mainstay.checks.gap_rows import gap_rows
from mainstay.domain.finding import Verdict

ODD = list(odd())


def test_rows_behind_a_gap_are_counted_and_never_shown() -> None:
    table, chance = lending()
    south = (table["region"] == "south").to_numpy()
    made = exam(table, np.clip(chance + 0.3 * south, 0, 1), data='protected = ["region"]')
    (found,) = gap_rows(made)
    assert found.verdict is Verdict.WARN
    assert found.subjects[0] == "region=south"
    assert not any(f"{income:g}" in found.because for income in table["income"].head(500))
    assert "training rows nearest" in found.because


def test_without_a_gap_there_is_nothing_to_trace() -> None:
    for seed in range(20):
        table, chance = lending(seed=seed)
        (found,) = gap_rows(exam(table, chance, data='protected = ["sex"]', seed=seed))
        assert found.verdict is Verdict.PASS


@pytest.mark.parametrize(("name", "made"), ODD, ids=[name for name, _ in ODD])
def test_odd_tables_break_nothing(name: str, made: Examined) -> None:
    assert list(gap_rows(made))
