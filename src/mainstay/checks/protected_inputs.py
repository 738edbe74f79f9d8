"""Whether the model reads a protected column, and how many decisions hang on it alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain

from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined
from mainstay.checks.expectations import asked_over, levels_of
from mainstay.checks.groups import NAME_THEM, NONE_NAMED, protected
from mainstay.checks.parted import values_of
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.plan import Constant, Forest, Linear, fields_read
from mainstay.domain.task import Task
from mainstay.stats.intervals import wilson

PROTECTED_INPUT = "F18-protected-input"
MAX_NAMED = 5


def protected_input(exam: Examined) -> Iterable[Finding]:
    """Change each protected input of real rows, all else alike, and count the decisions that change with it."""
    columns = protected(exam)
    if not columns:
        yield Finding(code=PROTECTED_INPUT, verdict=Verdict.UNKNOWN, because=NONE_NAMED, remedy=NAME_THEM)
        return
    inputs = _read_by(exam)
    read = [column for column in columns if column in inputs]
    if not read:
        because = f"the model reads none of {', '.join(columns[:MAX_NAMED])}"
        yield Finding(code=PROTECTED_INPUT, verdict=Verdict.PASS, because=because, subjects=columns[:MAX_NAMED])
    for column in read:
        yield _read(exam, column)


def _read_by(exam: Examined) -> Collection[str]:
    """The columns that the model reads: those that its plan names where it is data, else all that it learned from."""
    models = exam.plan.models
    if exam.opened is None or not all(isinstance(model, Linear | Forest | Constant) for model in models):
        return exam.inputs
    named = [fields_read(model, exam.plan.inputs) for model in models if isinstance(model, Linear | Forest)]
    return {field for fields in chain.from_iterable(named) for field in fields}


def _read(exam: Examined, column: str) -> Finding:
    because = f"the model reads {column}, which is protected"
    values = () if values_of(exam, column) is None or column not in exam.table.columns else levels_of(exam, column)
    told = asked_over(exam, column, values) if len(values) > 1 else None
    known = [row for row in told or [] if all(each.score is not None for each in row)]
    if not known:
        because = f"{because}; it could not be changed in any row"
        return Finding(code=PROTECTED_INPUT, verdict=Verdict.WARN, because=because, subjects=(column,))
    amounts = exam.task is Task.REGRESSION
    changed = sum(len({each.score if amounts else each.decision for each in row}) > 1 for row in known)
    share = wilson(changed, len(known))
    return Finding(
        code=PROTECTED_INPUT,
        verdict=Verdict.WARN,
        subjects=(column,),
        measured=share.value,
        limit=0.0,
        low=share.low,
        high=share.high,
        because=f"{because}: changing it alone, between {len(values)} values, changes the "
        f"{'amount' if amounts else 'decision'} in {share.value:.0%} of {len(known)} rows "
        f"({share.low:.0%} to {share.high:.0%})",
    )


PROTECTED_INPUT_CHECKS: tuple[Check, ...] = (
    Check(
        code=PROTECTED_INPUT,
        section=Section.GROUPS,
        asks="Does the model read a protected column, and how many decisions hang on it alone?",
        limit="Warns where a protected column is an input: that wants a reason that would stand in court.",
        remedy="Name it in [data] exclude and train again: groups are judged by it all the same.",
        look=protected_input,
        source="the flip test of individual fairness; Kusner et al. 2017 without its causal graph",
    ),
)
