"""The watch page: it says how a model stands for every task, and says plainly what cannot be said."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from tests.monitoring.conftest import calm  # noqa: F401  (its fixture)
from tests.monitoring.overviews import Seen, binary, of_task, signal
from tests.monitoring.worlds import Calm

from mainstay.domain.evaluation import Estimate
from mainstay.domain.task import Task
from mainstay.report.metrics import name_of
from mainstay.report.pictures import arriving
from mainstay.report.watch.answer import against_promise
from mainstay.report.watch.page import page_of, told

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def page(seen: Seen) -> str:
    return page_of(told(seen.found, seen.told, made_at=seen.at))


def texts(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<(style|script|svg).*?</\1>", "", html, flags=re.S)))


@pytest.fixture(scope="module")
def seen(calm: Calm) -> Seen:  # noqa: F811
    first = binary(calm)
    return binary(calm, signals=(signal("number_1", first.at - timedelta(days=9)),))


@pytest.fixture(scope="module")
def html(seen: Seen) -> str:
    return page(seen)


def test_the_first_sentence_says_what_was_earned_and_how_sure_that_is(seen: Seen, html: str) -> None:
    says = told(seen.found, seen.told, made_at=seen.at)
    value = seen.found.earned.value
    assert value is not None
    assert says["answer"].startswith("A decision has earned about EUR ")
    assert "likely" in says["answer"]
    assert "was promised" in says["answer"]
    assert "every case would have earned" in says["more"][0]
    assert says["answer"] in texts(html).replace(" ,", ",")


def test_signals_say_what_since_when_what_it_costs_and_what_to_do(html: str) -> None:
    said = texts(html)
    for part in ("number_1 moved.", "likely cause: world", "Cost:", "→ ask", "signal 1 · F29-input-drift"):
        assert part in said
    assert "Watched and well" in said


def test_every_section_has_its_picture_and_its_table(html: str) -> None:
    for name in ("money", "performance", "happened", "record", "decided", "arrival", "traffic", "score-spread"):
        assert f'id="figure-{name}"' in html
    for name in ("money", "performance", "record", "inputs", "outcomes", "traffic"):
        assert f'id="table-{name}"' in html


def test_it_asks_for_nothing_outside(html: str) -> None:
    assert "default-src &#39;none&#39;" in html
    assert not re.search(r'(src|href)="(?!#)', html)


@pytest.mark.parametrize(("task", "metric"), [(Task.REGRESSION, "mae"), (Task.MULTICLASS, "accuracy")])
def test_other_tasks_have_a_page(task: Task, metric: str) -> None:
    said = texts(page(of_task(task)))
    assert f": {name_of(metric)} " in said
    assert "nobody has said: the brief states no value" in said


def test_without_outcomes_it_says_why_nothing_is_known(calm: Calm) -> None:  # noqa: F811
    said = texts(page(binary(calm, learned=False)))
    assert "What m is worth cannot be said yet: no outcome has come for" in said
    assert "No outcome has come" in said
    assert "how well it foretells" in said.lower()


def test_where_nothing_was_decided_it_says_so(calm: Calm) -> None:  # noqa: F811
    assert "Nothing was decided since" in texts(page(binary(calm, empty=True)))


def test_a_promise_is_kept_as_far_as_both_are_known() -> None:
    wide, sharp = Estimate(5.0, 3.0, 7.0), Estimate(5.0, 4.9, 5.1)
    assert against_promise(wide, Estimate(6.0, 5.9, 6.1)) == "as"
    assert against_promise(sharp, Estimate(6.0, 5.9, 6.1)) == "less"
    assert against_promise(sharp, Estimate(6.0, 5.9, 6.1), lower_is_better=True) == "more"
    assert against_promise(sharp, None) == against_promise(Estimate(5.0), sharp) == ""


def test_the_curve_of_arrival_ends_where_it_says_nothing_more() -> None:
    days = [float(day) for day in range(1, 91)]
    drawn = arriving(days, [min(day / 10, 1.0) for day in days], 20.0, says="all came", shows="by day")
    told = drawn.to_dict()
    area = told["layer"][0]
    rows = told["datasets"][area["data"]["name"]]
    assert max(row["x"] for row in rows) <= area["encoding"]["x"]["scale"]["domain"][1] < 25


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it_and_the_keyboard_is_enough(
    browser: Browser, html: str, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    file = tmp_path / "watch.html"
    file.write_text(html, encoding="utf-8")
    tab = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    heard: list[str] = []
    tab.on("console", lambda message: heard.append(message.text))
    tab.goto(file.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.is_visible("#figure-money .narrow svg")
    tab.focus("#money summary")
    tab.keyboard.press("Enter")
    assert tab.is_visible("#table-money")
    tab.close()
    assert not heard
