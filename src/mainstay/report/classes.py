"""The report's own part of several classes: how often they are right, what is mistaken, and what decisions bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mainstay.domain.brief import Brief
from mainstay.domain.errors import DataError
from mainstay.domain.evaluation import CandidateResult, Evaluation, Summary
from mainstay.report import pictures
from mainstay.report.actions import cut, target_words, words_of
from mainstay.report.answer import Fact
from mainstay.report.cells import Cell, Column, Table, count_cell, money_cells, share_cells
from mainstay.report.class_matrix import ClassMatrix, Texts, by_number, class_matrix, matrix_table
from mainstay.report.compared import blind_of, money_facts, money_sentences, rule_of
from mainstay.report.decisions import class_cells
from mainstay.report.figure import figure
from mainstay.report.own import Own
from mainstay.report.rows import Floats, numbers, optional, refuse_empty
from mainstay.report.small_print import class_terms
from mainstay.report.tables import reliability_table
from mainstay.report.views import view_facts
from mainstay.report.words import counted, fixed, of_hundred, percent, share_range
from mainstay.stats.calibration import calibration_error, reliability
from mainstay.stats.intervals import mean_interval, wilson
from mainstay.stats.scores import classification_report

ALIKE = "deciding every case alike"
DECISIONS = ("decisions", "Right and wrong")
PREDICTIONS = ("reliability", "Predictions")
LIKELIEST = "the likeliest class"
REPORT = "classification report, "
MOST_NAMED = 6  # decisions named on the first page


@dataclass(frozen=True, slots=True)
class ClassRows:
    """Holdout rows, arrays of shape (n,): what came, what was decided, its money, the moment (UTC s).

    `likeliest` is the number of the likeliest of `names` and `surely` its probability, None where nothing was scored.
    """

    names: tuple[str, ...]
    came: Texts
    decided: Texts
    surely: Floats | None
    likeliest: Texts | None
    values: Floats | None
    at: Floats | None


def class_rows(evaluation: Evaluation) -> ClassRows:
    """The arrays of an evaluation's holdout; raises `DataError` for no rows and for columns that are not whole."""
    frame, names = evaluation.rows, evaluation.summary.classes
    refuse_empty(frame)
    absent = [name for name in ("outcome", "decided") if name not in frame.columns]
    if absent:
        raise DataError(f"the evaluation has no column {absent[0]!r}", remedy="Train again.")
    came, decided = (frame[name].cast(str).to_numpy().astype(np.str_) for name in ("outcome", "decided"))
    surely = likeliest = None
    if names and all(f"score:{name}" in frame.columns for name in names):
        scores = np.column_stack([numbers(frame, f"score:{name}") for name in names])
        surely, likeliest = scores.max(axis=1), np.array(names)[scores.argmax(axis=1)]
    return ClassRows(names, came, decided, surely, likeliest, optional(frame, "value"), optional(frame, "at"))


def classes_part(evaluation: Evaluation, brief: Brief, n_buckets: int) -> Own:
    """What the page says of several classes; `n_buckets` is how many bins of predicted shares the picture has."""
    summary, rows = evaluation.summary, class_rows(evaluation)
    matrix, has_money = class_matrix(rows.came, rows.decided), summary.value is not None
    return Own(
        first="report_facts.html.j2",
        body="report_classes.html.j2",
        no_money="report_no_money_classes.html.j2",
        sections=(DECISIONS, PREDICTIONS) if rows.surely is not None else (DECISIONS,),
        sentences=[*money_sentences(summary, ALIKE, rows.at), right_sentence(summary, target_words(brief))],
        facts=(*facts(summary, matrix), *money_facts(summary, ALIKE), *view_facts(evaluation, brief)),
        decides=f"{_one_of(by_number(rows.decided))} {decides(brief)}",
        accepted=_accepted(summary),
        unpriced="what each decision is worth",
        has_money=has_money,
        terms=class_terms(summary, brief),
        context={
            "confusion": figure("confusion", lambda width: pictures.confusion(matrix, width=width)),
            "confusion_table": matrix_table(matrix),
            "decided_table": decided_table(rows, summary.currency),
            "classes": classes_table(rows) if matrix.is_of_classes else None,
            "decides": decides(brief),
            "behind_matrix": f"numbers, {REPORT if matrix.is_of_classes else ''}and {_each(summary)}",
            "summary_classes": summary.classes,
            **_predictions(rows, brief, n_buckets),
        },
    )


def right_sentence(summary: Summary, target: str) -> str:
    """How often the right class is named, beside always naming the commonest and today's rule."""
    right = summary.metrics.get("accuracy")
    if right is None:
        return f"How often {target} is told right is not known: what is decided are no classes."
    said = f"Tells {target} right in {of_hundred(right.value)} cases"
    likely = share_range(*(np.nan if bound is None else bound for bound in (right.low, right.high)))
    others = [f"always naming the commonest would be right in {of_hundred(summary.base_rate)}"]
    rule = _right(rule_of(summary))
    others += [f"today's rule is right in {rule}"] if rule else []
    return f"{said} ({likely}); {' and '.join(others)}."


def facts(summary: Summary, matrix: ClassMatrix) -> list[Fact]:
    """How often classes are right, how evenly, and how surely."""
    found = []
    for name, label, says in (("accuracy", "right", "{} of cases"), ("f1_macro", "all classes", "{} of 1: macro F1")):
        metric = summary.metrics.get(name)
        if metric is None:
            continue
        low, high = (np.nan if bound is None else bound for bound in (metric.low, metric.high))
        if name == "accuracy":
            found.append(Fact(name, label, says.format(percent(metric.value)), share_range(low, high)))
        else:
            found.append(
                Fact(name, label, says.format(fixed(metric.value, 2)), f"likely {fixed(low, 2)} to {fixed(high, 2)}")
            )
    loss, blind = summary.metrics.get("log_loss"), blind_of(summary)
    if loss is not None:
        beside = blind.metrics.get("log_loss") if blind and not blind.chosen else None
        against = f"{fixed(beside.value, 2)} by base rates" if beside else ""
        found.append(Fact("log_loss", "surprise", f"{fixed(loss.value, 2)}: log loss", against))
    return found


def decides(brief: Brief) -> str:
    """What is decided, in a sentence."""
    if brief.value.matrix is not None:
        return "It decides what is worth most, given the chances of all classes: that need not be the likeliest class."
    return "It decides for the likeliest class."


def decided_table(rows: ClassRows, currency: str) -> Table:
    """Each decision: how often it is made, and what it brings per decision of all."""
    ways, n = np.unique(rows.decided, return_counts=True)
    drawn = []
    for i in np.argsort(-n, kind="stable"):
        both = rows.decided == ways[i]
        cells = (Cell(str(ways[i])), count_cell(int(n[i])), *share_cells(wilson(int(n[i]), both.size)))
        money = () if rows.values is None else money_cells(mean_interval(np.where(both, rows.values, 0.0)))
        drawn.append((*cells, *money))
    plain = (Column("decided", is_number=False), Column("number"), Column("of all"), Column("likely", "%"))
    money_columns = (Column("brings", f"{currency} a decision"), Column("likely", currency))
    columns = plain + (money_columns if rows.values is not None else ())
    caption = "What is decided, and how often" if rows.values is None else "What is decided, and what it brings"
    return Table("decided", caption, columns, tuple(drawn))


def classes_table(rows: ClassRows) -> Table:
    """The classification report: of what was decided so, how much was so; of what was so, how much was decided so."""
    names, n = np.unique(rows.came, return_counts=True)
    drawn = [
        (
            Cell(str(names[i])),
            *class_cells(classification_report(rows.came == names[i], rows.decided == names[i]).positive),
        )
        for i in np.argsort(-n, kind="stable")
    ]
    columns = (
        Column("class", is_number=False),
        Column("right", "precision"),
        Column("likely", "%"),
        Column("found", "recall"),
        Column("likely", "%"),
        Column("both", "F1"),
        Column("likely"),
        Column("number", "support"),
    )
    return Table("classes", "Classification report", columns, tuple(drawn))


def _one_of(decided: Sequence[str]) -> str:
    """What can be decided, the commonest first; many are counted."""
    named = ", ".join(f"“{cut(each)}”" for each in decided[:MOST_NAMED])
    n_more = len(decided) - MOST_NAMED
    more = f" or {counted(n_more, 'other')}" if n_more > 0 else ""
    return f"Decides each case one way: {named}{more}."


def _each(summary: Summary) -> str:
    return "how often each is decided" if summary.value is None else "what each decision brings"


def _accepted(summary: Summary) -> str:
    right = summary.metrics.get("accuracy")
    return "mistakes of this kind" if right is None else f"that {of_hundred(1 - right.value)} cases are decided wrongly"


def _predictions(rows: ClassRows, brief: Brief, n_buckets: int) -> dict[str, Any]:
    """Whether the chance of the likeliest class can be taken at its word."""
    if rows.surely is None or rows.likeliest is None:
        return {"reliability": None, "reliability_table": None}
    right, surely = rows.likeliest == rows.came, rows.surely
    words = replace(words_of(brief), event=LIKELIEST, cases=f"cases of {LIKELIEST}")
    shows = f"How often {LIKELIEST} came, by its predicted chance"
    bins, error = reliability(right, surely, n_bins=n_buckets), calibration_error(right, surely)
    return {
        "reliability": figure("reliability", lambda width: pictures.reliability(bins, error, shows, width=width)),
        "reliability_table": reliability_table(bins, words),
    }


def _right(one: CandidateResult | None) -> str:
    found = None if one is None or one.chosen else one.metrics.get("accuracy")
    return "" if found is None else of_hundred(found.value)
