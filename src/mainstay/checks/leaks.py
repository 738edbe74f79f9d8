"""Columns that know the outcome before it is known: in disguise, said to come later, or too strong to be believed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.sight import level_numbers, names_rows, numbers_of, rank_correlation
from mainstay.checks.strong import MOST_ROWS, asked_rows, is_recoding, measure_name, strength_of
from mainstay.checks.trained import told_if_any
from mainstay.domain.expression import columns_of
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray

DISGUISE, LATER, STRONG, PART = "F10-target-in-disguise", "F10-known-later", "F10-too-strong", "F10-part-of-target"
CERTAIN = {Task.BINARY: 0.95, Task.MULTICLASS: 0.95, Task.REGRESSION: 0.9}
SAME = 0.9999  # rank correlation from which two columns are one
SUM_REST = 1e-6  # the share of variance that a sum may leave to rounding
HUGE = 1e100  # squares of larger numbers are no numbers; what is missing is not below it either
MIN_ROWS = 100
TOO_FEW = "there are fewer than 100 training rows, or too few of all outcomes but one"


def in_disguise(exam: Examined) -> Iterable[Finding]:
    """Whether an input, or a sum of inputs, is the outcome in other words."""
    asked = asked_rows(exam)
    if asked is None:
        return [Finding(code=DISGUISE, verdict=Verdict.UNKNOWN, because=TOO_FEW)]
    found = list(_recodings(exam))
    return found or list(_sums(exam)) or [_well(DISGUISE, "no input is the outcome in other words")]


def too_strong(exam: Examined) -> Iterable[Finding]:
    """Whether an input tells the outcome almost alone, and nobody said that it is known when deciding."""
    told = [each for each in exam.summary.findings if each.code == STRONG]
    asked = asked_rows(exam)
    if asked is None:
        return told or [Finding(code=STRONG, verdict=Verdict.UNKNOWN, because=TOO_FEW)]
    others = {finding.subject for finding in _recodings(exam)}
    found, limit = [], CERTAIN[exam.task]
    for name in exam.inputs:
        column = exam.used[name]
        if _is_spoken_for(exam, name) or name in others or names_rows(column):
            continue
        strength = strength_of(exam, column, asked)
        if strength.low >= limit:
            because = (
                f"{name} alone tells the outcome almost by itself ({measure_name(exam)} {strength.value:.3f}), and the "
                "brief does not say when it is known"
            )
            found.append(_failed(STRONG, because, (name,), (strength.value, strength.low, strength.high), limit))
    named = {each.subject for each in found} | others
    found += [each for each in told if each.subject not in named]
    return found or [_well(STRONG, "no input is so strong alone that somebody must say when it is known")]


def known_later(exam: Examined) -> Iterable[Finding]:
    """Whether the model reads what the brief says is known only after the decision, or a copy of it."""
    later = [name for name, part in exam.brief.fields.items() if part.known_at == "later"]
    found = [_read_early(name) for name in later if name in exam.inputs]
    rows = drawn(exam, exam.training, MOST_ROWS)
    for name in (each for each in later if each in exam.table.columns and each not in exam.inputs):
        column = exam.table[name][rows]
        ranks = _ranks(level_numbers(column) if numbers_of(column) is None else numbers_of(column))
        copies = [each for each in exam.inputs if _is_copy(exam, each, rows, ranks)]
        found += [_copied(name, each) for each in copies]
    return found or [_well(LATER, "the model reads nothing that the brief says is known later")]


def _recodings(exam: Examined) -> Iterator[Finding]:
    asked = asked_rows(exam)
    if asked is None:
        return
    for name in exam.inputs:
        strength = is_recoding(exam, exam.used[name], asked)
        if strength is None or names_rows(exam.used[name]):
            continue
        because = f"{name} is the outcome in other words: where it is known, nothing is left to foretell"
        measured = (strength.value, strength.low, strength.high)
        if _is_said(exam, name):
            because += "; the brief says that it is known when deciding"
            yield Finding(code=DISGUISE, verdict=Verdict.WARN, because=because, subjects=(name,))
        else:
            yield _failed(DISGUISE, because, (name,), measured, 0.999)


def _sums(exam: Examined) -> Iterator[Finding]:
    """Whether numbers add up to an amount, with any weights, on rows that did not set the weights."""
    if exam.task is not Task.REGRESSION:
        return
    kept = {name: numbers for name in exam.inputs if (numbers := numbers_of(exam.used[name])) is not None}
    names = [name for name in kept if np.abs(kept[name]).max(initial=0) < HUGE and np.ptp(kept[name]) > 0][:100]
    first, then = drawn(exam, exam.training, 5_000), drawn(exam, exam.holdout, 5_000)
    if not names or first.size < max(MIN_ROWS, 5 * len(names)) or then.size < 20:
        return
    columns = np.column_stack([(kept[name] - kept[name].mean()) / np.std(kept[name]) for name in names])
    columns = np.column_stack([columns, np.ones(columns.shape[0])])
    weights = np.linalg.lstsq(columns[first], exam.outcomes[first], rcond=None)[0]
    left = exam.outcomes[then] - columns[then] @ weights
    spread = float(np.var(exam.outcomes[then]))
    if spread > 0 and float(np.mean(np.square(left))) < SUM_REST * spread:
        heavy = np.abs(weights[:-1]) > 1e-3 * np.abs(weights[:-1]).max()
        subjects = tuple(name for name, is_part in zip(names, heavy, strict=True) if is_part)
        because = (
            f"the outcome is a sum of {' and '.join(subjects[:5])}, with fixed weights: nothing is left to foretell"
        )
        yield Finding(code=DISGUISE, verdict=Verdict.FAIL, because=because, subjects=subjects)


def _is_said(exam: Examined, name: str) -> bool:
    part = exam.brief.fields.get(name)
    return part is not None and part.known_at == "decision"


def _is_spoken_for(exam: Examined, name: str) -> bool:
    """Whether somebody said when it is known, or today's rule reads it; what is known later has a check of its own."""
    part, rule = exam.brief.fields.get(name), exam.brief.today.rule
    return (part is not None and part.known_at is not None) or (rule is not None and name in columns_of(rule))


def _is_copy(exam: Examined, name: str, rows: IntArray, ranks: FloatArray) -> bool:
    column = exam.used[name][rows]
    own = _ranks(level_numbers(column) if numbers_of(column) is None else numbers_of(column))
    both = ~(np.isnan(own) | np.isnan(ranks))
    return int(both.sum()) >= max(MIN_ROWS, 0.3 * rows.size) and abs(rank_correlation(own, ranks)) >= SAME


def _ranks(values: FloatArray | IntArray | None) -> FloatArray:
    """Levels as numbers, where 0 is missing; numbers as they are."""
    assert values is not None  # one of two ways to read a column always gives values
    if np.issubdtype(values.dtype, np.integer):
        return np.where(values == 0, np.nan, values.astype(np.float64))
    return np.asarray(values, dtype=np.float64)


def _read_early(name: str) -> Finding:
    because = f"{name} is an input, and the brief says that it is known later"
    return Finding(code=LATER, verdict=Verdict.FAIL, because=because, subjects=(name,))


def _copied(name: str, copy: str) -> Finding:
    because = f"{copy} is an input and says the same as {name}, of which the brief says that it is known later"
    return Finding(code=LATER, verdict=Verdict.FAIL, because=because, subjects=(copy, name))


def _failed(
    code: str, because: str, subjects: tuple[str, ...], measured: tuple[float, float, float], limit: float
) -> Finding:
    value, low, high = measured
    return Finding(
        code=code,
        verdict=Verdict.FAIL,
        because=because,
        subjects=subjects,
        measured=value,
        limit=limit,
        low=low,
        high=high,
    )


def _well(code: str, because: str) -> Finding:
    return Finding(code=code, verdict=Verdict.PASS, because=because)


LEAVE_OUT = 'If it is known only after the decision, leave it out: data.exclude, or known_at = "later".'

LEAKS: tuple[Check, ...] = (
    Check(
        code=DISGUISE,
        section=Section.DATA,
        asks="Is an input, or a sum of inputs, the outcome in other words?",
        limit="One input parts the outcomes without error (ROC AUC 0.999, low end of the interval 0.9), or stands in "
        "the order of the amounts (rank correlation 0.9998); or a sum leaves less than a millionth.",
        remedy=LEAVE_OUT,
        source="Kaufman and others 2012, leakage in data mining",
        look=in_disguise,
        draws=Draw(training=MOST_ROWS),
    ),
    Check(
        code=LATER,
        section=Section.DATA,
        asks="Does the model read what the brief says is known later, or a copy of it?",
        limit='No input is declared known_at = "later", or is in the same order as one that is (0.9999).',
        remedy="Leave it out and train again: it is not there when deciding.",
        source="Kaufman and others 2012, leakage in data mining",
        look=known_later,
        draws=Draw(training=MOST_ROWS),
    ),
    Check(
        code=STRONG,
        section=Section.DATA,
        asks="Is an input so strong alone that somebody must say when it is known?",
        limit="The interval of its ROC AUC lies above 0.95 (R²: 0.9), and the brief has no known_at of it; a warning "
        "where training found it far ahead of all others.",
        remedy='Say when it is known: known_at = "decision" or "later" in its [fields] table.',
        source="DeLong and others 1988; Kaufman and others 2012",
        look=too_strong,
        draws=Draw(training=MOST_ROWS),
    ),
    Check(
        code=PART,
        section=Section.DATA,
        asks="Do an input and another column add up to the outcome?",
        limit="Row by row, without a rest, and the brief does not say when the input is known.",
        remedy=LEAVE_OUT,
        look=partial(told_if_any, code=PART, otherwise="no two columns add up to the outcome"),
    ),
)
