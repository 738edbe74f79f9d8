"""The page about recipes is true: its rules are those of the code, and its recipes can live here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.workflows.recipes_for_tests import bench_of, examined

from mainstay.domain.finding import Verdict
from mainstay.domain.recipe import COMPLEXITIES, Context
from mainstay.domain.recipe_rules import FIRST, RULES

PAGE = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
RULE = re.compile(r"^\| `(R\d\d-[a-z]+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
LIBRARIES = ("lightgbm", "xgboost", "catboost", "skrub")


def test_the_page_lists_every_rule_word_for_word() -> None:
    written = [(rule.code, rule.asks, rule.remedy, "first" if rule.code in FIRST else "in `check`") for rule in RULES]
    assert RULE.findall(PAGE) == written


def test_the_page_names_all_that_a_recipe_is_told_and_may_say() -> None:
    assert not [name for name in Context.__struct_fields__ if f"`{name}`" not in PAGE]
    assert not [name for name in COMPLEXITIES[:-1] if f'`"{name}"`' not in PAGE]


def test_there_are_examples_of_every_library() -> None:
    assert len(EXAMPLES) == 6
    assert {name for name in LIBRARIES if any(f"from {name} " in text for text in EXAMPLES)} == {*LIBRARIES}


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_can_live_here(text: str) -> None:
    for library in LIBRARIES:
        if f"from {library} " in text:
            pytest.importorskip(library)
    if re.search(r'^    return "', text, re.MULTILINE):
        bench_of(text)
        return  # a rule: there is nothing to fit
    quick = tuple(code for code in FIRST if code != "R06-repeats")
    assert not [finding for finding in examined(text, quick).values() if finding.verdict is Verdict.FAIL]
