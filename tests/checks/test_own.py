"""What a project's own function may give, and what each of it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import numpy as np
import pytest
from tests.checks.made import exam

from mainstay.checks.check import Section
from mainstay.checks.examined import Examined
from mainstay.checks.own import MOST_FINDINGS, absent_check, asked, own_check, question
from mainstay.domain.finding import Finding, Verdict

MADE = exam()


def several(exam: Examined) -> Iterator[object]:
    yield "the first thing"
    yield Finding(code="F00-own-told-more", verdict=Verdict.WARN, because="nearer")
    yield Finding(code="mine", verdict=Verdict.WARN, because="under another code")


def breaks(exam: Examined) -> bool:
    raise ValueError(f"{exam.table[0, 0]} is personal")


GIVEN: tuple[tuple[object, Verdict], ...] = (
    (True, Verdict.PASS),
    (np.bool_(False), Verdict.FAIL),
    ("", Verdict.PASS),
    ("nobody is asked", Verdict.FAIL),
    (None, Verdict.UNKNOWN),
    (0.3, Verdict.UNKNOWN),
    (b"no", Verdict.UNKNOWN),
    ("\ud800", Verdict.UNKNOWN),
    ({"a": 1}, Verdict.UNKNOWN),
)


@pytest.mark.parametrize(("given", "verdict"), GIVEN, ids=[repr(given) for given, _ in GIVEN])
def test_each_form_of_an_answer_has_its_verdict(given: object, verdict: Verdict) -> None:
    (found,) = asked("told", lambda exam: given, MADE)
    assert (found.code, found.verdict) == ("F00-own-told", verdict)


def test_several_findings_keep_a_code_of_their_family() -> None:
    found = asked("told", several, MADE)
    assert [each.code for each in found] == ["F00-own-told", "F00-own-told-more", "F00-own-told"]
    assert found[0].because == "the first thing"


def test_one_that_throws_is_its_own_finding_without_values() -> None:
    (found,) = asked("breaks", breaks, MADE)
    assert found.verdict is Verdict.UNKNOWN
    assert found.because == "breaks broke at checks.py:0 (ValueError) and says nothing"


class Panic(BaseException):
    """As a library that is no Python throws it."""


@pytest.mark.parametrize("thrown", [Panic, KeyboardInterrupt, SystemExit])
def test_a_panic_an_exit_and_a_finding_of_wrong_types_are_findings_too(thrown: type[BaseException]) -> None:
    def panics(exam: Examined) -> bool:
        raise thrown

    odd = Finding(code=3, verdict="maybe", because=None)  # type: ignore[arg-type]
    (panic,), (wrong,) = asked("panics", panics, MADE), asked("odd", lambda exam: odd, MADE)
    assert (panic.verdict, wrong.verdict) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert f"({thrown.__name__})" in panic.because
    assert "(ValidationError)" in wrong.because


def test_findings_without_an_end_are_refused() -> None:
    (found,) = asked("endless", lambda exam: repeat("again"), MADE)
    assert found.because == f"endless gives more than {MOST_FINDINGS:,} findings"


def test_the_docstring_asks() -> None:
    def told(exam: Examined) -> bool:
        """Is it so?

        Not this.
        """
        return True

    asks = question("told", told)
    check = own_check("told", asks, lambda exam: ())
    assert (check.section, check.asks) == (Section.OWN, "Is it so?")


def test_a_gate_that_is_not_there_fails() -> None:
    (found,) = absent_check("F00-own-gone").look(MADE)
    assert (found.code, found.verdict) == ("F00-own-gone", Verdict.FAIL)
