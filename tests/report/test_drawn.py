"""What an exam kept, on the page: each picture with its sentence and its table, nothing where nothing was kept."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.report.shown_worlds import bare, level_effect, number_effect, place, taken, whole
from tests.report.worlds import AMOUNTS, AMOUNTS_VALUE, TRIAGE, TRIAGE_VALUE, amounts_world, brief_of, classes_world

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Estimate, Evaluation
from mainstay.domain.shown import InputShown, PlacesShown, Shown, near
from mainstay.report.inputs import effect_says, inputs_of
from mainstay.report.page import render
from mainstay.report.pictures.effect import ticks
from mainstay.report.places import places_of
from mainstay.report.theme import LIGHT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = "<b>\"x\"</b> & 'q' 🙂 {{ 1 }}" + "n" * 300
SECTIONS = ("inputs", "places", "people")


@pytest.fixture(scope="module")
def html(evaluation: Evaluation, brief: Brief, made_at: datetime) -> str:
    return render(evaluation, brief, version="credit/3", made_at=made_at, exam=taken(whole()))


def section(html: str, name: str) -> str:
    return html[html.index(f'<section id="{name}"') :].split("</section>", maxsplit=1)[0]


def test_every_section_has_its_link_and_every_picture_its_words_and_table(html: str) -> None:
    for name in SECTIONS:
        assert f'href="#{name}"' in html
        part = section(html, name)
        assert part.count("<table") >= 1
        pictures = re.findall(r'role="img" aria-label="([^"]*)"', part)
        assert pictures
        assert all(len(each) > 30 for each in pictures)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert len(html) < 2_000_000


def test_the_page_says_what_was_found(html: str) -> None:
    inputs, places, people = (section(html, name) for name in SECTIONS)
    assert "debt carries 42% of the skill (likely 39 to 45)" in inputs
    assert "Without what debt tells, a decision is worth TWD 310 less (likely 270 to 350)" in inputs
    assert "debt: the score rises with it, from 5% to 23%" in inputs
    assert "region: from 10% for north to 30% for south" in inputs
    assert "Worse than approving every case in 1 of 2 segments by region, most in region=south: TWD −6" in places
    assert "age&lt;25 and region=south" in places
    assert "One place of fewer than 30 rows cannot be told." in places
    assert "For every 100 of sex=m with" in people
    assert "there are 67 of sex=f; for every 100 declined, 75" in people
    assert "The brief allows a gap of 0.05 between groups in the selection rate: it is surely exceeded." in people
    assert "sex: the gap of selection rate" in people
    assert "<td>sex=x</td>" in people


def test_the_auditor_gets_the_tests(html: str) -> None:
    small = section(html, "small-print")
    assert "ML Test Score 1 of 7, that of the weakest section: data 2, model 1" in small
    assert small.count("Question 1") == 2


@pytest.mark.parametrize("shown", [None, Shown()])
def test_what_was_not_kept_is_left_out(
    shown: Shown | None, evaluation: Evaluation, brief: Brief, made_at: datetime
) -> None:
    html = render(evaluation, brief, version="credit/3", made_at=made_at, exam=taken(shown))
    for name in SECTIONS:
        assert f'id="{name}"' not in html
        assert f'href="#{name}"' not in html
    assert "ML Test Score" not in html


def test_the_least_that_is_kept_is_drawn_in_every_task(
    evaluation: Evaluation, brief_without_money: Brief, made_at: datetime
) -> None:
    worlds = (
        (evaluation, brief_without_money, bare()),
        (amounts_world(), brief_of(AMOUNTS + AMOUNTS_VALUE), whole()),
        (classes_world(), brief_of(TRIAGE + TRIAGE_VALUE), bare()),
    )
    for world, brief, shown in worlds:
        html = render(world, brief, version="m/1", made_at=made_at, exam=taken(shown))
        assert "nan" not in re.findall(r">([^<]*)<", section(html, "people"))
        assert 'id="figure-segments-0"' in html
        assert 'id="figure-segments-1"' not in html
        assert not re.search(r">\d+m<", html), "a half is 0.5 on an axis"


def test_hostile_names_are_text(evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    html = render(evaluation, brief, version="credit/3", made_at=made_at, exam=taken(whole(HOSTILE)))
    assert "<b>" not in section(html, "inputs") + section(html, "places")
    assert len(html) < 2_000_000


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(
    width: int, browser: Browser, evaluation: Evaluation, brief: Brief, made_at: datetime, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    html = render(evaluation, brief, version="credit/3", made_at=made_at, exam=taken(whole(HOSTILE)))
    file.write_text(html, encoding="utf-8")
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto(file.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.locator("#figure-effect-0 svg:visible").count() == 1
    tab.close()


def test_pictures_keep_to_the_themes_colours(html: str) -> None:
    for name in SECTIONS:
        used = set(re.findall(r'(?:fill|stroke)="([^"]*)"', section(html, name)))
        assert used <= {*LIGHT.values(), "none", "transparent"}


def test_inputs_beyond_the_table_are_counted() -> None:
    inputs = tuple(InputShown(name=f"c{i}", share=Estimate(0.1, 0.05, 0.15)) for i in range(60))
    made = inputs_of(Shown(inputs=inputs, n_inputs=3000), "binary", "")
    assert made is not None
    assert made.rest.startswith("50 inputs of less importance are in the table. 2,940 more are not told")


def test_a_worse_place_has_a_word_beside_its_colour(html: str) -> None:
    assert "region=south: −6, worse" in section(html, "places")


def test_what_an_effect_says() -> None:
    ends = (0.0, 0.5)
    rising = number_effect()
    falling = msgspec.structs.replace(rising, mean=rising.mean[::-1])
    turning = msgspec.structs.replace(rising, mean=(0.1, 0.2, 0.3, 0.4, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05))
    flat = msgspec.structs.replace(rising, mean=(0.1,) * 10)
    assert effect_says(rising, ends, "binary").startswith("debt: the score rises with it")
    assert effect_says(falling, ends, "binary") == "debt: the score falls with it, from 23% to 5%"
    assert effect_says(turning, ends, "binary") == "debt: from 5% at 900 to 50% at 400"
    fine = msgspec.structs.replace(turning, values=tuple(0.1234 + float(value) / 1111 for value in turning.values))
    assert effect_says(fine, ends, "binary") == "debt: from 5% at 0.93 to 50% at 0.48"  # and not 0.93349
    assert effect_says(flat, ends, "binary") == "debt: hardly moves the score by itself"
    assert effect_says(flat, ends, "regression") == "debt: hardly moves the amount by itself"
    assert effect_says(level_effect(of="ward"), ends, "multiclass").startswith("region (chance of ward): from 10%")


def test_single_numbers_far_out_are_left_out_of_the_picture() -> None:
    assert near([*(100.0 * i for i in range(9)), 1e9]) == slice(0, 9)
    assert near([100.0 * i for i in range(10)]) == slice(0, 10)


@pytest.mark.parametrize("ends", [(0.0, 1.0), (0.2, 0.21), (-3.0, 1e6), (5.0, 5.0)])
def test_ticks_lie_where_scores_are(ends: tuple[float, float]) -> None:
    found = ticks(*ends)
    assert 1 <= len(found) <= 7
    assert all(ends[0] <= each <= ends[1] for each in found)


def test_many_segments_are_drawn_few_and_said() -> None:
    many = {"a": tuple(place(f"a={i}", float(i)) for i in range(30))}
    found = places_of(PlacesShown(over="the rule", unit="EUR", is_money=True, segments=many))
    assert found is not None
    assert found.parts[0].rest == "14 places more are in the table."
    assert len(found.parts[0].table.rows) == 30
