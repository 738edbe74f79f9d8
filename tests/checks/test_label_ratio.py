"""The label ratio beside the decision ratio."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.made import changed, exam, lending
from tests.checks.odd import odd

from mainstay.checks.examined import Examined
from mainstay.checks.label_ratio import label_ratio
from mainstay.domain.finding import Verdict

ODD = list(odd())


def lent(share: float, *, seed: int = 1, n_rows: int = 6000, decided: float = 1.0) -> Examined:
    """Positive outcomes of women kept with chance `share`, their decisions with chance `decided`."""
    table, chance = lending(n_rows, seed=seed)
    made = exam(table.rename({"sex": "c1"}), chance, data='protected = ["c1"]', seed=seed)
    women, rng = (table["sex"] == "f").to_numpy(), np.random.default_rng(seed)
    outcomes = np.where(women & (rng.random(n_rows) > share), 0.0, made.outcomes)
    fewer = np.where(women & (rng.random(n_rows) > decided), 0, made.decided)
    return changed(made, outcomes=outcomes, decided=fewer)


def test_the_ratio_is_that_of_all_rows_with_its_interval() -> None:
    made = lent(0.36)
    (found,) = label_ratio(made)
    women = (made.table["c1"] == "f").to_numpy()
    assert found.verdict is Verdict.WARN
    assert found.measured == pytest.approx(made.outcomes[women].mean() / made.outcomes[~women].mean())
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.36 < found.high
    assert found.subjects == ("c1=f", "c1=m")


def test_decisions_that_widen_the_gap_are_said() -> None:
    (found,) = label_ratio(lent(0.95, decided=0.4))
    assert found.verdict is Verdict.WARN
    assert "widen" in found.because


def test_alike_groups_pass() -> None:
    for seed in range(20):
        (found,) = label_ratio(lent(1.0, seed=seed))
        assert found.verdict is Verdict.PASS


@pytest.mark.parametrize(("name", "made"), ODD, ids=[name for name, _ in ODD])
def test_odd_tables_break_nothing(name: str, made: Examined) -> None:
    assert list(label_ratio(made))
