"""A report within a notebook's page, in a real Chromium: its slider counts, and it cannot reach what is around it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Evaluation
from mainstay.report.framed import framed
from mainstay.report.page import render

sync_api = pytest.importorskip("playwright.sync_api")


def test_the_slider_works_within_a_notebook(
    browser: sync_api.Browser, evaluation: Evaluation, brief: Brief, made_at: datetime, tmp_path: Path
) -> None:
    page = render(evaluation, brief, version="credit/3", made_at=made_at)
    place = tmp_path / "notebook.html"
    place.write_text(f"<!doctype html><meta charset=utf-8><title>n</title>{framed(page, 'report')}", encoding="utf-8")
    said: list[str] = []
    shown = browser.new_page()
    shown.on("console", lambda message: said.append(message.text))
    shown.on("pageerror", lambda error: said.append(str(error)))
    shown.goto(place.as_uri())
    frame = shown.frames[1]
    facts = frame.locator("dl.facts").first
    before = facts.inner_text()
    frame.locator("input[type=range]").first.press("PageUp")
    assert facts.inner_text() != before
    assert said == []
    assert frame.evaluate("(() => { try { return parent.document.title } catch { return 'shut' } })()") == "shut"
    shown.close()
