"""The tables hold what the statistics say, in the reader's words."""

import numpy as np
import pytest
from tests.report.conftest import MakeEvaluation

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Evaluation
from mainstay.report.actions import words_of
from mainstay.report.decisions import classes_table, confusion_table, decision_sentences
from mainstay.report.ladder import ladder
from mainstay.report.metrics import SAYS
from mainstay.report.rows import rows_of
from mainstay.report.steps import candidates_table, metrics_table
from mainstay.report.tables import reliability_table, threshold_table
from mainstay.report.words import percent
from mainstay.stats.calibration import reliability
from mainstay.stats.scores import classification_report
from mainstay.stats.value import value_table


def test_thresholds_side_by_side(evaluation: Evaluation, brief: Brief) -> None:
    rows = rows_of(evaluation)
    assert rows.worth is not None
    table = threshold_table(ladder(rows, 0.2513), rows, words_of(brief), "TWD")
    assert table.marked is not None
    assert table.rows[table.marked][0].text == "0.251"
    assert table.rows[-1][0].text == "today's rule"
    at = [cells[0].value for cells in table.rows[:-2]]
    wanted = value_table(rows.scores, rows.outcomes, rows.worth.high, rows.worth.low, np.array(at, dtype=float))
    for i, cells in enumerate(table.rows[:-2]):
        assert len(cells) == len(table.columns)
        assert cells[1].value == pytest.approx(wanted.share_high[i])
        assert cells[2].value == pytest.approx(wanted.precision[i])
        assert cells[4].value == pytest.approx(1 - wanted.recall[i])
        assert cells[6].value == pytest.approx(wanted.per_decision[i])


def test_without_money_there_are_no_money_columns(make_evaluation: MakeEvaluation, brief_without_money: Brief) -> None:
    rows = rows_of(make_evaluation(300, money=False))
    words = words_of(brief_without_money)
    for table in (
        threshold_table(ladder(rows, 0.2), rows, words, ""),
        confusion_table(rows.scores >= 0.2, rows, words, ""),
    ):
        assert {len(cells) for cells in table.rows} == {len(table.columns)}
        assert not any("decision" in column.unit for column in table.columns)


def test_confusion_adds_up(evaluation: Evaluation, brief: Brief) -> None:
    rows = rows_of(evaluation)
    assert rows.worth is not None
    high = rows.scores >= 0.25
    cells = confusion_table(high, rows, words_of(brief), "TWD").rows
    assert sum(row[2].value or 0 for row in cells) == rows.n
    worth = np.where(high, rows.worth.high, rows.worth.low).mean()
    assert sum(row[5].value or 0 for row in cells) == pytest.approx(worth)


def test_classes_are_the_classification_report(evaluation: Evaluation, brief: Brief) -> None:
    rows = rows_of(evaluation)
    high = rows.scores >= 0.25
    report = classification_report(rows.outcomes, high)
    first, second = classes_table(high, rows, words_of(brief)).rows
    assert (first[1].value, first[3].value) == (report.positive.precision.value, report.positive.recall.value)
    assert second[7].value == report.negative.support
    heading, beside = decision_sentences(high, rows, words_of(brief))
    assert percent(1 - report.positive.recall.value) in heading
    assert percent(report.accuracy.value) in beside
    assert "approving every case would fit in" in beside


def test_candidates_and_metrics(evaluation: Evaluation) -> None:
    table = candidates_table(evaluation.summary)
    assert table.marked == 1
    assert {len(cells) for cells in table.rows} == {len(table.columns)}
    assert [cells[0].text for cells in metrics_table(evaluation.summary).rows] == [
        name for name in SAYS if name in evaluation.summary.metrics
    ]


def test_reliability_has_a_row_a_bin(evaluation: Evaluation, brief: Brief) -> None:
    rows = rows_of(evaluation)
    bins = reliability(rows.outcomes, rows.scores)
    assert len(reliability_table(bins, words_of(brief)).rows) == bins.n.size
