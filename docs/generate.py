"""Writes the pages that are made from the code; a test holds the committed ones to it."""

from __future__ import annotations

import json
from pathlib import Path

from mainstay.checks.page import checks_page
from mainstay.domain.brief.page import brief_page
from mainstay.domain.brief.schema import schema_text

HERE = Path(__file__).parent


def exam_page() -> str:
    """Return the page of the exam, with what was measured of it."""
    measured = (
        json.loads((HERE / name).read_text(encoding="utf-8"))
        for name in ("confusion.json", "confusion-peers.json", "real-tables.json")
    )
    return checks_page(*measured)


PAGES = {"brief.md": brief_page, "checks.md": exam_page, "mainstay.schema.json": schema_text}


def write(folder: Path) -> None:
    """Write every page into `folder`."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write(HERE)
