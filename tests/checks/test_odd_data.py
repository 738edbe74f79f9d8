"""No question about data breaks on an odd table, and none is answered where nothing can be told."""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl
import pytest
from tests.checks.made import changed, exam, lending
from tests.checks.odd import odd
from tests.checks.planted import clean

from mainstay.checks.apart import APART_CHECKS
from mainstay.checks.check import Check
from mainstay.checks.copies import COPY_CHECKS
from mainstay.checks.coverage import COVERAGE
from mainstay.checks.fills import FILL_CHECKS
from mainstay.checks.history import HISTORY
from mainstay.checks.identifiers import IDENTIFIER_CHECKS
from mainstay.checks.labels import LABELS
from mainstay.checks.leaks import LEAKS
from mainstay.checks.names import NAMES
from mainstay.checks.units import UNIT_CHECKS
from mainstay.domain.finding import Verdict
from mainstay.domain.task import Task

FIRST = (*LEAKS, *COPY_CHECKS, *APART_CHECKS, *FILL_CHECKS, *IDENTIFIER_CHECKS)
DATA: tuple[Check, ...] = (*FIRST, *COVERAGE, *NAMES, *UNIT_CHECKS, *HISTORY, *LABELS)
ODD = dict(odd())


@pytest.mark.parametrize("name", list(ODD))
def test_every_check_answers(name: str) -> None:
    made = ODD[name]
    for each in (
        made,
        changed(made, population=made.table),
        changed(made, clusters=np.arange(made.outcomes.size) // 3),
    ):
        for check in DATA:
            assert list(check.look(each)), check.code


def test_numbers_that_are_huge_infinite_or_missing_break_nothing() -> None:
    table, chance = lending(600)
    n = table.height
    wild = np.random.default_rng(1).choice([1e308, -1e308, np.inf, np.nan, 0.0, 1e-308], n)
    made = exam(
        pl.DataFrame({"wild": wild, "nothing": [None] * n, "nan": [float("nan")] * n, **table.to_dict()}), chance
    )
    moments = np.sort(np.random.default_rng(1).uniform(0, 1e9, n))
    for each in (made, changed(made, moments=moments), changed(made, task=Task.REGRESSION, outcomes=wild_amounts(n))):
        for check in DATA:
            assert list(check.look(changed(each, population=each.table))), check.code


def wild_amounts(n: int) -> np.ndarray:
    return np.random.default_rng(2).choice([1e60, -3.0, 0.0], n)


def test_no_row_and_no_column_is_unknown_and_no_pass() -> None:
    made = clean("people", 300, 1)
    none = np.empty(0, dtype=np.int64)
    empty = changed(made, training=none, calibration=none, holdout=none, population=made.table.head(0))
    silent = ("F10-known-later", "F10-part-of-target", "F10-missing-tells", "F10-class-means")
    for check in DATA:
        assert {each.verdict for each in check.look(empty)} == {Verdict.UNKNOWN} or check.code in silent, check.code
    bare = changed(made, schema=msgspec.structs.replace(made.schema, fields=()), used=made.used.select([]))
    for check in DATA:
        assert list(check.look(bare)), check.code
