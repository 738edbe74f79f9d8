"""Every check answers something, one that breaks stops no other, and codes are where gates look for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from tests.checks.made import exam

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import Draw, drawn
from mainstay.checks.every import EVERY
from mainstay.checks.examine import asked_now, examine
from mainstay.checks.examined import Examined
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.gates import CODES, EXAM_CODES, is_gate


def breaking(exam: Examined) -> Iterable[Finding]:
    raise ValueError(f"{exam.table[0, 0]} is personal")


class Panic(BaseException):
    """As Polars throws it."""


def panicking(exam: Examined) -> Iterable[Finding]:
    raise Panic


def silent(exam: Examined) -> Iterable[Finding]:
    return ()


def failing(exam: Examined) -> Iterable[Finding]:
    yield Finding(code="F99-x", verdict=Verdict.FAIL, because="it is bad")


def check(look: object) -> Check:
    return Check(code="F99-x", section=Section.OWN, asks="Is it?", limit="never", remedy="Mend it.", look=look)  # type: ignore[arg-type]


def test_one_that_breaks_says_so_without_values_and_the_others_go_on() -> None:
    told: list[float] = []
    found = examine(exam(), [check(breaking), check(silent), check(failing)], lambda each, share: told.append(share))
    assert [finding.verdict for finding in found] == [Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.FAIL]
    assert found[0].because == "this check broke (ValueError) and says nothing"
    assert found[2].remedy == "Mend it."
    assert told == [0, 1 / 3, 2 / 3]


def test_one_that_was_asked_before_is_asked_no_more_and_breaks_nothing_then() -> None:
    looked: list[int] = []

    def once(exam: Examined) -> Iterable[Finding]:
        looked.append(exam.scores.size)
        raise ValueError

    early = asked_now(check(once), replace(exam(), scores=np.empty(0)))
    (found,) = examine(exam(), [early], lambda each, share: None)
    assert (found.verdict, looked) == (Verdict.UNKNOWN, [0])


def test_a_panic_stops_no_other_and_an_interruption_stops_all() -> None:
    found = examine(exam(), [check(panicking), check(failing)], lambda each, share: None)
    assert [finding.verdict for finding in found] == [Verdict.UNKNOWN, Verdict.FAIL]

    def interrupted(exam: Examined) -> Iterable[Finding]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        examine(exam(), [check(interrupted)], lambda each, share: None)


def test_a_finding_says_how_many_rows_were_drawn_where_not_all_were_asked() -> None:
    every = exam()  # 3,600 rows to learn from, 1,200 held out
    by_draw = replace(check(failing), draws=Draw(training=1000, holdout=1200, every=2000))
    (found,) = examine(every, [by_draw], lambda each, share: None)
    assert found.because == "it is bad (by 1,000 of 3,600 training rows and 2,000 of 6,000 rows, drawn fairly)"
    assert np.array_equal(drawn(every, every.training, 1000), drawn(every, every.training, 1000))
    assert np.all(np.isin(drawn(every, every.training, 1000), every.training))


def test_codes_of_checks_are_gates() -> None:
    codes = [each.code for each in EVERY]
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if not is_gate(code)] == []
    said_by_training = {code for code in codes if any(f"{known}-".startswith(f"{code}-") for known in CODES)}
    assert set(EXAM_CODES) == set(codes) - said_by_training


@pytest.mark.parametrize("each", EVERY, ids=lambda each: each.code)
def test_a_check_says_what_it_asks_and_what_to_do(each: Check) -> None:
    assert each.asks.endswith("?")
    assert each.limit
    assert each.remedy
    found = list(each.look(exam()))
    assert found
    assert all(f"{finding.code}-".startswith(f"{each.code}-") for finding in found)
