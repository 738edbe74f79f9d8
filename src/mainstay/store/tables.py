"""The journal's tables: which columns they have, declared and never inferred, and how inputs are named in them.

`batch` numbers the commits of a table and `place` the rows of a commit: together they are the order of arrival. All
numbers are Float64, bookkeeping counts Int64, moments UTC microseconds. An input `age` that came as a number is column
`n_age`, one that came as a text `s_age`: a field that changes its kind gets a second column and spoils nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

import polars as pl

from mainstay.domain.schema import Kind, Schema

MOMENT = pl.Datetime("us", "UTC")
TEXT, NUMBER, COUNT, FLAG = pl.String(), pl.Float64(), pl.Int64(), pl.Boolean()

# Statistics tell the smallest and the largest value of a column in every file and in the log, for ever: only these
# columns, which hold nothing about a person, have any.
WITH_STATISTICS = frozenset({"batch", "at", "version", "learned", "decided", "period_end"})

FIRST, REPEAT, CONFLICT = "first", "repeat", "conflict"  # what a journalled decision is among those of its id


@dataclass(frozen=True, slots=True)
class Declared:
    """A table: its columns in order, and which of them files are parted by.

    `once` is the column of 64-bit hashes by which it is told whether a row is there already, `same` the columns that
    decide it when hashes agree. Inputs may join `decisions` as further columns.
    """

    name: str
    columns: dict[str, pl.DataType]
    parted: tuple[str, ...]
    once: str = ""
    same: tuple[str, ...] = ()

    def empty(self) -> pl.DataFrame:
        """Return a frame of the declared columns without rows."""
        return pl.DataFrame(schema=self.columns)


DECISIONS = Declared(
    "decisions",
    {
        "batch": COUNT,
        "place": COUNT,
        "at": MOMENT,
        "version": COUNT,
        "standing": TEXT,  # first, repeat or conflict
        "month": TEXT,  # of `at`
        "id": TEXT,
        "key": TEXT,
        "own_id": FLAG,
        "id_hash": COUNT,
        "row_digest": TEXT,
        "arm": TEXT,
        "assignment_share": NUMBER,
        "score": NUMBER,
        "threshold": NUMBER,
        "decision": TEXT,
        "warnings": TEXT,  # JSON list of {field, code, got, used}
        "received": TEXT,  # JSON as it came
        "entity": TEXT,
        "latency_us": COUNT,
        "scores": TEXT,  # JSON list, of several classes in the order of the plan's; null where there is one score
        "answered": NUMBER,  # the amount that was answered, where it was not the score
    },
    parted=("standing", "month"),
    once="id_hash",
    same=("key", "id"),
)

ACTIONS = Declared(
    "actions",
    {
        "batch": COUNT,
        "place": COUNT,
        "learned": MOMENT,
        "month": TEXT,  # of `learned`
        "id": TEXT,
        "key": TEXT,
        "id_hash": COUNT,
        "same_hash": COUNT,  # of the columns in `same`
        "action": TEXT,
        "by": TEXT,
        "at": MOMENT,
    },
    parted=("month",),
    once="same_hash",
    same=("key", "id", "action", "by", "at"),
)

OUTCOMES = Declared(
    "outcomes",
    {
        "batch": COUNT,
        "place": COUNT,
        "learned": MOMENT,
        "month": TEXT,  # of `learned`
        "id": TEXT,
        "key": TEXT,
        "id_hash": COUNT,
        "same_hash": COUNT,  # of the columns in `same`
        "outcome": TEXT,  # numbers as the text of a level: 1 for 1.0
        "outcome_number": NUMBER,  # null if it came as text
        "happened": MOMENT,
        "implied": FLAG,
    },
    parted=("month",),
    once="same_hash",
    same=("key", "id", "outcome", "outcome_number", "happened", "implied"),
)

FAULTS = Declared(
    "faults",
    {
        "batch": COUNT,
        "place": COUNT,
        "at": MOMENT,
        "version": COUNT,
        "month": TEXT,  # of `at`
        "key": TEXT,
        "field": TEXT,
        "code": TEXT,
        "n": COUNT,
        "refused": FLAG,
    },
    parted=("month",),
)

DETAIL, PLAIN = "detail", "plain"  # inputs by segment are most of all cells, and the watch itself reads none of them

CELLS = Declared(
    "signature",
    {
        "version": COUNT,
        "arm": TEXT,
        "segment": TEXT,
        "decided": MOMENT,
        "learned": MOMENT,
        "subject": TEXT,
        "fold": COUNT,
        "bin": COUNT,
        "outcome": COUNT,
        "n": COUNT,
        "sum_score": NUMBER,
        "sum_variance": NUMBER,
        "sum_value": NUMBER,
        "sum_value_squared": NUMBER,
        "sum_score_value": NUMBER,
        "month": TEXT,  # of `decided`
        "kind": TEXT,  # detail or plain
    },
    parted=("kind", "month"),
)

SHADOWS = Declared(
    "shadows",
    {
        "batch": COUNT,  # of the decision
        "at": MOMENT,  # of the decision
        "version": COUNT,  # the shadow
        "month": TEXT,  # of `at`
        "key": TEXT,
        "id": TEXT,
        "live_version": COUNT,
        "live_arm": TEXT,
        "live_score": NUMBER,
        "live_decision": TEXT,
        "score": NUMBER,
        "threshold": NUMBER,
        "decision": TEXT,
        "scores": TEXT,  # as in `decisions`
        "warnings": TEXT,  # as in `decisions`, of the shadow's own admission
        "fault": TEXT,  # why the shadow has no score: a code, empty where it has one
    },
    parted=("month",),
)

JUDGEMENTS = Declared(
    "judgements",
    {
        "version": COUNT,
        "period_end": MOMENT,
        "at": MOMENT,  # when it was judged
        "code": TEXT,
        "subjects": TEXT,  # JSON list
        "verdict": TEXT,
        "measured": NUMBER,
        "limit": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "because": TEXT,
        "remedy": TEXT,
    },
    parted=(),
)

STREAMS = {table.name: table for table in (DECISIONS, ACTIONS, OUTCOMES, FAULTS)}


def input_column(name: str, *, is_number: bool) -> str:
    """Return the column that holds an input; what Delta refuses in names is percent-encoded.

    >>> input_column("AGE", is_number=True), input_column("pay (net)", is_number=False)
    ('n_AGE', 's_pay%20%28net%29')
    """
    return ("n_" if is_number else "s_") + re.sub(r"[^\w-]", _encoded, name)


def input_name(column: str) -> str:
    """Return the name of the input that a column holds.

    >>> input_name("s_pay%20%28net%29")
    'pay (net)'
    """
    return unquote(column[2:])


def input_columns(schema: Schema) -> dict[str, str]:
    """Return which column of `decisions` holds which admitted field of a schema."""
    numbers = (Kind.NUMBER, Kind.DATETIME)
    return {f.name: input_column(f.name, is_number=f.kind in numbers) for f in schema.admitted}


def _encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8"))
