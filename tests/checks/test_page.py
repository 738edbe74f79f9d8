"""The page of the exam is the code's."""

from pathlib import Path

from mainstay.checks.every import EVERY
from mainstay.checks.page import checks_page

CHECKOUT = Path(__file__).parents[2]


def test_the_committed_page_is_the_generated_one() -> None:
    committed = (CHECKOUT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert committed == checks_page(), "run: python docs/generate.py"


def test_every_check_stands_there_once() -> None:
    page = checks_page()
    assert [check.code for check in EVERY if page.count(f"| `{check.code}` |") != 1] == []
