"""Whether a version does what people expect of every version: one finding for each expectation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import drawn
from mainstay.checks.examined import Examined, Reply
from mainstay.checks.gains import LEAST_ROWS
from mainstay.checks.group_metrics import told_of
from mainstay.checks.parted import numbers_of, texts_of, values_of
from mainstay.checks.replies import answers, as_sent
from mainstay.domain.errors import MainstayError
from mainstay.domain.expectation import Decided, Expectation, Invariant, Monotone, Slice
from mainstay.domain.expression import Column, columns_of, evaluate
from mainstay.domain.fairness import NAMES, metric_named
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray

EXPECTATION = "F19-expectation"
MOST_ASKED = 100
STEPS = 7
MOST_VALUES = 5
MEND = "Mend expectations.toml beside the brief; mainstay expect proposes one to learn from."
HAIR = 1e-9  # the same score, worked out in another order


def expectations(exam: Examined) -> Iterable[Finding]:
    """Whether each expectation of `expectations.toml` holds."""
    if exam.expectations_fault:  # nobody knows what is expected: as a gate it must not pass
        yield Finding(code=EXPECTATION, verdict=Verdict.FAIL, because=exam.expectations_fault, remedy=MEND)
    elif not exam.expectations:
        because = "nothing is expected of every version: there is no expectations.toml beside the brief"
        yield Finding(code=EXPECTATION, verdict=Verdict.UNKNOWN, because=because, remedy="Draft one: mainstay expect")
    for each in exam.expectations:
        yield _judged(exam, each)


def _judged(exam: Examined, expected: Expectation) -> Finding:
    if isinstance(expected, Monotone):
        return monotone(exam, expected)
    if isinstance(expected, Invariant):
        return invariant(exam, expected)
    return _decided(exam, expected) if isinstance(expected, Decided) else good_in_slice(exam, expected)


def monotone(exam: Examined, expected: Monotone) -> Finding:
    """Bend real rows of the holdout over the range, and count those whose score never goes the other way."""
    if why := _why_not(exam, expected.column, is_score=True):
        return _finding(expected, Verdict.UNKNOWN, why)
    steps = np.linspace(expected.low, expected.high, STEPS)
    whole = all(float(step).is_integer() for step in (expected.low, expected.high)) and _is_whole(exam, expected.column)
    scores = scores_over(exam, expected.column, np.unique(np.round(steps)) if whole else steps)
    if scores is None or scores.shape[0] < 1:
        return _finding(expected, Verdict.UNKNOWN, "no row could be asked about over the whole range")
    sign = 1.0 if expected.direction == "rises" else -1.0
    back = -(sign * np.diff(scores, axis=1)).min(axis=1)
    held = float((back <= expected.tolerance + HAIR).mean())
    because = (
        f"it {expected.direction} for {held:.0%} of {scores.shape[0]} rows as {expected.column} goes from "
        f"{expected.low:g} to {expected.high:g}; the furthest that it goes the other way is {max(back.max(), 0.0):.3g}"
    )
    return _finding(expected, _verdict(held >= expected.share), because, measured=held, limit=expected.share)


def scores_over(exam: Examined, column: str, values: Sequence[object] | FloatArray) -> FloatArray | None:
    """Return scores of holdout rows with a column set to each value in turn, shape (n_rows, n_values).

    Rows that are refused at any value are left out; None where asking breaks.
    """
    told = asked_over(exam, column, [value.item() if isinstance(value, np.generic) else value for value in values])
    if told is None:
        return None
    scores = np.array([[np.nan if each.score is None else each.score for each in row] for row in told])
    scores = scores.reshape(len(told), len(values))
    known: FloatArray = scores[np.isfinite(scores).all(axis=1)]
    return known


def asked_over(exam: Examined, column: str, values: Sequence[object]) -> list[list[Reply]] | None:
    """Return replies to holdout rows with a column set to each value in turn, row by row; None where asking breaks."""
    rows = as_sent(exam, drawn(exam, exam.holdout, MOST_ASKED))
    told = answers(exam, [{**row, column: value} for row in rows for value in values])
    if isinstance(told, str):
        return None
    return [told[start : start + len(values)] for start in range(0, len(told), len(values))]


def invariant(exam: Examined, expected: Invariant) -> Finding:
    """Change a column of real rows of the holdout, and count those whose score or decision moves."""
    if why := _why_not(exam, expected.column, is_score=False):
        return _finding(expected, Verdict.UNKNOWN, why)
    values = expected.values or levels_of(exam, expected.column)
    told = asked_over(exam, expected.column, values) if len(values) > 1 else None
    known = [row for row in told or [] if all(each.score is not None for each in row)]
    if not known:
        return _finding(expected, Verdict.UNKNOWN, f"{expected.column} could not be changed in any row")
    moved = [_moved(row) for row in known]
    n_other = sum(len({each.decision for each in row}) > 1 for row in known) if expected.tolerance == 0 else 0
    n = max(sum(far > expected.tolerance + HAIR for far in moved), n_other)
    because = (
        f"changing {expected.column} between {len(values)} values moves the score of {n} of {len(known)} rows by more "
        f"than {expected.tolerance:g}, at most by {max(moved):.3g}, and the decision of {n_other}"
    )
    return _finding(expected, _verdict(n == 0), because, measured=max(moved), limit=expected.tolerance)


def _moved(row: Sequence[Reply]) -> float:
    scores = [each.score for each in row if each.score is not None]
    return max(scores) - min(scores)


def levels_of(exam: Examined, column: str) -> tuple[object, ...]:
    """Return values to change a column to: its commonest levels, or quartiles of its numbers."""
    values = exam.table[column]
    if values.dtype.is_numeric():
        known = numbers_of(values, drawn(exam, exam.training))
        known = known[np.isfinite(known)]
        cuts = np.quantile(known, [0.05, 0.25, 0.5, 0.75, 0.95], method="nearest") if known.size else np.empty(0)
        return tuple(int(cut) if values.dtype.is_integer() else float(cut) for cut in np.unique(cuts))
    texts = texts_of(values, drawn(exam, exam.training)).drop_nulls()
    return tuple(texts.value_counts(sort=True)[texts.name].head(MOST_VALUES).to_list())


def _decided(exam: Examined, expected: Decided) -> Finding:
    told = answers(exam, expected.rows)
    if isinstance(told, str):
        return _finding(expected, Verdict.FAIL, f"asking about these rows breaks the version ({told})")
    so = [each.decision == expected.decision for each in told]
    refused = sum(each.score is None for each in told)
    held = sum(so) / len(so)
    because = f"{sum(so)} of {len(so)} rows are decided {expected.decision!r}; {refused} are refused"
    return _finding(expected, _verdict(all(so)), because, measured=held, limit=1.0)


def good_in_slice(exam: Examined, expected: Slice) -> Finding:
    """Judge a metric of the holdout rows in which an expression is true."""
    metric = metric_named(expected.metric)
    if metric is None:
        return _finding(
            expected, Verdict.UNKNOWN, f"there is no metric {expected.metric!r}; there are {', '.join(NAMES)}"
        )
    try:
        rows = _where(exam, expected.where)
    except MainstayError as error:
        return _finding(expected, Verdict.UNKNOWN, f"the slice cannot be told: {str(error).splitlines()[0]}")
    told = told_of(exam, metric, rows, level=0.95) if rows.size >= LEAST_ROWS else None
    if told is None or not told.known:
        return _finding(expected, Verdict.UNKNOWN, f"{rows.size} rows of the holdout are too few to tell {metric}")
    lower = expected.at_least is not None
    limit = float(expected.at_least if expected.at_least is not None else expected.at_most or 0.0)
    good = told.value >= limit if lower else told.value <= limit
    sure = told.high < limit if lower else told.low > limit
    verdict = Verdict.PASS if good else Verdict.FAIL if sure else Verdict.WARN
    because = (
        f"where {expected.where}, {metric} is {told.value:.3g} ({told.low:.3g} to {told.high:.3g}) over {rows.size:,} "
        f"rows of the holdout; at {'least' if lower else 'most'} {limit:g} is expected"
    )
    return _finding(expected, verdict, because, measured=told.value, limit=limit, bounds=(told.low, told.high))


def _where(exam: Examined, text: str) -> IntArray:
    """Holdout rows in which an expression is true; what is missing is not."""
    rows = drawn(exam, exam.holdout)
    columns: dict[str, Column] = {}
    for name in columns_of(text):
        values = values_of(exam, name)
        if values is not None:
            number = values.dtype.is_numeric()
            columns[name] = numbers_of(values, rows) if number else np.array(texts_of(values, rows).to_list(), object)
    held = evaluate(text, columns, n_rows=rows.size).astype(np.float64)
    kept: IntArray = rows[np.nan_to_num(held) != 0]
    return kept


def _why_not(exam: Examined, column: str, *, is_score: bool) -> str:
    if column not in exam.table.columns:
        return f"there is no column {column!r} in the table"
    if values_of(exam, column) is None:
        return f"{column} holds no plain values"
    if is_score and not exam.table[column].dtype.is_numeric():
        return f"{column} holds no numbers"
    return "several classes have no one score" if is_score and exam.task is Task.MULTICLASS else ""


def _is_whole(exam: Examined, column: str) -> bool:
    return any(field.name == column and field.whole for field in exam.schema.admitted)


def _verdict(holds: bool) -> Verdict:
    return Verdict.PASS if holds else Verdict.FAIL


def _finding(
    expected: Expectation,
    verdict: Verdict,
    because: str,
    *,
    measured: float | None = None,
    limit: float | None = None,
    bounds: tuple[float | None, float | None] = (None, None),
) -> Finding:
    return Finding(
        code=EXPECTATION,
        verdict=verdict,
        because=f"{expected.name}: {because}",
        subjects=(expected.name,),
        measured=measured,
        limit=limit,
        low=bounds[0],
        high=bounds[1],
    )


EXPECTATION_CHECKS: tuple[Check, ...] = (
    Check(
        code=EXPECTATION,
        section=Section.OWN,
        asks="Does it do what people expect of every version?",
        limit="Each expectation of expectations.toml, as it says; a slice's metric fails where the whole 95% interval "
        "is on the wrong side, and warns where the number is.",
        remedy="Mend the rows or inputs that teach it otherwise; or change the expectation, and say why.",
        look=expectations,
        source="behavioural tests: Ribeiro et al. 2020, CheckList",
    ),
)
