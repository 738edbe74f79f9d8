"""Pictures say their finding, keep to the theme's colours, load nothing and hold no script."""

import re
from datetime import UTC, datetime, timedelta

import altair as alt
import numpy as np
import pytest

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Evaluation
from mainstay.domain.shown import EffectShown
from mainstay.report import pictures
from mainstay.report.actions import Words, action_of, words_of
from mainstay.report.ladder import ladder
from mainstay.report.pictures.canvas import label, layered
from mainstay.report.pictures.money_curve import MoneyWords
from mainstay.report.rows import rows_of
from mainstay.report.theme import DARK, LIGHT, NARROW, WIDE
from mainstay.stats.calibration import calibration_error, reliability
from mainstay.stats.lift import lift_table

HOSTILE = "<script>alert(\"x\")</script> & 'q' 🙂" + "n" * 300
COLOUR = re.compile(r'(?:fill|stroke)="([^"]*)"')
NAMES = ("lift", "reliability", "money", "candidates", "timeline")


def draw(name: str, evaluation: Evaluation, words: Words, width: int) -> alt.LayerChart:
    rows = rows_of(evaluation)
    if name == "lift":
        return pictures.lift(lift_table(rows.outcomes, rows.scores), words, width=width)
    if name == "reliability":
        error = calibration_error(rows.outcomes, rows.scores)
        bins, shares = reliability(rows.outcomes, rows.scores), f"Share with {words.event} by predicted share"
        return pictures.reliability(bins, error, shares, width=width)
    if name == "money":
        steps = ladder(rows, 0.2513)
        assert steps.ahead is not None
        said = MoneyWords("TWD", words.low.always, words.high.done, 0.2, 0.3)
        return pictures.money_curve(steps, steps.ahead, said, width=width)
    if name == "candidates":
        return pictures.candidates(evaluation.summary.candidates, "TWD", width=width)
    return timeline(words, width)


def timeline(words: Words, width: int) -> alt.LayerChart:
    at = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=7 * i) for i in range(12)]
    marks = [pictures.Mark(at[3], words.event, "truth"), pictures.Mark(at[4], "noticed", "signal")]
    lines = {"Mainstay": [1.0, None, *range(10)], words.low.word: [2.0] * 12, "never": [3.0] * 12}
    return pictures.watch_timeline(at, lines, marks=marks, says=f"{words.event} seen", shows="by week", width=width)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_colours_are_the_themes(name: str, width: int, evaluation: Evaluation, brief: Brief) -> None:
    svg = pictures.to_svg(draw(name, evaluation, words_of(brief), width))
    assert set(COLOUR.findall(svg)) <= {*LIGHT.values(), "none", "transparent"}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_loaded_and_no_text_is_code(name: str, evaluation: Evaluation) -> None:
    words = Words(action_of(HOSTILE), action_of(HOSTILE), HOSTILE, HOSTILE)
    svg = pictures.to_svg(draw(name, evaluation, words, WIDE))
    assert "<script" not in svg
    assert not [url for url in re.findall(r"https?://[^\"' <]*", svg) if not url.startswith("http://www.w3.org/")]


@pytest.mark.parametrize("name", NAMES)
def test_a_png_and_a_title_that_says_the_finding(name: str, evaluation: Evaluation, brief: Brief) -> None:
    chart = draw(name, evaluation, words_of(brief), NARROW)
    assert pictures.to_png(chart).startswith(b"\x89PNG")
    assert len(pictures.finding(chart)) > 10
    assert pictures.subtitle(chart)
    assert pictures.bare(chart).to_dict().get("title") is None


def test_signs_that_svg_cannot_hold_are_drawn_as_pictures_of_them() -> None:
    odd = "a\x1b[31m\x00\x01\x7f\ufffe\uffff🙂"
    chart = layered(label([{"text": odd}]), says=odd, shows=odd, width=200, height=50)
    assert "a␛[31m␀␁\x7f��🙂" in pictures.to_svg(chart)
    assert pictures.to_png(chart).startswith(b"\x89PNG")


def test_one_score_for_all_is_no_top_of_anything(brief: Brief) -> None:
    outcomes, scores = np.array([0.0, 1.0] * 30), np.full(60, 0.5)
    drawn = pictures.lift(lift_table(outcomes, scores), words_of(brief))
    assert pictures.finding(drawn) == "So many cases share one score that none can be picked before others"
    assert " in one bucket of cases" in pictures.subtitle(drawn)
    points = pictures.reliability(
        reliability(outcomes, scores), calibration_error(outcomes, scores), "Share of defaults"
    )
    assert pictures.subtitle(points) == "Share of defaults, in one bin of cases with 95% intervals"


def test_the_lifts_finding_is_the_lifts_gain(evaluation: Evaluation, brief: Brief) -> None:
    rows = rows_of(evaluation)
    table = lift_table(rows.outcomes, rows.scores)
    found = pictures.finding(pictures.lift(table, words_of(brief)))
    assert found.startswith("The top tenth of cases holds")
    assert f"{100 * table.gain[0]:.0f}%" in found


def test_without_positives_nothing_is_claimed(brief: Brief) -> None:
    table = lift_table(np.zeros(50), np.linspace(0, 1, 50))
    chart = pictures.lift(table, words_of(brief))
    assert "cannot be told" in pictures.finding(chart)
    assert pictures.to_svg(chart)


def test_light_and_dark_name_the_same_roles_and_are_readable() -> None:
    assert LIGHT.keys() == DARK.keys()
    for mode in (LIGHT, DARK):
        for role in mode.keys() - {"paper", "hair"}:
            assert contrast(mode[role], mode["paper"]) >= 4.5, role


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21. Source: WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("low", "name", "stands"),
    [
        (-0.05, "age", "behind"),
        (-2.0, "age", "at the edge"),
        (-0.2, "a" * 46, "at the edge"),
        (0.1, "age", "at the edge"),
    ],
)
def test_names_stand_behind_the_line_of_nought_where_little_lies_below_it(low: float, name: str, stands: str) -> None:
    drawn = [pictures.Line(name, (pictures.Span(0.3, low, 1.0),))]
    chart = pictures.lines(drawn, pictures.Axis("EUR", as_bars=True), says="", shows="").to_dict(validate=False)
    named = [layer["encoding"]["x"] for layer in chart["layer"] if layer["mark"]["type"] == "text"]
    wanted = {"datum": 0} if stands == "behind" else {"value": 0}
    assert named == [wanted, wanted]
    assert all(layer["mark"]["dx"] > 0 for layer in chart["layer"] if layer["mark"]["type"] == "text")


def test_between_whole_numbers_there_is_no_tick() -> None:
    moved = EffectShown(
        name="workingday",
        values=(0.0, 1.0),
        mean=(200.0, 210.0),
        low=(50.0, 60.0),
        high=(400.0, 410.0),
        edges=(0.0, 0.5, 1.0),
        counts=(30, 70),
    )
    drawn = pictures.effect(moved, (50.0, 410.0), says="", shows="", is_share=False, width=NARROW)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", pictures.to_svg(drawn))
    assert {"0", "1"} <= set(texts)
    assert not {"0.2", "0.5", "0.8"} & set(texts)
