"""The model card: front matter that a hub can read, and nothing of a table that turns into markup."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.report.conftest import BRIEF, VALUE
from tests.report.worlds import AMOUNTS, AMOUNTS_VALUE, TRIAGE, TRIAGE_VALUE, amounts_world, brief_of, classes_world

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Evaluation
from mainstay.domain.finding import Finding, Verdict
from mainstay.report.card import card_of
from mainstay.report.framed import framed
from mainstay.report.gallery import figures_in, picture_files
from mainstay.report.markdown import plain
from mainstay.report.page import told


def says(evaluation: Evaluation, brief: Brief, made_at: datetime) -> dict[str, Any]:
    return told(evaluation, brief, version="credit/3", made_at=made_at)


def card(evaluation: Evaluation, brief: Brief, made_at: datetime) -> str:
    return card_of(says(evaluation, brief, made_at), evaluation.summary)


def front(text: str) -> dict[str, Any]:
    """The front matter, each line of which is a name and JSON."""
    _, lines, _ = text.split("---\n", 2)
    return {name: json.loads(value) for name, value in (line.split(": ", 1) for line in lines.strip().splitlines())}


def test_a_hub_reads_task_metrics_and_licence(evaluation: Evaluation, made_at: datetime) -> None:
    brief = brief_of(BRIEF.replace("[data]", 'license = "apache-2.0"\n[data]', 1) + VALUE)
    about = front(card(evaluation, brief, made_at))
    assert about["license"] == "apache-2.0"
    assert about["pipeline_tag"] == "tabular-classification"
    assert about["metrics"][0] == "roc_auc"
    (model,) = about["model-index"]
    (result,) = model["results"]
    assert result["dataset"]["name"] == "credit.csv"
    values = {each["type"]: each["value"] for each in result["metrics"]}
    assert values == {name: found.value for name, found in evaluation.summary.metrics.items()}


def test_a_licence_that_nobody_stated_is_left_out(evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    assert "license" not in front(card(evaluation, brief, made_at))


def test_the_card_says_what_the_page_says(evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    context = says(evaluation, brief, made_at)
    text = card_of(context, evaluation.summary)
    for sentence in (*context["own"].sentences, context["verdict_sentence"], context["how_sure"]):
        assert plain(sentence) in text
    for heading in ("## Lift", "## Thresholds", "## Right and wrong", "## Candidates", "## Checks", "## Metrics"):
        assert f"\n{heading}\n" in text
    assert "F08-segment" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert tables
    assert all(line.endswith("|") for line in tables)


@pytest.mark.parametrize("money", [True, False])
def test_every_task_has_a_card_and_pictures(money: bool, made_at: datetime) -> None:
    worlds = (
        (amounts_world(money=money), AMOUNTS + (AMOUNTS_VALUE if money else ""), "tabular-regression", "foretold"),
        (classes_world(money=money), TRIAGE + (TRIAGE_VALUE if money else ""), "tabular-classification", "confusion"),
    )
    for world, text, task, picture in worlds:
        context = says(world, brief_of(text), made_at)
        assert front(card_of(context, world.summary))["pipeline_tag"] == task
        assert picture in {drawn.name for drawn in figures_in(context)}


def test_a_model_without_a_finite_metric_has_a_card(evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    bare = Evaluation(msgspec.structs.replace(evaluation.summary, metrics={}), evaluation.rows)
    assert front(card(bare, brief, made_at))["model-index"][0]["results"] == []


def test_strange_texts_are_no_markup(evaluation: Evaluation, made_at: datetime) -> None:
    strange = "<img src=x> | **bold** [a](javascript:b) `c`\n# no heading 🐟"
    finding = Finding(code="F08-x", verdict=Verdict.FAIL, because=strange, subjects=("a|b",), remedy=strange)
    bent = Evaluation(msgspec.structs.replace(evaluation.summary, findings=(finding,)), evaluation.rows)
    brief = brief_of(BRIEF + VALUE).model_copy()
    text = card(bent, brief, made_at)
    assert "<img" not in text.replace("\\<img", "")
    assert "\n# no heading" not in text


def test_pictures_are_files_with_words(evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    context = says(evaluation, brief, made_at)
    drawn = figures_in(context)
    files = picture_files(context)
    assert len(files) == 2 * len(drawn) >= 8
    for each in drawn:
        assert files[f"{each.name}.png"].startswith(b"\x89PNG")
        svg = files[f"{each.name}.svg"].decode()
        assert svg.startswith("<svg")
        assert "<title>" in svg[:2000]
        assert "http" not in svg.replace("http://www.w3.org", "")


def test_a_frame_holds_the_whole_page_as_text() -> None:
    shown = framed('<script>"</iframe>"</script>', "<x>")
    assert shown.count("</iframe>") == 1
    assert 'sandbox="allow-scripts"' in shown
    assert "<script" not in shown
    assert np.char.count(shown, "<iframe") == 1
