"""What a training cost, in money where the brief gives prices, and how soon it pays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.brief.parts import CostsPart
from mainstay.domain.cost import Used, made_for, pays_after, per_decision, priced

MONEY = st.floats(0, 1e6)
SECONDS = st.floats(0, 1e6)


@given(SECONDS, st.integers(0, 10**7), st.none() | MONEY, st.none() | MONEY)
def test_what_has_a_price_is_paid_for_and_nothing_else(
    seconds: float, labels: int, hour: float | None, label: float | None
) -> None:
    costs = CostsPart(compute_hour=hour, label=label)
    cost = priced(Used(seconds, 2 * seconds, 10), rows=labels + 5, labels=labels, costs=costs)
    assert (cost.compute_money is None) == (hour is None)
    assert (cost.label_money is None) == (label is None)
    assert (made_for(cost) is None) == (hour is None and label is None)
    assert (made_for(cost) or 0) >= max(cost.compute_money or 0, cost.label_money or 0)


@given(MONEY, st.floats(1e-6, 1e6), st.none() | st.floats(0, 1e6))
def test_it_has_paid_after_as_many_decisions_as_said_and_not_before(
    made: float, ahead: float, thousand: float | None
) -> None:
    costs = CostsPart(compute_hour=made, per_1000_decisions=thousand)
    cost = priced(Used(3600.0, 1.0, 1), rows=1, labels=1, costs=costs)
    after, gained = pays_after(cost, ahead, costs), ahead - (per_decision(costs) or 0)
    assert (after is None) == (gained <= 0)
    if after is not None:
        assert after * gained >= made * (1 - 1e-9)
        assert (after - 1) * gained < made * (1 + 1e-9) or after == 0


def test_what_was_never_priced_never_pays() -> None:
    cost = priced(Used(1.0, 1.0, 1), rows=1, labels=1, costs=CostsPart())
    assert made_for(cost) is None
    assert pays_after(cost, 5.0, CostsPart()) is None
