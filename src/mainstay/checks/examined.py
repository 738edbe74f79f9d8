"""What an exam looks at: a version, the rows it was made from and judged on, and ways to ask it more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Summary
from mainstay.domain.expectation import Expectation
from mainstay.domain.finding import Finding
from mainstay.domain.held import UsedRows
from mainstay.domain.plan import Input, Plan
from mainstay.domain.schema import Schema
from mainstay.domain.task import Task
from mainstay.domain.worth import Worth
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray

Row: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service would answer to one row as it came: score (several classes: the likeliest's), decision, words.

    `score` is None where the row is refused. `warnings` and `faults` are codes of admission.
    """

    score: float | None
    decision: str | None
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Footprint:
    """What serving takes on this machine: milliseconds of one row and of a thousand, bytes, seconds to start."""

    p50_ms: float
    p99_ms: float
    thousand_rows_ms: float
    size_bytes: int
    memory_bytes: int
    start_s: float


@dataclass(frozen=True, slots=True)
class Opened:
    """The inside of a plan that is written as data, over used rows: what its models say, and the numbers they read.

    `raw` gives what the models say before link and calibration, shape (n_rows,) or (n_rows, n_classes); `read` one
    input as numbers, shape (n_rows,), NaN where missing.
    """

    raw: Callable[[pl.DataFrame], FloatArray]
    read: Callable[[pl.DataFrame, Input], FloatArray]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a bundle keeps beside the plan. `types` are those that its model file constructs.

    `untrusted` are the types that are not on Mainstay's list; `pinned` the distributions it was made with, name to
    version; `licences` what each says of its licence here, empty where it says nothing; `files` the names of all files.
    """

    types: tuple[str, ...]
    untrusted: tuple[str, ...]
    pinned: Mapping[str, str]
    licences: Mapping[str, str]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A version under examination. Arrays have one entry per row of `table`; the parts hold positions of rows.

    `table` holds the rows that have an outcome as they came, all columns; `used` what the model reads of them.
    `outcomes` as in training: 0 and 1, numbers of `schema.classes`, or amounts. `scores` are calibrated, shape
    (n_rows,) or (n_rows, n_classes); those of the holdout alone are fair. `decided` is 1 where high is decided
    (binary), the index of the action (several classes), or the amount. `worth` is money, None without a value table;
    `today` what today's rule decides, in the same form. Rows of equal `clusters` belong to one entity; `moments` are
    UTC seconds. `population` is the brief's fair sample, None where there is none; then `no_population` says why, if
    the brief names one.

    `reply` asks the version as callers do, row by row as they come; `score` gives calibrated scores to used rows, also
    to bent ones, shaped as `scores`; `opened` looks inside the plan, None where it is not data. `footprint` measures
    serving, `refitted` fits the winner again and gives its model digest: both are slow and asked for once, by the check
    that needs them. `kept` is what the bundle holds; `said` what checks before this one found;
    `expectations` what people expect of every version, `expectations_fault` why that cannot be read; `acts` what the
    ledger tells of the model (`domain.event.Act`).
    """

    brief: Brief
    schema: Schema
    summary: Summary
    plan: Plan
    task: Task
    table: pl.DataFrame
    used: UsedRows
    outcomes: FloatArray
    training: IntArray
    calibration: IntArray
    holdout: IntArray
    scores: FloatArray
    decided: FloatArray | IntArray
    seed: int
    at: datetime
    today: BoolArray | FloatArray | None = None
    worth: Worth | None = None
    clusters: IntArray | None = None
    moments: FloatArray | None = None
    population: pl.DataFrame | None = None
    no_population: str = ""
    opened: Opened | None = None
    kept: Kept | None = None
    said: tuple[Finding, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    expectations_fault: str = ""
    acts: frozenset[str] = frozenset()
    reply: Callable[[Sequence[Row]], list[Reply]]
    score: Callable[[pl.DataFrame], FloatArray]
    footprint: Callable[[], Footprint]
    refitted: Callable[[], str]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that the model learned from."""
        return tuple(field.name for field in self.schema.fields)

    def money(self, rows: IntArray) -> FloatArray:
        """Return the money of each row as the version decides it, in the brief's currency; zeros without a table."""
        return np.zeros(rows.size) if self.worth is None else self.worth.at(rows, self.decided[rows])

    def money_today(self, rows: IntArray) -> FloatArray | None:
        """Return the money of each row as today's rule decides it; None without a rule or a value table."""
        if self.worth is None or self.today is None:
            return None
        return self.worth.at(rows, self.today[rows])
