"""A column that its source renamed: read under its alias, and guessed by what it held or how it is called."""

from __future__ import annotations

import polars as pl

from mainstay.data.renamed import healing_lines, under_names
from mainstay.domain.brief import parse_brief

BRIEF = '[model]\nname = "m"\n[data]\ntarget = "t"\n[value]\ncurrency = "EUR"\nwhen_high_and_positive = "income / 10"\n'
BRIEF += "when_high_and_negative = 0\nwhen_low_and_positive = 0\nwhen_low_and_negative = 0\n"
ALIASES = '[fields.income]\naliases = ["salary", "pay"]\n'


def test_an_alias_takes_the_name_of_its_field_where_that_is_not_there() -> None:
    brief = parse_brief(BRIEF + ALIASES)
    assert under_names(pl.DataFrame({"pay": [1], "t": [0]}), brief).columns == ["income", "t"]
    both = pl.DataFrame({"income": [1], "pay": [2], "t": [0]})
    assert under_names(both, brief).columns == both.columns


def test_the_line_that_heals_names_the_likely_column() -> None:
    brief = parse_brief(BRIEF)
    assert healing_lines(["Income", "t"], brief, {}) == '[fields.income]\naliases = ["Income"]'
    assert healing_lines(["x", "t"], brief, {"income": "x"}) == '[fields.income]\naliases = ["x"]'
    assert not healing_lines(["x", "t"], brief, {})
    known = parse_brief(BRIEF + ALIASES)
    assert healing_lines(["incomes", "t"], known, {}) == '[fields.income]\naliases = ["salary", "pay", "incomes"]'
