"""Which decisions a signal is about: counted row by row where rows show it, without what is personal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from tests.monitoring.test_first_seen import COLUMNS, REFERENCE, signal
from tests.monitoring.test_first_seen import rows as week

from mainstay.monitoring.hit import Example, columns_of, hit
from mainstay.monitoring.novelty import ALIVE, MISSING, UNSEEN

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)


def decided() -> pl.DataFrame:
    rows = week()
    return rows.with_columns(id=pl.Series([f"d-{number}" for number in range(rows.height)]))


def test_rows_that_show_it_are_counted_named_and_shown() -> None:
    told = hit(signal(UNSEEN, "kind=c"), decided(), REFERENCE, columns=COLUMNS, personal=())
    assert (told.n, told.of, told.row_by_row) == (4, 28, True)
    assert (told.first, told.last) == (FRIDAY, FRIDAY + timedelta(hours=18))
    assert told.examples == (Example("kind", "c", 4),)
    assert told.ids == ("d-16", "d-17", "d-18", "d-19")


def test_rows_of_several_subjects_count_once() -> None:
    told = hit(signal(ALIVE, "price", "kind"), decided(), REFERENCE, columns=COLUMNS, personal=())
    assert told.n == 16, "from Thursday on the price moves; what is new in kind is among those rows"


def test_values_of_a_person_are_not_shown() -> None:
    told = hit(signal(UNSEEN, "kind=c"), decided(), REFERENCE, columns=COLUMNS, personal=("kind",))
    assert (told.n, told.examples, told.withheld) == (4, (), ("kind",))


@pytest.mark.parametrize("told", [signal("F29-input-drift", "price"), signal("F31-score-moved"), signal(MISSING, "no")])
def test_where_no_single_row_shows_it_all_are_meant_and_none_is_named(told: object) -> None:
    found = hit(told, decided(), REFERENCE, columns=COLUMNS, personal=())  # type: ignore[arg-type]
    assert (found.n, found.of, found.row_by_row, found.ids, found.examples) == (28, 28, False, (), ())


def test_only_what_a_signal_is_about_is_read() -> None:
    assert columns_of(signal(UNSEEN, "kind=c", "kind=d", "gone"), COLUMNS) == ("s_kind",)
