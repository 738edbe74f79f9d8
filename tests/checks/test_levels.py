"""Codes and words that nobody explained are named with their rows, and nothing is said of what follows a pattern."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.checks.made import exam, lending
from tests.checks.planted import WORLDS, clean

from mainstay.checks.levels import LEVELS, undocumented_levels
from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.codes import odd_codes

N = 6000
EDUCATION = np.repeat([0, 1, 2, 3, 4, 5, 6], [14, 2050, 2850, 1005, 15, 56, 10])


def found(values: np.ndarray, more: str = "") -> list[Finding]:
    table, chance = lending(N)
    made = exam(table.insert_column(0, pl.Series("c1", values)), chance, more=more)
    (look,) = [check.look for check in LEVELS]
    return list(look(made))


def dealt(values: np.ndarray) -> np.ndarray:
    return np.random.default_rng(1).permutation(values)


def test_codes_outside_the_numbering_are_named_with_their_rows() -> None:
    for values in (dealt(EDUCATION), dealt(EDUCATION).astype(str)):
        (one,) = found(values)
        assert (one.verdict, one.subjects) == (Verdict.WARN, ("c1",))
        assert one.because.startswith("c1 says 0 in 14, ")
        assert "6 in 10 of 6,000 rows" in one.because


def test_numbers_and_words_for_missing_are_named() -> None:
    amounts = np.where(np.arange(N) % 20 == 0, -1, np.arange(N) % 977)
    words = np.where(np.arange(N) % 20 == 0, "Unknown", "known by name")
    assert "-1 in 300 of 6,000 rows" in found(amounts)[0].because
    assert "'Unknown' in 300 of 6,000 rows" in found(words)[0].because


@pytest.mark.parametrize("said", ["missing = [0, 5, 6]", 'meaning = "school, 0 and from 4 on: others"'])
def test_what_the_brief_explains_is_not_asked_again(said: str) -> None:
    assert [each.verdict for each in found(dealt(EDUCATION), f"[fields.c1]\n{said}")] == [Verdict.PASS]


def test_twenty_clean_tables_of_each_world_say_nothing() -> None:
    said = [each for world in WORLDS for seed in range(20) for each in undocumented_levels(clean(world, 3000, seed))]
    assert {each.verdict for each in said} == {Verdict.PASS}


@pytest.mark.parametrize("n_rows", [300, 6000, 48_000])
def test_counts_of_chance_are_never_odd(n_rows: int) -> None:
    rng = np.random.default_rng(n_rows)
    for _ in range(100):
        drawn = (
            rng.poisson(rng.uniform(0.01, 4), n_rows),
            rng.binomial(int(rng.integers(2, 11)), rng.uniform(0.02, 0.96), n_rows),
            np.round(rng.normal(rng.uniform(-2, 4), rng.uniform(0.6, 2), n_rows)),
            rng.geometric(rng.uniform(0.2, 0.95), n_rows) - rng.integers(0, 2),
        )
        assert [odd_codes(*np.unique(values.astype(float), return_counts=True)).size for values in drawn] == [0] * 4


def test_few_rows_are_unknown() -> None:
    assert [each.verdict for each in undocumented_levels(clean("people", 50, 1))] == [Verdict.UNKNOWN]
