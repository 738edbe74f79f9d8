"""The page in a real Chromium: what it counts anew is what Python counts, and it fits, sorts and keeps quiet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from tests.report.worlds import TRIAGE, TRIAGE_VALUE, brief_of, classes_world

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Evaluation
from mainstay.report.actions import words_of
from mainstay.report.answer import facts
from mainstay.report.buckets import CHOICES, cut, lift_cells, sums_at_edges
from mainstay.report.ladder import Ladder, ladder
from mainstay.report.page import render
from mainstay.report.rows import Rows, rows_of
from mainstay.report.theme import DARK, LIGHT
from mainstay.report.words import fixed, likely, number, of_hundred, percent, share_range, signed, step_of
from mainstay.stats.intervals import wilson
from mainstay.stats.value import value_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

NOTHING = "declining every case"
SHOWN = "id => [...document.querySelectorAll(`#${id} tbody tr`)].map(r => [...r.cells].map(c => c.textContent))"


@pytest.fixture(scope="module")
def rows(evaluation: Evaluation) -> Rows:
    return rows_of(evaluation)


@pytest.fixture(scope="module")
def steps(rows: Rows, evaluation: Evaluation) -> Ladder:
    return ladder(rows, evaluation.summary.threshold)


@pytest.fixture(scope="module")
def address(evaluation: Evaluation, brief: Brief, made_at: datetime, tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(render(evaluation, brief, version="credit/3", made_at=made_at), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def tab(browser: Browser, address: str) -> Iterator[Tab]:
    """The page, opened; it must ask for nothing else and complain of nothing."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(address) else heard.append(request.url))
    page.goto(address)
    yield page
    page.close()
    assert not heard


def slide(tab: Tab, i: int) -> None:
    tab.locator("#threshold").fill(str(i))


def said(tab: Tab) -> dict[str, tuple[str, str]]:
    """What stands beside the slider, by name."""
    read = "d => [d.id.slice(5), d.querySelector('.says').textContent, d.querySelector('small').textContent]"
    return {name: (says, how) for name, says, how in tab.eval_on_selector_all(".facts dd", f"all => all.map({read})")}


def test_the_slider_says_what_python_says(tab: Tab, rows: Rows, steps: Ladder, brief: Brief) -> None:
    assert rows.worth is not None
    for i in (0, 7, 120, steps.chosen, 333, 640, steps.at.size - 1):
        slide(tab, i)
        wanted = {fact.name: (fact.says, fact.likely) for fact in facts(steps, i, words_of(brief), "TWD", NOTHING)}
        assert said(tab) == wanted, i
        worth = float(tab.get_attribute("#fact-worth", "data-value") or "nan")
        python = value_at(rows.scores, rows.worth.high, rows.worth.low, float(steps.at[i]))
        assert abs(worth - python.value) < 0.005


def test_buckets_are_cut_anew_as_python_cuts_them(tab: Tab, rows: Rows, brief: Brief) -> None:
    sums = sums_at_edges(rows, CHOICES)
    for n in (20, 5, 10):
        tab.select_option("#buckets", str(n))
        wanted = lift_cells(cut(sums, n), words_of(brief), "TWD")
        assert tab.evaluate(SHOWN, "table-lift") == [[cell.text for cell in cells] for cells in wanted.rows]
        assert [tab.is_visible(f"#figure-lift-{k}") for k in CHOICES] == [k == n for k in CHOICES]


def test_the_script_words_numbers_as_python_does(tab: Tab) -> None:
    rng = np.random.default_rng(4)
    values = [*(rng.normal(size=60) * 10.0 ** rng.integers(-6, 13, 60)), 0.0, 5.0, -0.5, 999.5, 1e6, 999_999.6]
    shares = [*rng.random(40) ** 4, *(1 - rng.random(20) ** 4), 0.0, 1.0, 0.125, 0.0995, 0.995, 0.5]
    script = """([values, shares]) => [
      values.map((v) => { const half = Math.abs(v) / 7 + 1e-7, low = v - half, high = v + half;
        const step = words.stepOf(v, low, high), alone = words.stepOf(v, null, null);
        const lopsided = words.stepOf(v, v - half / 4, v + 2 * half);
        const told = [words.number(v, step), words.signed(v, alone), words.likely(low, high, step)];
        return [...told, words.number(v, lopsided)]; }),
      shares.map((s) => { const bounds = words.wilson(Math.round(s * 321), 321);
        return [words.percent(s), words.ofHundred(s), words.shareRange(bounds), words.fixed(100 * s, 2)]; })]"""
    numbers, parts = tab.evaluate(script, [values, shares])
    for value, found in zip(values, numbers, strict=True):
        half = abs(value) / 7 + 1e-7
        step = step_of(value, value - half, value + half)
        lopsided = number(value, step_of(value, value - half / 4, value + 2 * half))
        wanted = [number(value, step), signed(value, step_of(value)), likely(value - half, value + half, step)]
        assert found == [*wanted, lopsided], value
    for share, found in zip(shares, parts, strict=True):
        bounds = wilson(int(share * 321 + 0.5), 321)
        wanted = [percent(share), of_hundred(share), share_range(bounds.low, bounds.high), fixed(100 * share, 2)]
        assert found == wanted, share


def test_the_address_keeps_what_was_set(tab: Tab, address: str, steps: Ladder) -> None:
    slide(tab, 640)
    tab.select_option("#buckets", "5")
    before, kept = said(tab), tab.url
    assert kept.startswith(f"{address}#")
    tab.goto("about:blank")
    tab.goto(kept)
    assert said(tab) == before
    assert tab.input_value("#buckets") == "5"
    tab.click("#threshold-reset")
    assert tab.input_value("#threshold") == str(steps.chosen)
    assert "threshold" not in tab.url


def test_a_typed_threshold_moves_the_slider(tab: Tab, steps: Ladder) -> None:
    tab.fill("#threshold-number", "0.4")
    tab.press("#threshold-number", "Enter")
    assert steps.at[int(tab.input_value("#threshold"))] == pytest.approx(0.4)


def test_the_keyboard_is_enough(tab: Tab, steps: Ladder) -> None:
    tab.focus("#threshold")
    tab.keyboard.press("ArrowRight")
    assert tab.input_value("#threshold") == str(steps.chosen + 1)
    assert "declined" in (tab.get_attribute("#threshold", "aria-valuetext") or "")
    tab.focus("#lift summary")
    tab.keyboard.press("Enter")
    assert tab.is_visible("#table-lift")


def test_tables_sort(tab: Tab) -> None:
    tab.click("#thresholds summary")
    heading = tab.locator("#table-thresholds th button").nth(1)
    for order, wanted in (("descending", True), ("ascending", False)):
        heading.click()
        column = tab.eval_on_selector_all(
            "#table-thresholds tbody tr", "all => all.map(r => +r.cells[1].dataset.value)"
        )
        assert column == sorted(column, reverse=wanted)
        assert tab.get_attribute("#table-thresholds th:nth-child(2)", "aria-sort") == order


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.is_visible("#figure-money .narrow svg")
    assert not page.is_visible("#figure-money .wide svg")
    lines = """[...document.querySelectorAll('.matrix tbody th')].map((each) => {
      const range = document.createRange(); range.selectNodeContents(each); return range.getClientRects().length; })"""
    assert set(page.evaluate(lines)) == {1}, "a word of a decision is broken in two"
    colour = "(where, part) => getComputedStyle(document.querySelector(where))[part]"
    ink = page.evaluate(f"({colour})('body', 'color')")
    ours = page.evaluate(f"""({colour})('#figure-money .narrow path[stroke="{LIGHT["ours"]}"]', 'stroke')""")
    mode = LIGHT if scheme == "light" else DARK
    assert (ink, ours) == (rgb(mode["ink"]), rgb(mode["ours"]))
    page.close()


def test_a_wide_table_of_classes_fits_a_desk(browser: Browser, made_at: datetime, tmp_path: Path) -> None:
    file, page = tmp_path / "report.html", browser.new_page(viewport={"width": 1280, "height": 900})
    text = TRIAGE + TRIAGE_VALUE
    file.write_text(render(classes_world(), brief_of(text), version="triage/3", made_at=made_at), encoding="utf-8")
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    wide = "[...document.querySelectorAll('.scroll')].filter((s) => s.scrollWidth > s.clientWidth + 1).map((s) => s.id)"
    assert page.evaluate("document.querySelectorAll('#table-candidates th').length") >= 10
    assert page.evaluate(wide) == []
    page.close()


def test_paper_shows_the_tables_and_no_controls(tab: Tab) -> None:
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not tab.is_visible("#threshold")
    assert not tab.is_visible("nav")
    for name in ("lift", "reliability", "thresholds", "classes", "confusion", "candidates"):
        assert tab.is_visible(f"#table-{name}"), name
    sorts = tab.locator("#table-lift th button").first  # a box in a heading keeps it off the next sheet
    assert sorts.evaluate("each => getComputedStyle(each).display") == "contents"
    threshold = tab.locator(".try").evaluate("each => getComputedStyle(each).breakBefore")
    assert threshold == "page", "the first sheet holds the answer alone, and the mark of the best stays with its curve"
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not tab.is_visible("#table-lift") or tab.evaluate("!document.querySelector('#lift details').open")


def test_without_a_script_the_page_still_reads(browser: Browser, address: str, steps: Ladder, brief: Brief) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address)
    text = page.inner_text("main")
    for fact in facts(steps, steps.chosen, words_of(brief), "TWD", NOTHING):
        assert fact.says in text
    page.close()


def test_the_pages_data_is_all_there_is_to_count(tab: Tab, steps: Ladder) -> None:
    data = json.loads(tab.inner_text("#thresholds-data") or tab.text_content("#thresholds-data") or "")
    assert data["n_high"] == steps.n_high.tolist()
    assert steps.worth is not None
    assert data["worth"]["value"] == steps.worth.per_decision.tolist()
