"""The report: from what the holdout showed to one page that works offline, for the person who signs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from mainstay.domain.brief import Brief
from mainstay.domain.errors import Asked, DataError
from mainstay.domain.evaluation import Evaluation, Summary
from mainstay.domain.finding import Finding, Verdict, worst_first
from mainstay.domain.gates import failed_gates
from mainstay.domain.grouping import grouped
from mainstay.domain.instead import instead_of_deploying, unsaid_of
from mainstay.domain.taken import Taken
from mainstay.domain.task import Task
from mainstay.report import answer, pictures
from mainstay.report.amounts import amounts_part
from mainstay.report.binary import binary_part
from mainstay.report.checked import checks_of
from mainstay.report.classes import classes_part
from mainstay.report.drawn import drawn_of
from mainstay.report.figure import Figure, figure
from mainstay.report.frame import html_of
from mainstay.report.learned import learned
from mainstay.report.own import Own
from mainstay.report.small_print import small_print
from mainstay.report.steps import candidates_table, corrected_words, metrics_table, steps_table

MOST_CONDITIONS = 5  # on the first page; the checks have all of them
MOST_BUCKETS = 100  # more are thinner than the lines that draw them
PARTS: dict[str, Callable[[Evaluation, Brief, int], Own]] = {
    Task.BINARY: binary_part,
    Task.MULTICLASS: classes_part,
    Task.REGRESSION: amounts_part,
}


def render(
    evaluation: Evaluation,
    brief: Brief,
    *,
    version: str,
    made_at: datetime,
    n_buckets: int = 10,
    exam: Taken | None = None,
) -> str:
    """One HTML page without anything outside it: no request is made when it is opened. Arguments as in `told`."""
    return page_of(told(evaluation, brief, version=version, made_at=made_at, n_buckets=n_buckets, exam=exam))


def page_of(says: dict[str, Any]) -> str:
    """The page of what a report tells."""
    return html_of("report.html.j2", **says)


def told(
    evaluation: Evaluation,
    brief: Brief,
    *,
    version: str,
    made_at: datetime,
    n_buckets: int = 10,
    exam: Taken | None = None,
) -> dict[str, Any]:
    """Everything a report says of a version, by name: what the page, the model card and the folder of pictures show.

    `version` is the version's name, such as `credit/3`; `n_buckets` how many buckets the lift table opens with; `exam`
    the newest one of the version, None where none was taken.
    Raises `Asked` for fewer than 2 or more than 100 of them, `DataError` for a task without a report and for an
    evaluation that is not whole.
    """
    if not 2 <= n_buckets <= MOST_BUCKETS:
        raise Asked(f"{n_buckets} buckets were asked for", remedy=f"Ask for 2 to {MOST_BUCKETS}; 10 is usual.")
    summary = msgspec.structs.replace(evaluation.summary, findings=grouped(evaluation.summary.findings))
    evaluation = replace(evaluation, summary=summary)
    if summary.task not in PARTS:
        raise DataError(f"no report is made for a {summary.task} model", remedy=f"Tasks: {', '.join(PARTS)}.")
    checks = checks_of(summary.findings, exam)
    own, instead = PARTS[summary.task](evaluation, brief, n_buckets), instead_of_deploying(summary)
    return dict(
        title=f"{version}: {brief.model.purpose or brief.model.name}",
        scripts=(*own.scripts, "page.js"),
        version=version,
        made_at=made_at,
        brief=brief,
        own=own,
        learned=learned(summary),
        drawn=drawn_of(exam.shown if exam else None, summary, brief),
        instead=instead,
        corrected=corrected_words(summary),
        small_print=small_print(summary, brief, own.terms, version=version, made_at=made_at),
        **own.context,
        checks=checks,
        **_judged(
            brief,
            checks.findings,
            own,
            deployed=not instead,
            todo="" if exam else f"mainstay check {version}",
            unsaid=unsaid_of(summary),
        ),
        how_sure=answer.how_sure(summary, brief),
        **_candidates(summary),
    )


def _judged(
    brief: Brief, findings: tuple[Finding, ...], own: Own, *, deployed: bool, todo: str, unsaid: Sequence[str]
) -> dict[str, Any]:
    """The verdict and what is asked; `todo` is the command that examines it, empty where an exam was taken.

    `unsaid` are the columns of which nobody has said when they are known.
    """
    gated = failed_gates(brief.gates, findings)
    verdict, sentence = answer.verdict_sentence(findings, gated, deployed=deployed, examined=not todo, unsaid=unsaid)
    worth = "" if own.has_money else own.unpriced
    word, asked = answer.asked(brief, findings, accepted=own.accepted, unpriced=worth, gated=gated)
    if not deployed:
        word, asked = ("Mend" if gated else "Decide"), [each for each in asked if not each.startswith(answer.ACCEPT)]
    elif todo and not gated:
        word, asked = "Have it examined", [f"first: {todo}", *asked]
    conditions = [each for each in worst_first(findings) if each.verdict in (Verdict.FAIL, Verdict.WARN)]
    return {
        "verdict": verdict.value,
        "verdict_sentence": sentence,
        "counts": answer.counts(findings),
        "shapes": answer.SHAPES,
        "conditions": conditions[:MOST_CONDITIONS],
        "n_more_conditions": max(len(conditions) - MOST_CONDITIONS, 0),
        "asked_word": word,
        "asked": asked,
    }


def _candidates(summary: Summary) -> dict[str, Any]:
    return {
        "candidates": _candidates_figure(summary),
        "chosen": next((one.title[:1].upper() + one.title[1:] for one in summary.candidates if one.chosen), "Nothing"),
        "candidates_table": candidates_table(summary),
        "steps_table": steps_table(summary),
        "metrics": metrics_table(summary),
    }


def _candidates_figure(summary: Summary) -> Figure | None:
    """The candidates in money, or in the task's metric where money is not stated."""
    results = summary.candidates
    if any(result.winner_ahead for result in results):
        return figure("candidates", lambda width: pictures.candidates(results, summary.currency, width=width))
    if sum(pictures.first_metric(summary.task) in result.metrics for result in results) < 2:
        return None
    return figure("candidates", lambda width: pictures.candidates_by_metric(results, summary.task, width=width))
