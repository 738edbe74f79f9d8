"""What a draft asks and a brief leaves open, told again where a model learns from the column all the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import polars as pl

from mainstay.data.columns import columns_named, is_nested, plain
from mainstay.data.outcome import Outcomes
from mainstay.data.profile import ColumnProfile, profile
from mainstay.data.question import Question
from mainstay.data.questions import MAX_ROWS, column_strengths, parts_of, too_strong, weights
from mainstay.data.toml import array, key, literal
from mainstay.domain.brief import Brief
from mainstay.domain.expression import columns_of
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray

CODES = {"too-strong": "F10-too-strong", "part-of-target": "F10-part-of-target", "weight": "F10-weight-as-input"}


def unanswered(
    table: pl.DataFrame, outcomes: FloatArray, brief: Brief, *, task: Task, inputs: Collection[str]
) -> tuple[Finding, ...]:
    """Return a warning for each input of a model that a person should have spoken about, and has not.

    `outcomes` has shape (n_rows,): every row has one, and all are looked at, as the draft looked. Asked about are
    inputs that tell the outcome too well, that add up to it, or that look like sampling weights; a `known_at` in the
    brief answers, and so does the rule in use where it reads the column. What is found decides nothing: it is told to
    a person.
    """
    silent = [name for name in inputs if name in table.columns and _is_silent(brief, name)]
    if not silent:
        return ()
    few = np.arange(table.height)
    if few.size > MAX_ROWS:
        few = np.sort(np.random.default_rng(0).choice(few, MAX_ROWS, replace=False))
    named = [name for name in table.columns if name in inputs or _may_be_part(table[name], brief, name)]
    seen = columns_named(table, list(dict.fromkeys([*named, brief.data.target])))[few]
    told = Outcomes(task, outcomes[few], np.ones(few.size, dtype=np.bool_))
    columns = tuple(column for column in profile(seen) if column.name != brief.data.target)
    asked = [question for question in _asked(seen, told, brief, columns, inputs) if question.column in silent]
    parts = {question.column for question in asked if question.code == "part-of-target"}
    kept = [each for each in asked if each.code != "too-strong" or each.column not in parts]
    return tuple(_finding(question) for question in kept)


def _asked(
    seen: pl.DataFrame, told: Outcomes, brief: Brief, columns: tuple[ColumnProfile, ...], inputs: Collection[str]
) -> Iterator[Question]:
    strengths = column_strengths(seen, told, [column for column in columns if column.name in inputs])
    others = {column.name: column for column in columns}
    yield from too_strong(strengths)
    if told.task is not Task.BINARY:
        yield from parts_of(seen, brief.data.target, others, strengths)
    yield from weights(others, strengths)


def _is_silent(brief: Brief, name: str) -> bool:
    part, rule = brief.fields.get(name), brief.today.rule
    return (part is None or part.known_at is None) and (rule is None or name not in columns_of(rule))


def _may_be_part(column: pl.Series, brief: Brief, name: str) -> bool:
    """Whether it may be the other part of a sum though it is no input."""
    if is_nested(column.dtype) or name in (brief.data.target, brief.data.time):
        return False
    return plain(column.head(0)).dtype.is_numeric()


def _finding(question: Question) -> Finding:
    name = question.column
    if question.code == "weight":
        because = f"{name} looks like a sampling weight by its name, and the model reads it as an ordinary input"
        remedy = f"If it is one: data.weight = {literal(name)}. If not: {_said(name, 'decision')}."
    else:
        because = f"{name} {question.because}, and the brief does not say when it is known"
        later = f"{_said(name, 'later')}, or data.exclude = {array([name])}"
        remedy = f"If it is known only after the decision: {later}. If before: {_said(name, 'decision')}."
    return Finding(
        code=CODES[question.code],
        verdict=Verdict.WARN,
        subjects=(name,),
        because=because,
        measured=question.strength,
        remedy=remedy,
    )


def _said(name: str, when: str) -> str:
    return f"[fields.{key(name)}] known_at = {literal(when)}"
