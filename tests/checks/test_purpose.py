"""What the brief says of worth: a table that tells no decision from another is no table."""

from __future__ import annotations

import numpy as np
from tests.checks.made import changed, exam

from mainstay.checks.purpose import valued
from mainstay.domain.finding import Verdict
from mainstay.domain.worth import ActionWorth


def test_a_table_of_zeros_tells_no_good_decision_from_a_bad_one() -> None:
    made = exam()
    zeros = ActionWorth(("approve", "decline"), np.zeros((made.table.height, 2)))
    (found,) = valued(changed(made, worth=zeros))
    assert found.verdict is Verdict.WARN
    assert "worth the same in every row" in found.because
    assert [each.verdict for each in valued(made)] == [Verdict.PASS]
