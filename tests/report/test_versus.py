"""Two versions side by side: paired where rows are the same, honest where not, for every task."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import polars as pl
import pytest
from tests.report.conftest import FINDINGS, MakeEvaluation
from tests.report.worlds import AMOUNTS, AMOUNTS_VALUE, TRIAGE, TRIAGE_VALUE, amounts_world, brief_of, classes_world

from mainstay.domain.brief import Brief
from mainstay.domain.errors import Asked
from mainstay.domain.evaluation import Evaluation
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.taken import Answered, Question, Taken
from mainstay.report.versus.compare import Comparison, compare, comparison_json
from mainstay.report.versus.page import answer_sentence, measures_table, more_sentences, render_comparison
from mainstay.report.versus.sides import Side

if TYPE_CHECKING:
    from playwright.sync_api import Browser

INPUTS = {"LIMIT_BAL": "number"}


def side(name: str, evaluation: Evaluation, brief: Brief, **more: Any) -> Side:
    return Side(**{"name": name, "evaluation": evaluation, "brief": brief, "inputs": INPUTS} | more)


def noisier(evaluation: Evaluation, *, seed: int = 3) -> Evaluation:
    """The same rows with scores that say less."""
    mixed = evaluation.rows["score"].to_numpy() + np.random.default_rng(seed).normal(0, 0.25, evaluation.rows.height)
    rows = evaluation.rows.with_columns(score=pl.Series(np.clip(mixed, 0.001, 0.999)))
    return Evaluation(evaluation.summary, rows)


@pytest.fixture(scope="module")
def both(evaluation: Evaluation, brief: Brief) -> Comparison:
    return compare(side("credit/1", noisier(evaluation), brief), side("credit/2", evaluation, brief))


def by_name(found: Comparison) -> dict[str, Any]:
    return {each.name: each for each in found.measures}


def test_the_same_rows_are_paired_and_the_better_is_found(both: Comparison) -> None:
    assert both.unpaired == ""
    found = by_name(both)
    for name in ("money", "roc_auc", "log_loss", "brier_score"):
        assert found[name].paired
        assert found[name].verdict == "better", name
    money = found["money"]
    assert money.ahead.value == pytest.approx(money.after.value - money.before.value)
    apart = np.hypot(money.after.high - money.after.low, money.before.high - money.before.low)
    assert money.ahead.high - money.ahead.low < apart, "pairing takes common luck away"


def test_other_rows_are_not_paired(make_evaluation: MakeEvaluation, evaluation: Evaluation, brief: Brief) -> None:
    for other in (make_evaluation(2000, seed=2), make_evaluation(1500), make_evaluation(2000, holdout="h2")):
        found = compare(side("credit/1", other, brief), side("credit/2", evaluation, brief))
        assert found.unpaired
        assert not any(each.paired for each in found.measures)
        assert found.behaviour.otherwise is None
        assert "because" in render_comparison(found, made_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_version_beside_itself_is_alike(evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    found = compare(side("credit/2", evaluation, brief), side("credit/2", evaluation, brief))
    assert not found.changes
    assert found.behaviour.otherwise is None
    assert {each.verdict for each in found.measures} <= {"alike", "unknown"}
    page = render_comparison(found, made_at=made_at)
    assert "Nothing is different" in page
    assert "Every case is decided alike by both" in page
    assert "nothing else changed between them" in page
    assert "– the same" in page


def test_other_words_for_a_side_decide_nobody_otherwise(
    evaluation: Evaluation, brief: Brief, made_at: datetime
) -> None:
    decision = brief.decision.model_copy(update={"when_high": "yes", "when_low": "no"})
    first = side("credit/1", evaluation, brief.model_copy(update={"decision": decision}))
    found = compare(first, side("credit/2", evaluation, brief))
    assert found.behaviour.otherwise is None
    assert "“yes” is now “decline” (scores that are high)" in found.behaviour.renamed
    assert comparison_json(found)["renamed"] == found.behaviour.renamed
    page = render_comparison(found, made_at=made_at)
    assert page.count("The words of the decision changed") == 1
    assert "Every case is decided alike by both" in page

    lower = Evaluation(msgspec.structs.replace(evaluation.summary, threshold=0.2), evaluation.rows)
    moved = compare(first, side("credit/2", lower, brief)).behaviour.otherwise
    assert moved is not None
    scores = evaluation.rows["score"].to_numpy()
    told = [(row[0].text, row[1].text, row[2].value) for row in moved.rows]
    assert told == [("approved", "declined", np.count_nonzero((scores >= 0.2) & (scores < 0.2513)))]
    assert compare(first, first).behaviour.renamed == ""


def test_words_that_changed_places_decide_everybody_otherwise(
    evaluation: Evaluation, brief: Brief, made_at: datetime
) -> None:
    words = {"when_high": brief.decision.when_low, "when_low": brief.decision.when_high}
    turned = brief.model_copy(update={"decision": brief.decision.model_copy(update=words)})
    found = compare(side("credit/1", evaluation, turned), side("credit/2", evaluation, brief))
    assert found.behaviour.renamed.startswith("The two words of the decision changed places: scores that are high were")
    assert "decides nobody otherwise" not in found.behaviour.renamed
    assert found.behaviour.otherwise is not None
    assert sum(row[2].value or 0 for row in found.behaviour.otherwise.rows) == evaluation.rows.height
    assert {(row[0].text, row[1].text) for row in found.behaviour.otherwise.rows} == {
        ("approved", "declined"),
        ("declined", "approved"),
    }
    page = render_comparison(found, made_at=made_at)
    assert page.count("changed places") == 1
    assert "Every case is decided alike by both" not in page


def test_the_same_scores_are_said_to_be_the_same(
    make_evaluation: MakeEvaluation, brief_without_money: Brief, both: Comparison
) -> None:
    same = make_evaluation(2000, money=False)
    first, then = (side(f"credit/{i}", same, brief_without_money) for i in (1, 2))
    says = "credit/2 and credit/1 score the same 2,000 cases the same"
    assert answer_sentence(compare(first, then)) == f"{says}, and decide them alike."
    lower = Evaluation(msgspec.structs.replace(same.summary, threshold=0.2), same.rows)
    found = compare(first, side("credit/2", lower, brief_without_money))
    assert answer_sentence(found) == f"{says}, but decide some otherwise."
    assert not both.scored_alike


def test_money_of_one_side_alone_has_its_currency(
    make_evaluation: MakeEvaluation, evaluation: Evaluation, brief: Brief, brief_without_money: Brief
) -> None:
    without = side("credit/1", make_evaluation(2000, money=False), brief_without_money)
    table = measures_table(compare(without, side("credit/2", evaluation, brief)))
    assert table.rows[0][0].text == "money, TWD a decision"


def test_changes_name_settings_inputs_rows_and_brief(evaluation: Evaluation, brief: Brief) -> None:
    summary = msgspec.structs.replace(evaluation.summary, settings={"trees": 50}, seed=8)
    other = brief.model_copy(update={"gates": ("F10",)})
    first = side("credit/1", evaluation, brief)
    then = side(
        "credit/2", Evaluation(summary, evaluation.rows), other, inputs={"LIMIT_BAL": "category", "AGE": "number"}
    )
    changed = {(each.part, each.what): (each.before, each.after) for each in compare(first, then).changes}
    assert changed == {
        ("training", "trees"): ("–", "50"),
        ("training", "seed"): ("7", "8"),
        ("inputs", "LIMIT_BAL"): ("number", "category"),
        ("inputs", "AGE"): ("–", "number"),
        ("brief", "gates"): ("targets", "F10"),
    }


def test_the_sentence_says_which_is_better_by_how_much_and_which_way(made_at: datetime) -> None:
    amounts, world = brief_of(AMOUNTS), amounts_world(money=False)
    first, then = side("bike/1", world, amounts), side("bike/2", noisier_amounts(world), amounts)
    said = answer_sentence(compare(first, then))
    assert re.fullmatch(r"bike/2 is worse than bike/1: R² is 0\.\d+ lower \(likely 0\.\d+ to 0\.\d+\)\.", said)
    said = answer_sentence(compare(side("bike/1", noisier_amounts(world), amounts), side("bike/2", world, amounts)))
    assert re.fullmatch(r"bike/2 is better than bike/1: R² is 0\.\d+ higher \(likely 0\.\d+ to 0\.\d+\)\.", said)


def test_a_version_that_leans_on_what_nobody_has_placed_in_time_is_not_taken_at_its_word(
    evaluation: Evaluation, brief: Brief
) -> None:
    asked = Finding(code="F10-too-strong", verdict=Verdict.WARN, because="duration tells", subjects=("duration",))
    summary = msgspec.structs.replace(evaluation.summary, findings=(asked,))
    found = compare(
        side("bank/1", Evaluation(summary, evaluation.rows), brief), side("bank/2", noisier(evaluation), brief)
    )
    (told,) = [each for each in more_sentences(found) if "Nobody" in each]
    assert told == (
        "Nobody has said when duration is known, which bank/1 reads: its numbers may be too good to be true."
    )


def test_a_finding_that_names_other_columns_now_has_moved(evaluation: Evaluation, brief: Brief) -> None:
    apart = Finding(code="F10-told-apart", verdict=Verdict.WARN, because="told apart", subjects=("a",))
    wider = msgspec.structs.replace(apart, verdict=Verdict.FAIL, subjects=("a", "b"))
    two = (apart, msgspec.structs.replace(apart, subjects=("c",)))

    def told(name: str, *found: Finding) -> Side:
        summary = msgspec.structs.replace(evaluation.summary, findings=found)
        return side(name, Evaluation(summary, evaluation.rows), brief)

    then = told("credit/2", wider)
    moves = [compare(told("credit/1", *found), then).moves for found in ((apart,), two)]
    assert [(each.new, each.gone, each.worse) for each in moves] == [
        ((), (), ((apart, wider),)),
        ((wider,), two, ()),
    ]


def test_findings_move(evaluation: Evaluation, brief: Brief) -> None:
    passed, warned, unknown = FINDINGS
    fresh = Finding(code="F12-new", verdict=Verdict.FAIL, because="It broke", remedy="Mend it")
    now = (msgspec.structs.replace(warned, verdict=Verdict.FAIL), passed, fresh)
    summary = msgspec.structs.replace(evaluation.summary, findings=now)
    then = side("credit/2", Evaluation(summary, evaluation.rows), brief)
    moves = compare(side("credit/1", evaluation, brief), then).moves
    assert [each.code for each in moves.new] == ["F12-new"]
    assert [each.code for each in moves.gone] == [unknown.code]
    assert [(a.verdict, b.verdict) for a, b in moves.worse] == [(Verdict.WARN, Verdict.FAIL)]
    assert not moves.better


def test_an_exam_of_one_alone_is_not_held_against_it(evaluation: Evaluation, brief: Brief) -> None:
    found = Finding(code="F20-only-asked-here", verdict=Verdict.FAIL, because="bad")
    exam = Taken(at="2026-01-01T00:00:00Z", answers=(Answered(finding=found, question=Question()),))
    moves = compare(side("credit/1", evaluation, brief), side("credit/2", evaluation, brief, exam=exam)).moves
    assert not moves.new
    assert "mainstay check credit/1" in moves.says
    both = side("credit/1", evaluation, brief, exam=Taken(at="2026-01-01T00:00:00Z", answers=()))
    moves = compare(both, side("credit/2", evaluation, brief, exam=exam)).moves
    assert [each.code for each in moves.new] == [found.code]


def test_findings_that_say_the_same_are_told_once_with_every_code(
    evaluation: Evaluation, brief: Brief, made_at: datetime
) -> None:
    same = [Finding(code=f"F18-{name}", verdict=Verdict.UNKNOWN, because="nobody is named") for name in ("a", "b", "c")]
    asked = Taken(
        at="2026-01-01T00:00:00Z", answers=tuple(Answered(finding=each, question=Question()) for each in same)
    )
    now = Taken(at="2026-01-01T00:00:00Z", answers=())
    found = compare(side("credit/1", evaluation, brief, exam=asked), side("credit/2", evaluation, brief, exam=now))
    page = render_comparison(found, made_at=made_at)
    assert page.count("Nobody is named.") == 1
    assert "F18-a, F18-b, F18-c" in page
    assert [each.code for each in found.moves.gone] == ["F18-a", "F18-b", "F18-c"]


@pytest.mark.parametrize("money", [True, False])
def test_every_task_has_a_comparison(money: bool, made_at: datetime) -> None:
    amounts = brief_of(AMOUNTS + (AMOUNTS_VALUE if money else ""))
    world = amounts_world(money=money)
    found = compare(side("bike/1", noisier_amounts(world), amounts), side("bike/2", world, amounts))
    assert {by_name(found)[name].paired for name in ("mae", "rmse", "r2")} == {True}
    assert by_name(found)["mae"].verdict == "better"
    assert "By bike/2 nine of ten come within" in render_comparison(found, made_at=made_at)

    triage = brief_of(TRIAGE + (TRIAGE_VALUE if money else ""))
    classes = classes_world(money=money)
    found = compare(side("triage/1", classes, triage), side("triage/2", classes, triage))
    assert by_name(found)["accuracy"].paired
    assert by_name(found)["accuracy"].verdict in ("alike", "unknown")
    assert "intensive care" in render_comparison(found, made_at=made_at)


def noisier_amounts(world: Evaluation) -> Evaluation:
    said = world.rows["score"].to_numpy() * np.random.default_rng(1).lognormal(0, 0.5, world.rows.height)
    rows = world.rows.with_columns(score=pl.Series(said))
    return Evaluation(world.summary, rows)


def test_other_tasks_are_refused(evaluation: Evaluation, brief: Brief) -> None:
    with pytest.raises(Asked, match="nothing of them can be compared"):
        compare(side("m/1", evaluation, brief), side("m/2", amounts_world(), brief_of(AMOUNTS)))


def test_json_says_what_the_page_says(both: Comparison) -> None:
    told = json.loads(json.dumps(comparison_json(both), allow_nan=False))
    assert (told["first"], told["then"], told["paired"]) == ("credit/1", "credit/2", True)
    money = next(each for each in told["measures"] if each["name"] == "money")
    assert money["difference"]["low"] > 0
    assert len(told["lift"]) == 6
    assert told["otherwise"]


def test_strange_names_stay_text(evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    strange = "<script>alert('🐟')</script>\"" + "x" * 300
    found = compare(
        side("credit/1", evaluation, brief), side("credit/2", evaluation, brief, inputs={strange: "number"})
    )
    page = render_comparison(found, made_at=made_at)
    assert "<script>alert" not in page


def test_holdouts_without_the_sought_break_nothing(
    make_evaluation: MakeEvaluation, brief: Brief, made_at: datetime
) -> None:
    few = make_evaluation(20, outcome=np.zeros(20))
    page = render_comparison(compare(side("credit/1", few, brief), side("credit/2", few, brief)), made_at=made_at)
    assert "lift cannot be told" in page


def test_a_class_that_a_version_never_saw_breaks_nothing(made_at: datetime) -> None:
    brief, world = brief_of(TRIAGE + TRIAGE_VALUE), classes_world()
    fewer = Evaluation(
        msgspec.structs.replace(world.summary, classes=world.summary.classes[:-1]), world.rows.drop("score:ward")
    )
    found = compare(side("triage/1", fewer, brief), side("triage/2", world, brief))
    assert not by_name(found)["log_loss"].paired
    assert "ward" in render_comparison(found, made_at=made_at)


@pytest.mark.parametrize("n", [1, 2, 20])
def test_a_handful_of_rows_is_no_evidence(n: int, make_evaluation: MakeEvaluation, brief: Brief) -> None:
    few = make_evaluation(n)
    found = compare(side("credit/1", noisier(few), brief), side("credit/2", few, brief))
    assert json.dumps(comparison_json(found), allow_nan=False)


def test_the_table_of_measures_keeps_to_the_column_of_text(
    browser: Browser, evaluation: Evaluation, brief: Brief, made_at: datetime, tmp_path: Path
) -> None:
    first, then = (side(f"customer-churn/{i}", evaluation, brief) for i in (11, 12))
    file = tmp_path / "both.html"
    file.write_text(render_comparison(compare(first, then), made_at=made_at), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(file.as_uri())
    widths = "[...document.querySelectorAll('#measures, #measures .scroll, #table-measures')].map(e => e.offsetWidth)"
    section, scroller, table = tab.evaluate(widths)
    assert table <= scroller == section
    tab.close()
