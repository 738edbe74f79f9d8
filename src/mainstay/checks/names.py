"""Whether a column that comes under another name is told to the caller, or silently taken as missing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined, Reply, Row
from mainstay.domain.finding import Finding, Verdict

RENAMED = "F15-renamed-column"
N_ROWS = 5
MOST_COLUMNS = 200


def renamed_column(exam: Examined) -> Iterable[Finding]:
    """Whether every input, renamed, is refused or warned about in every row that has it."""
    rows, names = _rows(exam), exam.inputs[:MOST_COLUMNS]
    if not rows or not names:
        return [Finding(code=RENAMED, verdict=Verdict.UNKNOWN, because="there are no rows or no inputs to rename")]
    before = exam.reply(rows)
    bent = [_renamed(row, name) for name in names for row in rows]
    after = exam.reply(bent)
    silent = [
        name
        for place, name in enumerate(names)
        if any(_is_silent(was, now) for was, now in zip(before, after[place * len(rows) :], strict=False))
    ]
    if not silent:
        because = f"each of {len(names)} inputs, renamed, was refused or warned about"
        return [Finding(code=RENAMED, verdict=Verdict.PASS, because=because)]
    because = f"{len(silent)} inputs, renamed, were taken as missing without a word to the caller"
    return [Finding(code=RENAMED, verdict=Verdict.FAIL, because=because, subjects=tuple(silent))]


def _rows(exam: Examined) -> list[Row]:
    """A few rows as they came, of what a caller sends: the target is not."""
    columns = [name for name in exam.table.columns if name != exam.schema.target]
    few = np.random.default_rng(exam.seed).permutation(exam.holdout)[:N_ROWS]
    return [{name: exam.table[name][int(place)] for name in columns} for place in few]


def _renamed(row: Row, name: str) -> Row:
    """The row with one column under a name that nothing has, which starts like no other and ends like none."""
    new = "zq_renamed"
    while new in row:
        new += "_"
    return {new if key == name else key: value for key, value in row.items()}


def _is_silent(was: Reply, now: Reply) -> bool:
    return (
        now.score is not None and not set(now.warnings) - set(was.warnings) and len(now.warnings) <= len(was.warnings)
    )


NAMES: tuple[Check, ...] = (
    Check(
        code=RENAMED,
        section=Section.DATA,
        asks="Is a column that comes under another name told, and not silently taken as missing?",
        limit="Each input is renamed in five rows of the holdout: all are refused, or answered with a warning they did "
        "not have before.",
        remedy="Let admission warn about absent and extra columns; name other spellings in [fields] aliases.",
        source="Breck and others 2017, the ML test score",
        look=renamed_column,
    ),
)
