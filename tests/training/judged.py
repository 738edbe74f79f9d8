"""Judged rows of every task without a fit: candidates that say what stands in columns of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit, softmax

from mainstay.domain.brief import parse_brief
from mainstay.domain.plan import Input
from mainstay.domain.schema import Schema
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth, AmountWorth
from mainstay.training.candidate import Candidate, View
from mainstay.training.choose import Choice
from mainstay.training.judge import Judgement, gather, judge
from mainstay.training.learner import Settings
from mainstay.training.prepared import Prepared
from mainstay.training.shown import Evidence

CLASSES = ("bus", "car", "walk")
BRIEF = '[model]\nname = "m"\n[data]\ntarget = "t"\n'


@dataclass(frozen=True)
class Said:
    """Something fitted that says what stands in columns whose names start so."""

    start: str
    estimator: Any = None
    inputs: Mapping[str, Input] = field(default_factory=dict)

    def scores(self, used: pl.DataFrame) -> np.ndarray:
        found = used.select(pl.col(f"^{self.start}.*$")).to_numpy()
        return found[:, 0] if found.shape[1] == 1 else found


def prepared(task: Task, n: int = 3000, *, seed: int = 1, text: str = "", **changes: Any) -> Prepared:
    """A third of the rows each; the columns `good…` are the truth, `bad…` what knows nothing."""
    made = {Task.BINARY: _binary, Task.MULTICLASS: _multiclass, Task.REGRESSION: _regression}[task]
    outcomes, used = made(np.random.default_rng(seed), n)
    parts = np.array_split(np.random.default_rng(seed + 1).permutation(n), 3)
    plain = Prepared(
        brief=parse_brief(BRIEF + text),
        schema=Schema(fields=(), target="t", task=task, classes=CLASSES if task is Task.MULTICLASS else ()),
        seed=seed,
        used=used,
        outcomes=outcomes,
        training=np.sort(parts[0]),
        calibration=np.sort(parts[1]),
        holdout=np.sort(parts[2]),
        task=task,
    )
    return replace(plain, **changes)


def _binary(random: np.random.Generator, n: int) -> tuple[np.ndarray, pl.DataFrame]:
    truth = expit(1.5 * random.normal(size=n) - 0.5)
    outcomes = (random.random(n) < truth).astype(float)
    return outcomes, pl.DataFrame({"good": truth, "bad": np.full(n, outcomes.mean())})


def _multiclass(random: np.random.Generator, n: int) -> tuple[np.ndarray, pl.DataFrame]:
    truth = softmax(1.5 * random.normal(size=(n, 3)), axis=1)
    outcomes = (random.random(n)[:, None] > truth.cumsum(axis=1)[:, :-1]).sum(axis=1).astype(float)
    shares = np.tile(np.bincount(outcomes.astype(int), minlength=3) / n, (n, 1))
    named = {f"good{k}": truth[:, k] for k in range(3)} | {f"bad{k}": shares[:, k] for k in range(3)}
    return outcomes, pl.DataFrame(named)


def _regression(random: np.random.Generator, n: int) -> tuple[np.ndarray, pl.DataFrame]:
    truth = 10 + 3 * random.normal(size=n)
    outcomes = truth + random.normal(size=n)
    return outcomes, pl.DataFrame({"good": truth, "bad": np.full(n, outcomes.mean())})


def matrix(outcomes: np.ndarray, payoffs: list[list[float]], actions: tuple[str, ...] = CLASSES) -> ActionWorth:
    """Money of actions (rows) for classes (columns)."""
    table = np.array(payoffs, dtype=float)
    return ActionWorth(actions, table.T[outcomes.astype(int)], table)


def per_unit(outcomes: np.ndarray, *, over: float, under: float) -> AmountWorth:
    return AmountWorth(
        lambda predicted, rows: np.where(
            predicted > outcomes[rows], over * (predicted - outcomes[rows]), under * (outcomes[rows] - predicted)
        )
    )


def candidates(made: Prepared, made_with: Settings | None = None) -> tuple[Candidate, Candidate]:
    threshold = 0.5 if made.task is Task.BINARY else None
    simple = "mean" if made.task is Task.REGRESSION else "base_rate"
    return (
        Candidate(name=simple, title="what knows nothing", fitted=Said("bad"), threshold=threshold),
        Candidate(
            name="boosting",
            title="the truth",
            fitted=Said("good"),
            threshold=threshold,
            fit_s=2.0,
            settings=made_with or {},
        ),
    )


def choice(made: Prepared, winner: str = "boosting", gains: tuple[float, float] = (0.0, 0.1)) -> Choice:
    simple, other = (candidate.name for candidate in candidates(made))
    return Choice(winner, other, {simple: gains[0], other: gains[1]})


def view(made: Prepared, rows: np.ndarray) -> View:
    return View(made.used[rows], None)


def evidence(made: Prepared, settings: Settings | None = None, **how: Any) -> Evidence:
    return gather(made, candidates(made, settings), choice(made, **how), view(made, made.holdout))


def judged(made: Prepared, **how: Any) -> Judgement:
    return judge(made, candidates(made), choice(made, **how), holdout=view(made, made.holdout))
