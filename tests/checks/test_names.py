"""A service that takes a renamed column for missing without a word is found; one that warns or refuses passes."""

from __future__ import annotations

from collections.abc import Sequence

from tests.checks.made import changed
from tests.checks.planted import bad, clean

from mainstay.checks.examined import Reply, Row
from mainstay.checks.names import NAMES, RENAMED


def test_a_warning_or_a_refusal_is_enough() -> None:
    made = clean("people", 300, 1)
    assert bad(made, NAMES) == {}

    def refusing(rows: Sequence[Row]) -> list[Reply]:
        return [
            Reply(0.1, "no") if set(made.inputs) <= set(row) else Reply(None, None, (), ("absent",)) for row in rows
        ]

    assert bad(changed(made, reply=refusing), NAMES) == {}


def test_silence_is_found_with_the_columns_it_is_about() -> None:
    def half_silent(rows: Sequence[Row]) -> list[Reply]:
        return [Reply(0.1, "no", () if "c1" in row else ("absent",)) for row in rows]

    assert bad(changed(clean("people", 300, 1), reply=half_silent), NAMES) == {RENAMED: ("c2", "c3", "c4")}
