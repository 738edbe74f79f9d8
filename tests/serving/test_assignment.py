"""Assignment: sticky, balanced, independent of other models, and growing without moving anybody."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from mainstay.serving.assignment import CHAMPION, CONTROL, assign

PEOPLE = [f"person {i}" for i in range(20_000)]


def controls(share: float, *, model: str = "credit", secret: bytes = b"s") -> set[str]:
    return {p for p in PEOPLE if assign(p, model=model, control_share=share, secret=secret).name == CONTROL}


def test_the_control_is_as_large_as_stated() -> None:
    for share in (0.02, 0.1, 0.5):
        expected, spread = share * len(PEOPLE), math.sqrt(share * (1 - share) * len(PEOPLE))
        assert abs(len(controls(share)) - expected) < 4 * spread


def test_arms_of_two_models_or_two_homes_are_independent() -> None:
    here = controls(0.5)
    for other in (controls(0.5, model="upsell"), controls(0.5, secret=b"t")):
        both = len(here & other) / len(PEOPLE)
        assert abs(both - 0.25) < 4 * math.sqrt(0.25 * 0.75 / len(PEOPLE))


def test_raising_the_share_only_adds_entities() -> None:
    assert controls(0.05) < controls(0.1) < controls(0.3)


@given(st.text(), st.floats(0, 1))
def test_an_entity_keeps_its_arm_and_its_probability(entity: str, share: float) -> None:
    arm = assign(entity, model="m", control_share=share, secret=b"s")
    assert arm == assign(entity, model="m", control_share=share, secret=b"s")
    assert arm.share == (share if arm.name == CONTROL else 1 - share)
    assert arm.name in (CHAMPION, CONTROL)


def test_without_a_control_everybody_gets_the_model() -> None:
    assert not controls(0.0)
    assert len(controls(1.0)) == len(PEOPLE)
