"""What a recipe fitted, as models of a plan where they say the same, and proven to on rows; else the reason why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.bundle.compile_catboost import Saved
from mainstay.bundle.compile_estimator import compile_estimator
from mainstay.bundle.compile_matrix import cannot
from mainstay.bundle.compile_trees import Compiled
from mainstay.bundle.frames import Columns, frame_of, inputs_of
from mainstay.bundle.own_model import FloatArray, OwnModel
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Constant, Forest, Model
from mainstay.domain.task import Task

NEVER = -1e6  # the raw score of a class that no fitted row had: nothing beside any other
CLOSE = 1e-12  # of libraries that add and link in float64
CLOSE_SINGLE = 1e-6  # of those that do in float32: a plan's link is the more exact one

Scored = Callable[[Compiled, Columns], FloatArray]


@dataclass(frozen=True, slots=True)
class AsPlan:
    """Models of a plan, or why there are none."""

    compiled: Compiled | None
    why: str = ""


def as_plan(model: OwnModel, used: Columns, said: FloatArray, *, saved: Saved, scored: Scored) -> AsPlan:
    """Return a fitted model as a plan's, if it gives rows the scores that the model `said`.

    `scored(compiled, used)` scores rows with models of a plan; `saved` is told in `compile_catboost`.
    """
    try:
        found = compile_estimator(model.estimator, inputs_of(model.columns), probe=_probe(model), saved=saved)
        found = _of_task(found, model)
    except BundleError as error:
        return AsPlan(None, error.what)
    wanted = said[:, 1] if model.task is Task.BINARY else said
    off = np.abs(scored(found, used) - wanted) / np.maximum(1.0, np.abs(wanted))
    close = CLOSE_SINGLE if any(isinstance(one, Forest) and one.single for one in found.models) else CLOSE
    if not (off <= close).all():
        return AsPlan(None, f"as a plan its scores would differ by up to {float(np.nanmax(off)):.1g}")
    return AsPlan(found)


def _probe(model: OwnModel) -> Callable[[int], Any]:
    def frame(place: int) -> Any:
        column = model.columns[place]
        asked = {column.field: [*column.levels, None]}
        return frame_of(asked, model.columns, kind=model.frame, n_rows=len(column.levels) + 1)

    return frame


def _of_task(found: Compiled, model: OwnModel) -> Compiled:
    """Return the models as the plan of a task wants them: one score, or one per class, in the order of the classes."""
    if model.task is not Task.MULTICLASS:
        if len(found.models) != 1 or (model.task is Task.BINARY and found.link == "exp"):
            raise cannot(f"{len(found.models)} scores with link {found.link!r} for a {model.task.value} task")
        return found
    classes: Sequence[float] = getattr(model.estimator, "classes_", range(model.n_classes))
    models = (Constant(raw=0.0), *found.models) if found.link == "logistic" else found.models
    if len(models) != len(classes):
        raise cannot(f"{len(models)} scores of {len(classes)} classes")
    nothing = 0.0 if found.link == "identity" else NEVER
    placed: list[Model] = [Constant(raw=nothing)] * model.n_classes
    for place, one in zip(classes, models, strict=True):
        placed[int(place)] = one
    return Compiled(tuple(placed), "identity" if found.link == "identity" else "softmax")
