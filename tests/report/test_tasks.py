"""The pages of amounts and of several classes: whole, in their own words, and silent about what is not known."""

import re
from datetime import datetime
from html import unescape
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest
from tests.report.worlds import (
    AMOUNTS,
    AMOUNTS_VALUE,
    TRIAGE,
    TRIAGE_VALUE,
    amounts_world,
    brief_of,
    classes_world,
)

from mainstay.domain.errors import DataError
from mainstay.domain.evaluation import Evaluation
from mainstay.report.page import render

BINARY_WORDS = re.compile(r"threshold|lift|decided “|declin|\bhigh scores", re.IGNORECASE)
MOST_BYTES = 400_000


def page(evaluation: Evaluation, text: str, made_at: datetime, **more: Any) -> str:
    html = render(evaluation, brief_of(text), version="m/1", made_at=made_at, **more)
    said = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(script|style).*?</\1>", "", html))
    assert not re.search(r"\b(nan|NaN|inf|None|Infinity)\b|&lt;(Macro|Undefined)\b", said), said
    return html


def text_of(html: str) -> str:
    plain = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(script|style|svg).*?</\1>", "", html))
    return unescape(re.sub(r"\s+", " ", plain))


@pytest.fixture(scope="module")
def bikes(made_at: datetime) -> str:
    return page(amounts_world(), AMOUNTS + AMOUNTS_VALUE, made_at)


@pytest.fixture(scope="module")
def triage(made_at: datetime) -> str:
    return page(classes_world(), TRIAGE + TRIAGE_VALUE, made_at)


def test_amounts_lead_with_money_and_error_in_their_unit(bikes: str) -> None:
    said = text_of(bikes)
    assert re.search(r"Worth about EUR [\d,]+ a decision more than always foretelling the mean \(likely", said)
    assert "more than today's rule" in said
    assert re.search(
        r"average error of \d+ bikes \(likely \d+ to \d+\); always foretelling the mean errs by \d+ and today's rule",
        said,
    )
    assert re.search(r"\d+% of what varies R², likely", said)
    assert re.search(r"Nine of ten come within \d+ bikes of what was foretold; \d+ of 100 come above it", said)
    assert "each unit too high: -1; each unit too low: -3" in said


def test_classes_lead_with_money_and_how_often_they_are_right(triage: str) -> None:
    said = text_of(triage)
    assert "a decision more than deciding every case alike" in said
    assert re.search(r"Tells outcome right in \d+ of 100 cases \(likely .*%\); always naming the commonest would", said)
    assert re.search(r"“[^”]+” is found most often, in \d+% of its cases; “[^”]+” least, in", said)
    assert "It decides what is worth most, given the chances of all classes" in said
    assert "How often the likeliest class came, by its predicted chance" in said


def test_all_ways_to_decide_are_counted_those_that_are_not_drawn_too(made_at: datetime) -> None:
    world = classes_world(money=False)
    names = np.array([f"k{i:02}" for i in range(14)])
    rows = world.rows.with_columns(decided=pl.Series(names[np.arange(world.rows.height) % 14]))
    said = text_of(page(Evaluation(world.summary, rows), TRIAGE, made_at))
    assert re.search(r"Decides each case one way: (“k\d\d”, ){5}“k\d\d” or eight others\.", said)


def test_no_words_of_two_outcomes(bikes: str, triage: str) -> None:
    for html in (bikes, triage):
        assert not BINARY_WORDS.search(text_of(html))
        assert "fact-share" not in html
        assert len(html) < MOST_BYTES


def test_what_training_knows(bikes: str, triage: str) -> None:
    for html in (bikes, triage):
        said = text_of(html)
        assert "1,600 of 2,000 rows reach 99% of what all of them give (likely 1,100 to 1,800)" in said
        assert "Twice the rows would bring R² 0.870 (likely 0.860 to 0.880) instead of 0.860, worth EUR 4.2" in said
        assert "0.850 was measured: it held" in said
        assert "instead of 0.94" in said
        assert "1.5 minutes (1.4 of computing), 2,000 rows with 1,900 labels, 350 MB" in said
        assert "h1; this was look 3 of the 20 that the brief allows" in said
        assert "learner boosting, learning_rate 0.05123, trees 300" in said
        assert {"table-steps", "table-splits", "table-curve-rows"} <= set(re.findall(r'id="([^"]+)"', html))
        assert "sum over 300 trees" in said


@pytest.mark.parametrize("task", ["amounts", "classes"])
def test_what_is_not_known_is_left_out(task: str, made_at: datetime) -> None:
    old: dict[str, Any] = {"curves": (), "splits": {}, "settings": {}, "cost": None, "holdout": "", "candidates": ()}
    world, text = (amounts_world, AMOUNTS) if task == "amounts" else (classes_world, TRIAGE)
    html = page(world(money=False, **old, metrics={}, findings=()), text, made_at)
    for part in ("curve-rows", "splits", "candidates", "table-steps"):
        assert f'id="{part}"' not in html
    assert not re.search(r"<dt>(holdout|settings|cost of the training)</dt>", html)
    assert "Money is not stated" in html


@pytest.mark.parametrize("money", [True, False])
@pytest.mark.parametrize("n", [1, 50])
def test_few_rows_make_pages(n: int, money: bool, made_at: datetime) -> None:
    page(amounts_world(n, money=money), AMOUNTS + (AMOUNTS_VALUE if money else ""), made_at)
    page(classes_world(n, money=money), TRIAGE + (TRIAGE_VALUE if money else ""), made_at)


def test_odd_amounts(made_at: datetime) -> None:
    for outcomes in (np.zeros(90), np.full(90, -1e15), np.linspace(-1e-7, 1e-7, 90)):
        page(amounts_world(90, outcome=outcomes), AMOUNTS + AMOUNTS_VALUE, made_at)


def test_many_classes_with_odd_names(made_at: datetime) -> None:
    names = tuple(f"k{i:02d} '\"<b>\\ 🙂 {'n' * 80}" for i in range(30))
    html = page(classes_world(1500, names=names), TRIAGE, made_at)
    assert "all others" in html
    assert "<b>\\" not in html
    assert len(html) < MOST_BYTES


def test_actions_that_are_no_classes_are_neither_right_nor_wrong(made_at: datetime) -> None:
    made = classes_world()
    acts = pl.when(pl.col("decided") == "home").then(pl.lit("send home")).otherwise(pl.lit("keep"))
    html = page(Evaluation(made.summary, made.rows.with_columns(acts.alias("decided"))), TRIAGE, made_at)
    assert "is decided in" in html
    assert 'id="table-classes"' not in html


def test_a_rule_of_classes_has_no_shares(made_at: datetime) -> None:
    made = classes_world()
    html = page(Evaluation(made.summary, made.rows.select("outcome", "decided", "value")), TRIAGE, made_at)
    assert 'id="reliability"' not in html


def test_broken_evaluations_are_refused(made_at: datetime) -> None:
    for made, text in ((amounts_world(20), AMOUNTS), (classes_world(20), TRIAGE)):
        with pytest.raises(DataError, match="no column 'outcome'"):
            page(Evaluation(made.summary, made.rows.drop("outcome")), text, made_at)
        with pytest.raises(DataError, match="no holdout rows"):
            page(Evaluation(made.summary, made.rows.clear()), text, made_at)
    strange = msgspec.structs.replace(made.summary, task="ranking")
    with pytest.raises(DataError, match="ranking"):
        page(Evaluation(strange, made.rows), TRIAGE, made_at)
