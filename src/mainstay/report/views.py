"""Further value tables of amounts and of several classes: what is decided is worth this much by each of them."""

from __future__ import annotations

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Evaluation
from mainstay.report.actions import cut
from mainstay.report.answer import Fact
from mainstay.report.rows import numbers
from mainstay.report.words import likely, money, step_of
from mainstay.stats.intervals import mean_interval


def view_facts(evaluation: Evaluation, brief: Brief) -> tuple[Fact, ...]:
    """One line for each further value table whose money the evaluation keeps."""
    return tuple(
        _fact(k, name, evaluation, view.currency or brief.value.currency)
        for k, (name, view) in enumerate(brief.value.views.items())
        if f"value:{name}" in evaluation.rows.columns
    )


def _fact(k: int, name: str, evaluation: Evaluation, currency: str) -> Fact:
    found = mean_interval(numbers(evaluation.rows, f"value:{name}"))
    step = step_of(found.value, found.low, found.high)
    says = f"{money(found.value, currency, step)} a decision"
    return Fact(f"view-{k}", cut(name.replace("_", " ")), says, likely(found.low, found.high, step))
