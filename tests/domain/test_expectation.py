"""Expectations are read with every problem told."""

import pytest

from mainstay.domain.errors import BriefError
from mainstay.domain.expectation import Decided, Invariant, Monotone, Slice, parse_expectations

TEXT = """
[[monotone]]
name = "score rises with debt"
column = "debt"
direction = "rises"
low = 0
high = 9
[[decided]]
name = "these are declined"
decision = "decline"
rows = [{ debt = 9, region = "north" }, { debt = 8 }]
[[slice]]
name = "the south is ranked"
where = "region == 'south'"
metric = "roc_auc"
at_least = 0.7
[[invariant]]
name = "a change of name changes nothing"
column = "name"
"""


def test_every_kind_is_read() -> None:
    assert [type(each) for each in parse_expectations(TEXT)] == [Monotone, Decided, Slice, Invariant]
    assert parse_expectations("") == ()


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('column = "debt"', 'colum = "debt"', "colum: unknown key. Did you mean 'column'"),
        ("high = 9", "high = -1", "low 0 is not below high -1"),
        ("at_least = 0.7", "", "one of at_least and at_most"),
        ("a change of name changes nothing", "score rises with debt", "two expectations are called"),
        ("region == 'south'", "import os", "where"),
        ('rows = [{ debt = 9, region = "north" }, { debt = 8 }]', "rows = []", "rows"),
        ("[[slice]]", "[[slices]]", "slices"),
    ],
)
def test_what_is_wrong_is_said(was: str, now: str, said: str) -> None:
    assert was in TEXT
    with pytest.raises(BriefError, match=said):
        parse_expectations(TEXT.replace(was, now))
