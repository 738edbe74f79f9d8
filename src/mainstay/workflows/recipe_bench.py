"""Where a recipe is fitted and asked, in the process that is its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from msgspec.structs import replace

from mainstay.bundle.compile_trees import Compiled
from mainstay.bundle.frames import Columns, usual_frame
from mainstay.bundle.own_code import Recipe, load_recipe
from mainstay.bundle.own_model import FloatArray, OwnModel, answers, fit, made, require_sound
from mainstay.bundle.own_plan import AsPlan, as_plan
from mainstay.data.money import columns_of
from mainstay.domain.errors import RecipeError
from mainstay.domain.plan import Plan, Raw
from mainstay.domain.recipe import Context, Open, Opened
from mainstay.domain.task import Task
from mainstay.serving.score import Scorer
from mainstay.workflows.recipe_witness import ITS_LIBRARIES, forget_all, watched

PROVING_ROWS = 2_000  # of those it was fitted on, on which a plan must say the same
FEW = 10  # of them, with each column missing in turn


@dataclass(frozen=True, slots=True)
class Taught:
    """Rows to fit on: used columns, outcomes, and weights where there are any."""

    used: pl.DataFrame
    outcomes: FloatArray
    weights: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What was fitted, and what it is as a plan."""

    model: OwnModel
    plan: AsPlan


@dataclass(slots=True)
class Bench:
    """What the process holds: the recipe once it is read, and what was fitted, by number.

    `before` are the packages that were loaded before it was read.
    """

    text: str = ""
    recipe: Recipe | None = None
    context: Context | None = None
    columns: tuple[Raw, ...] = ()
    frame: str = ""
    before: frozenset[str] = frozenset()
    kept: dict[int, Kept] = field(default_factory=dict)


def open_recipe(bench: Bench, request: Open) -> Opened:
    """Read a recipe and call it once; raises `RecipeError`."""
    bench.text, bench.context, bench.columns = request.text, request.context, request.columns
    bench.before = frozenset(name.partition(".")[0] for name in sys.modules)
    forget_all()
    with watched(but=ITS_LIBRARIES):
        bench.recipe = load_recipe(request.text, file=request.file)
        bench.frame = bench.recipe.frame or usual_frame()
        found = made(bench.recipe, request.context)
    rule = found if isinstance(found, str) else None
    return Opened(bench.frame, bench.recipe.complexity, bench.recipe.title, rule)


def learn(bench: Bench, taught: Taught) -> Kept:
    """Fit the recipe, made anew, on rows, and write it as a plan if it can be one; raises `RecipeError`."""
    model = fitted(bench, taught)
    return Kept(model, planned(model, taught.used))


def planned(model: OwnModel, used: pl.DataFrame) -> AsPlan:
    """Return a fitted model as a plan, proven on some rows; raises `RecipeError` where its scores are none."""
    some = used.head(PROVING_ROWS)
    said = require_sound(model, answers(model, columns_of(some), some.height))
    for name, dtype in some.schema.items():
        gaps = some.head(FEW).with_columns(pl.lit(None, dtype=dtype).alias(name))
        try:
            answered = require_sound(model, answers(model, columns_of(gaps), gaps.height))
        except RecipeError:  # it has no answer that a plan could differ from
            continue
        some, said = pl.concat([some, gaps]), np.concatenate([said, answered])
    return as_plan(model, columns_of(some), said, saved=_saved, scored=scorer_of(model))


def fitted(bench: Bench, taught: Taught) -> OwnModel:
    """Return the recipe, made anew, fitted on rows; raises `RecipeError`."""
    assert bench.recipe is not None  # it was opened first
    assert bench.context is not None
    context = replace(bench.context, n_rows=taught.used.height)
    task = Task(context.task)
    unfitted = OwnModel(
        estimator=made(bench.recipe, context),
        frame=bench.frame,
        columns=bench.columns,
        task=task,
        n_classes={Task.BINARY: 2, Task.REGRESSION: 1}.get(task, len(context.classes)),
        file=bench.recipe.file,
    )
    return fit(unfitted, columns_of(taught.used), taught.outcomes, taught.weights)


def scorer_of(model: OwnModel) -> Callable[[Compiled, Columns], FloatArray]:
    """Return how to score columns with models of a plan, for a model's task."""
    classes = tuple(str(i) for i in range(model.n_classes)) if model.task is Task.MULTICLASS else ()

    def scored(found: Compiled, columns: Columns) -> FloatArray:
        plan = Plan(task=model.task.value, models=found.models, link=found.link, classes=classes)
        return Scorer(plan).scores(columns)

    return scored


def _saved(save: Callable[[str], object]) -> bytes:
    path = Path("saved.json")  # in the empty folder of this process
    save(str(path))
    data = path.read_bytes()
    path.unlink()
    return data
