"""The page of the exam is the code's."""

import json
from pathlib import Path

from mainstay.checks.every import EVERY
from mainstay.checks.page import checks_page

DOCS = Path(__file__).parents[2] / "docs"


def page() -> str:
    measured = (
        json.loads((DOCS / name).read_text(encoding="utf-8"))
        for name in ("confusion.json", "confusion-peers.json", "real-tables.json")
    )
    return checks_page(*measured)


def test_the_committed_page_is_the_generated_one() -> None:
    committed = (DOCS / "checks.md").read_text(encoding="utf-8")
    assert committed == page(), "run: python docs/generate.py"


def test_every_check_stands_there_once() -> None:
    made = page()
    assert [check.code for check in EVERY if made.count(f"| `{check.code}` | {check.asks} |") != 1] == []
