"""One examination of a recipe: its rows, and what was fitted and scored on the way, each once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.bundle.own_model import FloatArray, OwnModel, answers
from mainstay.bundle.own_plan import AsPlan
from mainstay.data.money import columns_of
from mainstay.store.clock import ticks_us
from mainstay.workflows.recipe_bench import Bench, Taught, fitted
from mainstay.workflows.recipe_witness import watched


class NotReached(Exception):
    """An earlier rule was broken, without which this one cannot be looked at."""


@dataclass(slots=True)
class Trial:
    """The recipe, the rows, and what is known by now; `model` is fitted on all rows and `said` its answers to them."""

    bench: Bench
    taught: Taught
    model: OwnModel | None = None
    said: FloatArray | None = None
    plan: AsPlan | None = None
    packed: bytes = b""
    own_types: tuple[str, ...] = ()
    fit_s: float = 0.0

    @property
    def used(self) -> pl.DataFrame:
        """The used rows."""
        return self.taught.used

    def fitted_model(self) -> OwnModel:
        """Return what the third rule fitted; raises `NotReached`."""
        if self.model is None:
            raise NotReached
        return self.model

    def answers_to_all(self) -> FloatArray:
        """Return what it said to its own rows; raises `NotReached`."""
        if self.said is None:
            raise NotReached
        return self.said


def fit_again(trial: Trial, taught: Taught | None = None) -> OwnModel:
    """Fit the recipe, made anew, while its doings are watched; raises `RecipeError`."""
    with watched():
        return fitted(trial.bench, taught or trial.taught)


def ask(model: OwnModel, used: pl.DataFrame) -> FloatArray:
    """Ask a fitted model for rows' scores while its doings are watched; raises `RecipeError`."""
    columns = columns_of(used)
    with watched():
        return answers(model, columns, used.height)


def seconds(act: Callable[[], object]) -> float:
    """Return how long an act takes."""
    started = ticks_us()
    act()
    return (ticks_us() - started) / 1e6


def furthest(left: FloatArray, right: FloatArray) -> float:
    """Return the largest difference between scores, beside their size where they are large; NaN equals NaN.

    >>> furthest(np.array([1.0, np.nan]), np.array([2.0, np.nan]))
    0.5
    """
    scale = np.maximum(1.0, np.maximum(np.abs(left), np.abs(right)))
    both = np.isnan(left) & np.isnan(right)
    off = np.where(both, 0.0, np.abs(left - right) / np.where(both, 1.0, scale))
    return float(np.nan_to_num(off, nan=np.inf).max(initial=0.0))
