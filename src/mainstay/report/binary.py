"""The report's own part of two outcomes: the threshold and what moves with it, lift, and right and wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Evaluation, Summary
from mainstay.report import answer, decisions, pictures, tables
from mainstay.report.actions import Words, words_of
from mainstay.report.buckets import CHOICES, cut, lift_cells, sums_at_edges
from mainstay.report.embed import buckets_data, spark, thresholds_data
from mainstay.report.figure import Figure, figure
from mainstay.report.hit import HitBy, hit_table, hits_by, left_out
from mainstay.report.ladder import Ladder, ladder
from mainstay.report.own import Own
from mainstay.report.pictures.money_curve import MoneyWords
from mainstay.report.rows import Rows, rows_of
from mainstay.report.small_print import binary_terms
from mainstay.stats.calibration import calibration_error, reliability
from mainstay.stats.lift import lift_table

SECTIONS = (
    ("lift", "Lift"),
    ("reliability", "Predictions"),
    ("thresholds", "Thresholds"),
    ("decisions", "Right and wrong"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """Everything the page's parts are made from."""

    summary: Summary
    brief: Brief
    rows: Rows
    steps: Ladder
    words: Words

    @property
    def nothing(self) -> str:
        """Doing nothing in words; empty without money."""
        side = tables.nothing_of(self.rows, self.words)
        return side.always if side else ""


def binary_part(evaluation: Evaluation, brief: Brief, n_buckets: int) -> Own:
    """What the page says of two outcomes; `n_buckets` is how many buckets the lift table opens with."""
    rows = rows_of(evaluation)
    steps = ladder(rows, evaluation.summary.threshold)
    told = Told(evaluation.summary, brief, rows, steps, words_of(brief))
    lifted, cuts = _lift(told, n_buckets)
    hits = hits_by(evaluation.rows, rows, steps, brief.data.protected)
    return Own(
        first="report_threshold.html.j2",
        body="report_binary.html.j2",
        no_money="report_no_money.html.j2",
        sections=SECTIONS,
        sentences=answer.worth_sentences(steps, rows, told.words, told.summary),
        facts=answer.facts(steps, steps.chosen, told.words, told.summary.currency, told.nothing),
        decides=answer.decides(steps, told.words),
        accepted=answer.accepted(steps, told.words),
        unpriced="what each outcome is worth",
        has_money=steps.ahead is not None,
        terms=binary_terms(told.summary, brief, rows),
        context={"words": told.words, "nothing": told.nothing, "spark": spark(steps)}
        | _moved(told, hits, left_out(evaluation.rows, hits))
        | lifted
        | _thresholds(told)
        | _right_and_wrong(told),
        scripts=("words.js", "address.js", "threshold.js", "buckets.js"),
        data={
            "thresholds-data": thresholds_data(steps, told.words, told.summary.currency, told.nothing, hits),
            "buckets-data": cuts,
        },
    )


def _moved(told: Told, hits: Sequence[HitBy], unshown: Sequence[str]) -> dict[str, Any]:
    """What moves with the slider beside the facts: where it is best, the four kinds of decision, and who is hit."""
    steps, words, currency = told.steps, told.words, told.summary.currency
    tables_of = [hit_table(by, k, steps.chosen, words, currency) for k, by in enumerate(hits)]
    return {
        "best": tables.threshold_text(float(steps.at[steps.best]), steps.upper),
        "best_by_view": [
            (view.name, tables.threshold_text(float(steps.at[view.best]), steps.upper)) for view in steps.views
        ],
        "four": decisions.four_cells(steps, steps.chosen),
        "hits": tables_of,
        "hits_left_out": unshown,
    }


def _lift(told: Told, n_buckets: int) -> tuple[dict[str, Any], dict[str, Any]]:
    rows, words = told.rows, told.words
    choices = tuple(sorted({*CHOICES, n_buckets}))
    sums = sums_at_edges(rows, choices)
    shown = {
        "n_buckets": n_buckets,
        "lifts": {n: figure(f"lift-{n}", _drawn_lift(rows, words, n)) for n in choices},
        "lift_table": lift_cells(cut(sums, n_buckets), words, told.summary.currency),
    }
    return shown, buckets_data(sums)


def _drawn_lift(rows: Rows, words: Words, n_buckets: int) -> Callable[[int], Any]:
    table = lift_table(rows.outcomes, rows.scores, n_buckets=n_buckets)
    return lambda width: pictures.lift(table, words, width=width)


def _thresholds(told: Told) -> dict[str, Any]:
    steps, words, currency = told.steps, told.words, told.summary.currency
    return {
        "steps": steps,
        "threshold": tables.threshold_text(float(steps.at[steps.chosen]), steps.upper),
        "threshold_range": _threshold_range(told),
        "money": _money_figure(told),
        "threshold_table": tables.threshold_table(steps, told.rows, words, currency),
    }


def _threshold_range(told: Told) -> tuple[str, str] | None:
    """Where the best threshold likely lies, in words."""
    found = told.summary.threshold_interval
    if found is None or found.low is None or found.high is None:
        return None
    low, high = (tables.threshold_text(bound, told.steps.upper) for bound in (found.low, found.high))
    return low, high


def _money_figure(told: Told) -> Figure | None:
    steps, found = told.steps, told.summary.threshold_interval
    ahead = steps.ahead
    if ahead is None:
        return None
    bounds = (found.low, found.high) if found else (None, None)
    said = MoneyWords(told.summary.currency, told.nothing, told.words.high.done, *bounds)
    return figure("money", lambda width: pictures.money_curve(steps, ahead, said, width=width))


def _right_and_wrong(told: Told) -> dict[str, Any]:
    rows, words = told.rows, told.words
    high = rows.scores >= told.steps.at[told.steps.chosen]
    bins, error = reliability(rows.outcomes, rows.scores), calibration_error(rows.outcomes, rows.scores)
    shares = f"Share with {words.event} by predicted share"
    return {
        "reliability": figure("reliability", lambda width: pictures.reliability(bins, error, shares, width=width)),
        "reliability_table": tables.reliability_table(bins, words),
        "decisions": decisions.decision_sentences(high, rows, words),
        "confusion": decisions.confusion_table(high, rows, words, told.summary.currency),
        "classes": decisions.classes_table(high, rows, words),
    }
