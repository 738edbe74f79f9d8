"""Numbers in words keep to what is known, and never say more or less than the number."""

import math

from hypothesis import given
from hypothesis import strategies as st

from mainstay.report.words import counted, likely, money, number, of_hundred, percent, share_range, signed, step_of

NUMBERS = st.floats(-1e9, 1e9).filter(lambda x: abs(x) > 1e-6)
SCALE = {"trillion": 1e12, "billion": 1e9, "million": 1e6}


def read(text: str) -> float:
    """The number that a text says."""
    head, *rest = text.replace("−", "-").replace(",", "").split(" ")
    return float(head) * (SCALE[rest[0]] if rest else 1)


@given(NUMBERS, st.floats(1e-6, 1e9))
def test_a_number_is_at_most_half_a_step_off(value: float, half: float) -> None:
    step = step_of(value, value - half, value + half)
    assert abs(read(number(value, step)) - value) <= step / 2 * (1 + 1e-9) + 1e-9 + 2 * math.ulp(value)


@given(NUMBERS, st.floats(1e-4, 1e9))
def test_the_step_is_no_coarser_than_half_the_interval(value: float, half: float) -> None:
    assert step_of(value, value - half, value + half) <= half * (1 + 1e-9)


@given(NUMBERS, st.floats(1e-3, 1e6))
def test_a_bound_that_is_not_nought_is_not_shown_as_nought(value: float, half: float) -> None:
    low, high = value - half, value + half
    step = step_of(value, low, high)
    for bound in (low, high):
        if abs(bound) > 1e-6:
            assert read(number(bound, step)) != 0


@given(st.floats(0, 1))
def test_a_percentage_is_near_its_share(share: float) -> None:
    assert abs(float(percent(share)[:-1]) / 100 - share) <= 0.006


@given(st.floats(1e-5, 1))
def test_a_count_of_a_hundred_is_near_its_share(share: float) -> None:
    part, whole = of_hundred(share).replace(",", "").split(" of ")
    assert math.isclose(int(part) / int(whole), share, rel_tol=0.06)


def test_large_money_reads_in_millions() -> None:
    assert money(17_950_000.0, "TWD", 1e6) == "TWD 18 million"
    assert likely(15.2e6, 20.4e6, 1e6) == "likely 15 to 20 million"
    assert money(1_234_567.0, "", 1e4) == "1.23 million"


def test_signs_are_always_shown_but_for_nought() -> None:
    assert [signed(x, 1.0) for x in (3.0, -3.0, 0.2)] == ["+3", "−3", "0"]


def test_what_is_not_known_says_so() -> None:
    assert percent(math.nan) == of_hundred(math.nan) == "unknown"
    assert likely(None, 3.0, 1.0) == share_range(math.nan, math.nan) == "how sure is not known"


def test_small_counts_are_words() -> None:
    assert counted(0, "check") == "no checks"
    assert counted(12, "check") == "12 checks"
