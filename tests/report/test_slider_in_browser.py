"""The slider in a real Chromium: money by every table, errors, and who is hit, equal to Python's to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from tests.report.conftest import BRIEF, VALUE, MakeEvaluation

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.evaluation import Evaluation
from mainstay.report.actions import words_of
from mainstay.report.answer import facts
from mainstay.report.decisions import four_cells
from mainstay.report.hit import HitBy, hit_cells, hits_by
from mainstay.report.ladder import Ladder, ladder
from mainstay.report.page import render
from mainstay.report.rows import Rows, Worth, rows_of
from mainstay.stats.value import value_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

VIEWS = """
[value.revenue]
when_low_and_negative = "0.06 * LIMIT_BAL"
[value."cases & <b>"]
currency = ""
when_high_and_positive = 1
"""
CENT = 0.005


@pytest.fixture(scope="module")
def brief() -> Brief:
    return parse_brief(BRIEF.replace("positive = 1", 'positive = 1\nprotected = ["sex"]') + VALUE + VIEWS)


@pytest.fixture(scope="module")
def evaluation(make_evaluation: MakeEvaluation) -> Evaluation:
    made, rng = make_evaluation(3000), np.random.default_rng(8)
    low, happened = made.rows["value_low"].to_numpy(), made.rows["outcome"].to_numpy()
    more = {
        "value_high:revenue": np.zeros(3000),
        "value_low:revenue": np.where(happened == 1, 0.0, np.abs(low)) + 0.01,
        "value_high:cases & <b>": happened,
        "value_low:cases & <b>": np.zeros(3000),
        "segment:sex": rng.choice(["women", "men"], 3000),
        "segment:region": rng.choice(["north", "south", "__proto__", 'w "<i>'], 3000, p=[0.5, 0.3, 0.193, 0.007]),
    }
    return Evaluation(made.summary, made.rows.with_columns(**{name: pl.Series(each) for name, each in more.items()}))


@pytest.fixture(scope="module")
def rows(evaluation: Evaluation) -> Rows:
    return rows_of(evaluation)


@pytest.fixture(scope="module")
def steps(rows: Rows, evaluation: Evaluation) -> Ladder:
    return ladder(rows, evaluation.summary.threshold)


@pytest.fixture(scope="module")
def hits(evaluation: Evaluation, rows: Rows, steps: Ladder, brief: Brief) -> tuple[HitBy, ...]:
    return hits_by(evaluation.rows, rows, steps, brief.data.protected)


@pytest.fixture(scope="module")
def address(evaluation: Evaluation, brief: Brief, made_at: datetime, tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(render(evaluation, brief, version="credit/3", made_at=made_at), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def tab(browser: Browser, address: str) -> Iterator[Tab]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(address)
    yield page
    page.close()
    assert not heard


def places(steps: Ladder) -> list[int]:
    return [0, 1, 64, 250, steps.best, steps.chosen, 512, 800, steps.at.size - 2, steps.at.size - 1]


def shown(tab: Tab, place: str) -> float:
    return float(tab.get_attribute(place, "data-value") or "nan")


def worth_at(rows: Rows, worth: Worth, at: float) -> float:
    return value_at(rows.scores, worth.high, worth.low, at).value


def test_money_is_pythons_to_the_cent_by_every_table(tab: Tab, rows: Rows, steps: Ladder, brief: Brief) -> None:
    assert rows.worth is not None
    assert list(rows.views) == ["revenue", "cases & <b>"]
    for i in places(steps):
        tab.locator("#threshold").fill(str(i))
        at = float(steps.at[i])
        wanted = [worth_at(rows, rows.worth, at), *(worth_at(rows, view, at) for view in rows.views.values())]
        found = [shown(tab, f"#fact-{name}") for name in ("worth", "view-0", "view-1")]
        assert found == pytest.approx(wanted, abs=CENT / rows.n)  # so that what all rows bring is right to the cent
        for fact in facts(steps, i, words_of(brief), "TWD", "declining every case"):
            place = tab.locator(f"#fact-{fact.name}")
            assert (place.locator(".says").inner_text(), place.locator("small").inner_text()) == (
                fact.says,
                fact.likely,
            )


def test_errors_are_counted_anew(tab: Tab, rows: Rows, steps: Ladder) -> None:
    for i in places(steps):
        tab.locator("#threshold").fill(str(i))
        for cell in four_cells(steps, i):
            assert tab.inner_text(f"#four-{cell.name} b") == cell.says
            assert tab.inner_text(f"#four-{cell.name} .of") == cell.share
        wrong = int((~rows.outcomes & (rows.scores >= steps.at[i])).sum())
        assert tab.inner_text("#four-high-other b") == f"{wrong:,}"


def test_who_is_hit_is_counted_anew_and_survives_sorting(
    tab: Tab, rows: Rows, steps: Ladder, hits: tuple[HitBy, ...], evaluation: Evaluation
) -> None:
    tab.click("#hit summary")
    tab.locator("#table-hit-1 th button").first.click()
    assert [by.is_group for by in hits] == [True, False]
    for i in places(steps):
        tab.locator("#threshold").fill(str(i))
        for k, by in enumerate(hits):
            read = "all => all.map(r => [...r.cells].map(c => c.textContent))"
            drawn = sorted(tab.eval_on_selector_all(f"#table-hit-{k} tbody tr", read))
            assert drawn == sorted([cell.text for cell in hit_cells(hit, i)] for hit in by.hits)
    women = (evaluation.rows["segment:sex"] == "women").to_numpy()
    assert rows.worth is not None
    tab.locator("#threshold").fill(str(steps.best))
    money = np.where(rows.scores >= steps.at[steps.best], rows.worth.high, rows.worth.low)[women].sum()
    place = "#table-hit-0 tr:has-text('women') td:nth-last-child(2)"
    assert shown(tab, place) * women.sum() == pytest.approx(money, abs=CENT)


def test_the_best_position_is_marked_and_one_key_away(tab: Tab, rows: Rows, steps: Ladder) -> None:
    assert steps.worth is not None
    assert steps.worth.per_decision[steps.best] == steps.worth.per_decision.max()
    assert tab.is_visible(".spark .mark")
    tab.focus("#threshold-best")
    tab.keyboard.press("Enter")
    assert tab.input_value("#threshold") == str(steps.best)
    assert shown(tab, "#fact-worth") == pytest.approx(float(steps.worth.per_decision.max()), abs=CENT / rows.n)


def test_without_a_script_a_table_of_thresholds_remains(browser: Browser, address: str, steps: Ladder) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address)
    assert "the table of thresholds" in page.inner_text("noscript")
    page.click("#thresholds summary")
    assert page.locator("#table-thresholds tbody tr").count() > 15
    assert page.inner_text("#four-high-event b") == f"{steps.n_right[steps.chosen]:,}"
    page.close()
