"""Proposals are what data and model both show."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.made import changed, exam, lending
from tests.checks.odd import odd
from tests.checks.test_expectations import reply

from mainstay.checks.examined import Examined
from mainstay.checks.expectations import expectations
from mainstay.checks.proposed import proposed
from mainstay.domain.expectation import Slice
from mainstay.domain.finding import Verdict

ODD = list(odd())


def test_a_direction_of_data_and_model_and_protected_columns_are_proposed() -> None:
    made = changed(exam(data='protected = ["sex"]'), reply=reply)
    found = {each.expectation.name: each for each in proposed(made)}
    assert set(found) == {"score rises with late", "a change of sex changes nothing"}
    assert found["score rises with late"].holds
    assert not found["a change of sex changes nothing"].holds


def test_what_is_proposed_and_holds_passes() -> None:
    made = changed(exam(data='protected = ["sex"]'), reply=reply)
    held = tuple(each.expectation for each in proposed(made) if each.holds)
    assert [finding.verdict for finding in expectations(changed(made, expectations=held))] == [Verdict.PASS]


def test_a_slice_that_fails_is_asked_of_the_versions_that_follow() -> None:
    table, chance = lending(6000)
    hit = ((table["region"] == "south") & (table["sex"] == "f")).to_numpy()
    failing = exam(table, np.where(hit, 1 - chance, chance), data='segments = ["sex"]')
    (kept,) = (each for each in proposed(failing) if isinstance(each.expectation, Slice))
    assert {"region == 'south'", "sex == 'f'"} <= set(kept.expectation.where.split(" and "))
    assert not kept.holds

    later = [changed(made, expectations=(kept.expectation,)) for made in (failing, exam(table, chance))]
    assert [finding.verdict for made in later for finding in expectations(made)] == [Verdict.FAIL, Verdict.PASS]


def test_an_honest_version_has_no_failures_to_keep() -> None:
    assert not [each for each in proposed(exam()) if isinstance(each.expectation, Slice)]


@pytest.mark.parametrize(("name", "made"), ODD, ids=[name for name, _ in ODD])
def test_odd_tables_break_nothing(name: str, made: Examined) -> None:
    assert all(each.because for each in proposed(made))
