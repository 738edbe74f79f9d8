"""The day on which something new began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from mainstay.domain.finding import Finding, Signal, Verdict
from mainstay.domain.signature import Bins, ReferenceSignature, input_subject
from mainstay.monitoring.first_seen import first_seen
from mainstay.monitoring.novelty import ALIVE, MISSING, UNSEEN
from mainstay.monitoring.periods import DAY_S

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
COLUMNS = {"price": "n_price", "kind": "s_kind"}
REFERENCE = ReferenceSignature(
    period_s=7 * DAY_S,
    time_zone="UTC",
    timed=True,
    periods=(),
    bins=(
        Bins(subject=input_subject("price"), low=1.0, high=1.0),
        Bins(subject=input_subject("kind"), levels=("a", "b")),
    ),
    counts={},
)


def rows() -> pl.DataFrame:
    """A week, a row every six hours; Thursday the price moves, Friday a kind is new, Saturday it is missing."""
    at = [MONDAY + timedelta(hours=6 * i) for i in range(28)]
    kinds = ["a" if t.weekday() < 4 else "c" if t.weekday() == 4 else None for t in at]
    return pl.DataFrame({"at": at, "n_price": [2.0 if t.weekday() >= 3 else 1.0 for t in at], "s_kind": kinds})


def signal(code: str, *subjects: str) -> Signal:
    finding = Finding(code=code, verdict=Verdict.FAIL, because="new", subjects=subjects)
    return Signal(id="1", finding=finding, since="2026-03-02T00:00:00Z", cause="world")


@pytest.mark.parametrize(
    ("code", "subject", "day"),
    [(ALIVE, "price", "05"), (UNSEEN, "kind=c", "06"), (UNSEEN, "kind", "06"), (MISSING, "kind", "07")],
)
def test_the_day_of_the_first_row_is_told(code: str, subject: str, day: str) -> None:
    assert first_seen(signal(code, subject), rows(), REFERENCE, columns=COLUMNS) == f"2026-03-{day}T00:00:00Z"


def test_the_earliest_of_several_subjects_counts() -> None:
    assert first_seen(signal(ALIVE, "gone", "price"), rows(), REFERENCE, columns=COLUMNS) == "2026-03-05T00:00:00Z"


@pytest.mark.parametrize("told", [signal("F29-input-drift", "price"), signal(UNSEEN, "kind=z"), signal(UNSEEN, "no")])
def test_where_no_row_tells_the_period_stands(told: Signal) -> None:
    assert first_seen(told, rows(), REFERENCE, columns=COLUMNS) == told.since
