"""Expectations hold where the version does as expected, fail where it does not, and are unknown where none can tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from tests.checks.made import changed, exam
from tests.checks.odd import odd

from mainstay.checks.examined import Examined, Reply, Row
from mainstay.checks.expectations import expectations
from mainstay.domain.expectation import parse_expectations
from mainstay.domain.finding import Finding, Verdict

ODD = list(odd())
RISES = '[[monotone]]\nname = "m"\ncolumn = "late"\ndirection = "rises"\nlow = 0\nhigh = 9'
SEX = '[[invariant]]\nname = "s"\ncolumn = "sex"'
SOUTH = '[[slice]]\nname = "w"\nwhere = "region == \'south\' and late > 2"\nmetric = "{metric}"\nat_least = {least}'
ROWS = '[[decided]]\nname = "d"\ndecision = "decline"\nrows = [{{ late = {late} }}]'


def reply(rows: Sequence[Row]) -> list[Reply]:
    """A service whose score rises with lateness, and moves for women of the north."""
    return [_one(row) for row in rows]


def _one(row: Row) -> Reply:
    late = row.get("late")
    if not isinstance(late, int | float):
        return Reply(None, None, faults=("missing",))
    score = late / 10 + 0.05 * (row.get("sex") == "f" and row.get("region") == "north")
    return Reply(score, "decline" if score >= 1 / 6 else "approve")


def asked(text: str) -> Finding:
    (found,) = expectations(changed(exam(), expectations=parse_expectations(text), reply=reply))
    return found


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (RISES, Verdict.PASS),
        (RISES.replace("rises", "falls"), Verdict.FAIL),
        (RISES.replace("late", "region"), Verdict.UNKNOWN),
        (RISES.replace("late", "absent"), Verdict.UNKNOWN),
        (SEX, Verdict.FAIL),
        (SEX + "\ntolerance = 0.1", Verdict.PASS),
        (SEX.replace("sex", "income"), Verdict.PASS),
        (SEX.replace("sex", "absent"), Verdict.UNKNOWN),
        (SOUTH.format(metric="roc_auc", least=0.6), Verdict.PASS),
        (SOUTH.format(metric="roc_auc", least=0.99), Verdict.FAIL),
        (SOUTH.format(metric="karma", least=0.6), Verdict.UNKNOWN),
        (SOUTH.replace("region", "absent").format(metric="accuracy", least=0.6), Verdict.UNKNOWN),
        (SOUTH.replace("late > 2", "late > 20").format(metric="accuracy", least=0.6), Verdict.UNKNOWN),
        (ROWS.format(late=9), Verdict.PASS),
        (ROWS.format(late=0), Verdict.FAIL),
        (ROWS.format(late="'x'"), Verdict.FAIL),
    ],
)
def test_verdicts(text: str, verdict: Verdict) -> None:
    found = asked(text)
    assert found.verdict is verdict, found.because
    assert found.subjects == (text.split('"')[1],)


def test_the_share_of_rows_that_must_hold_is_the_files() -> None:
    def mostly(rows: Sequence[Row]) -> list[Reply]:
        return [Reply(1 - each.score, "") if row["sex"] == "f" and each.score is not None else each
                for row, each in zip(rows, reply(rows), strict=True)]  # fmt: skip

    made = changed(exam(), expectations=parse_expectations(RISES + "\nshare = 0.3"), reply=mostly)
    (held,) = expectations(made)
    assert held.verdict is Verdict.PASS
    assert held.measured == pytest.approx(0.5, abs=0.15)


def test_nothing_expected_is_unknown() -> None:
    (found,) = expectations(exam())
    assert found.verdict is Verdict.UNKNOWN
    assert "mainstay expect" in found.remedy


@pytest.mark.parametrize(("name", "made"), ODD, ids=[name for name, _ in ODD])
def test_odd_tables_break_nothing(name: str, made: Examined) -> None:
    said = parse_expectations("\n".join([RISES, SEX, SOUTH.format(metric="accuracy", least=0.5), ROWS.format(late=1)]))
    for column in ("empty", "many", "day"):
        said += parse_expectations(SEX.replace("sex", column))
    found = list(expectations(changed(made, expectations=said)))
    assert len(found) == len(said)
    assert not np.isnan([finding.measured for finding in found if finding.measured is not None]).any()


def test_what_cannot_be_read_fails_so_that_no_gate_passes_by_it() -> None:
    (found,) = expectations(changed(exam(), expectations_fault="expectations.toml:3: unknown key"))
    assert (found.code, found.verdict) == ("F19-expectation", Verdict.FAIL)
    assert found.because == "expectations.toml:3: unknown key"
