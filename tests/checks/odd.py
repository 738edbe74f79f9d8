"""Odd versions on which no check may break: each says what is odd, and keeps the shape of an examined version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from tests.checks.made import changed, exam, lending

from mainstay.checks.examined import Examined
from mainstay.domain.task import Task
from mainstay.domain.worth import AmountWorth

NAMES = ("empty", "one", "many", 'it\'s "<b>" {0} 🙂', "day", "lists")
ALL = "[" + ", ".join(f"'''{name}'''" for name in (*NAMES, "late")) + "]"


def odd() -> Iterator[tuple[str, Examined]]:
    """Every odd version with its name; segments and protected columns are the odd columns."""
    for n_rows in (100, 3000):
        made = _binary(n_rows)
        yield f"{n_rows} rows", made
        yield f"{n_rows} rows without money", changed(made, worth=None, today=None)
        yield f"{n_rows} rows, NaN scores", changed(made, scores=np.full(n_rows, np.nan))
        yield f"{n_rows} rows, one score", changed(made, scores=np.full(n_rows, 0.5), decided=np.zeros(n_rows, int))
        yield f"{n_rows} rows, one moment", changed(made, moments=np.full(n_rows, 1.6e9))
        yield f"{n_rows} rows, no moment known", changed(made, moments=np.full(n_rows, np.nan))
        yield f"{n_rows} rows, one outcome", changed(made, outcomes=np.zeros(n_rows))
        yield f"{n_rows} rows of amounts", amounts(made)
        yield f"{n_rows} rows of classes", classes(made)
    yield "no holdout", changed(made, holdout=np.empty(0, dtype=np.int64))


def amounts(made: Examined) -> Examined:
    """The same rows with an amount as the outcome."""
    came = made.outcomes * 10 + np.arange(made.outcomes.size) % 7

    def judge(said, rows):  # type: ignore[no-untyped-def]
        return -np.abs(said - came[rows])

    said = np.full(came.size, came.mean()) + made.scores
    return changed(
        made, task=Task.REGRESSION, outcomes=came, scores=said, decided=said, today=None, worth=AmountWorth(judge)
    )


def classes(made: Examined) -> Examined:
    """The same rows with three classes as the outcome."""
    rng, n = np.random.default_rng(1), made.outcomes.size
    said = rng.dirichlet([1, 1, 1], n)
    came = rng.integers(0, 3, n).astype(float)
    return changed(
        made, task=Task.MULTICLASS, outcomes=came, scores=said, decided=said.argmax(axis=1), today=None, worth=None
    )


def _binary(n_rows: int) -> Examined:
    table, chance = lending(n_rows)
    rng = np.random.default_rng(1)
    columns: dict[str, Any] = {
        "empty": pl.Series([None] * n_rows, dtype=pl.Null),
        "one": ["same"] * n_rows,
        "many": [f"level {place % 500}" for place in range(n_rows)],
        NAMES[3]: [("a", None, "'")[place] for place in rng.integers(0, 3, n_rows)],
        "day": pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 1, 1), eager=True).sample(
            n_rows, with_replacement=True
        ),
    }
    odd_ones = [pl.Series(name, values) for name, values in columns.items()]
    lists = pl.Series("lists", [[1], [2, 3]] * (n_rows // 2))
    wide = pl.DataFrame([*odd_ones, lists, *table.get_columns()])
    return exam(wide, chance, data=f"segments = {ALL}\nprotected = {ALL}")
