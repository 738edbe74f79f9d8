"""Asking a version about rows as callers send them: real rows of the holdout, and what an answer must be like."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl

from mainstay.checks.examined import Examined, Reply, Row
from mainstay.domain.task import Task
from mainstay.stats.arrays import IntArray

MOST_ROWS = 200  # a bend that one row in fifty does not stand is met with a chance of 98%
LEAST_ROWS = 20
BROKEN = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def asked_of(exam: Examined) -> IntArray:
    """Return the positions of holdout rows to ask about: a fair draw of at most `MOST_ROWS`, in order."""
    if exam.holdout.size <= MOST_ROWS:
        return exam.holdout
    return np.sort(np.random.default_rng(exam.seed).choice(exam.holdout, MOST_ROWS, replace=False))


def as_sent(exam: Examined, rows: IntArray) -> list[dict[str, object]]:
    """Return rows as a caller would send them: everything known but the outcome."""
    few = exam.table[rows]
    return pl.DataFrame([few[name] for name in few.columns if name != exam.schema.target]).to_dicts()


def answers(exam: Examined, rows: Sequence[Row]) -> list[Reply] | str:
    """Return the replies, or the name of the error that broke the whole batch."""
    try:
        return exam.reply(rows)
    except BROKEN as error:
        return type(error).__name__


def is_sane(exam: Examined, reply: Reply) -> bool:
    """Whether a reply is a finite score, a chance where it is one, or a refusal that says what to mend."""
    if reply.score is None:
        return bool(reply.faults)
    if not math.isfinite(reply.score):
        return False
    return exam.task is Task.REGRESSION or -1e-9 <= reply.score <= 1 + 1e-9


def is_flagged(reply: Reply, plain: Reply) -> bool:
    """Whether a reply says more is wrong than it said of the row before it was bent."""
    return bool(reply.faults) or bool(Counter(reply.warnings) - Counter(plain.warnings))
