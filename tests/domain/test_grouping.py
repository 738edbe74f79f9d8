"""What is said of many columns is said once, whatever its numbers; what is said of the whole stays as it is."""

from __future__ import annotations

from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.grouping import grouped


def finding(name: str, because: str, *, code: str = "F15-unreadable-values", remedy: str = "") -> Finding:
    return Finding(code=code, verdict=Verdict.WARN, subjects=(name,) if name else (), because=because, remedy=remedy)


def test_other_numbers_join_and_name_the_first() -> None:
    (one,) = grouped(
        [finding(name, f"{n} of 900 values of {name} could not be read") for n, name in enumerate("abc", 1)]
    )
    assert one.because == "1 of 900 values of a could not be read; and alike of b and c (3 columns in all)"
    assert one.subjects == ("a", "b", "c")


def test_other_codes_verdicts_and_sentences_stay_apart() -> None:
    apart = [
        finding("a", "a is empty"),
        finding("b", "b is empty", code="F10-identifier"),
        finding("c", "c is full"),
        finding("", "all is well"),
        finding("", "all is well"),
    ]
    assert grouped(apart) == tuple(apart)


def test_many_names_are_counted() -> None:
    (one,) = grouped([finding(f"x{i}", f"x{i} says the same in every training row") for i in range(20)])
    assert "x7 and 12 more (20 columns): each says the same in every training row" in one.because
