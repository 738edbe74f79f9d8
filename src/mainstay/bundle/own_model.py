"""What a recipe of one's own fitted, asked for scores: the same questions in training, in examinations and in service.

What it answers is looked at before it is used: its shape, that every number is one, and that shares are shares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from mainstay.bundle.frames import Columns, frame_of
from mainstay.bundle.own_code import AGAIN, Recipe, spoken
from mainstay.domain.errors import RecipeError
from mainstay.domain.plan import Raw
from mainstay.domain.recipe import Context
from mainstay.domain.task import Task

FloatArray = npt.NDArray[np.float64]

SUM_OF_SHARES = 1e-4  # how far the shares of a row may be from adding up to one: float32 adds like this
LEAST_SHARE = 1e-300  # keeps logarithms finite
LINKS = {Task.BINARY: "logistic", Task.MULTICLASS: "softmax", Task.REGRESSION: "identity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnModel:
    """A fitted estimator and how it is asked. `file` names its recipe in messages; `n_classes` is 1 of an amount."""

    estimator: Any
    frame: str
    columns: tuple[Raw, ...]
    task: Task
    n_classes: int
    file: str


def made(recipe: Recipe, context: Context) -> Any:
    """Call a recipe; raises `RecipeError` where what it returns is neither an estimator nor a text."""
    with spoken(recipe.file, "when it is called"):
        found = recipe.make(context)
    if isinstance(found, str):
        return found
    ask = "predict" if context.task == Task.REGRESSION else "predict_proba"
    if isinstance(found, type) or not hasattr(found, "fit"):
        what = f"{recipe.file} returns {_called(found)}; wanted an estimator with fit and {ask}, or the text of a rule"
        raise RecipeError(what, remedy="Return an object, such as LGBMClassifier(), not its class.")
    if not hasattr(found, ask) and not isinstance(found, Pipeline):
        remedy = "Wrap it: sklearn.calibration.CalibratedClassifierCV(estimator) gives shares."
        raise RecipeError(f"{recipe.file} returns {_called(found)}, which has no {ask}", remedy=remedy)
    return found


def _called(found: object) -> str:
    return f"the class {found.__name__}" if isinstance(found, type) else f"a {type(found).__name__}"


def fit(model: OwnModel, used: Columns, outcomes: FloatArray, weights: FloatArray | None) -> OwnModel:
    """Fit the model's estimator in place and return the model; raises `RecipeError` with the line that threw.

    Outcomes of classes are given as whole numbers; weights where the estimator (a pipeline's last step) takes them.
    """
    frame = frame_of(used, model.columns, kind=model.frame, n_rows=outcomes.size)
    told = outcomes if model.task is Task.REGRESSION else outcomes.astype(np.int64)
    with spoken(model.file, "when it is fitted"):
        model.estimator.fit(frame, told, **_weights(model.estimator, weights))
    return model


def _weights(estimator: Any, weights: FloatArray | None) -> Mapping[str, FloatArray]:
    name = weight_parameter(estimator)
    return {} if weights is None or name is None else {name: weights}


def weight_parameter(estimator: Any) -> str | None:
    """Return the name under which an estimator (a pipeline's last step) takes sampling weights; None if it does not.

    >>> weight_parameter(Pipeline([]))
    """
    if not isinstance(estimator, Pipeline):
        return "sample_weight" if has_fit_parameter(estimator, "sample_weight") else None
    name, last = estimator.steps[-1] if estimator.steps else ("", None)
    return f"{name}__sample_weight" if has_fit_parameter(last, "sample_weight") else None


def answers(model: OwnModel, used: Columns, n_rows: int) -> FloatArray:
    """Return what the estimator says to rows: shares, shape (n_rows, n_classes), or amounts, shape (n_rows,).

    Raises `RecipeError` where it throws, or answers in another shape.
    """
    return asked(model, frame_of(used, model.columns, kind=model.frame, n_rows=n_rows), n_rows)


def asked(model: OwnModel, frame: Any, n_rows: int) -> FloatArray:
    """As `answers`, for a frame."""
    is_amount = model.task is Task.REGRESSION
    ask: Callable[[Any], Any] = model.estimator.predict if is_amount else model.estimator.predict_proba
    with spoken(model.file, "when it scores"):
        found = np.asarray(ask(frame), dtype=np.float64)
    if is_amount and found.shape == (n_rows, 1):
        found = found[:, 0]
    wanted = (n_rows,) if is_amount else (n_rows, _n_known(model))
    if found.shape != wanted:
        what = f"{model.file}: scores of {n_rows} rows have the shape {found.shape}; wanted {wanted}"
        raise RecipeError(what, remedy=AGAIN)
    return found if is_amount else _placed(found, model)


def _n_known(model: OwnModel) -> int:
    classes = getattr(model.estimator, "classes_", None)
    return model.n_classes if classes is None else len(classes)


def _placed(shares: FloatArray, model: OwnModel) -> FloatArray:
    """Put each share at the place of its class; a class that no fitted row had gets none."""
    classes = getattr(model.estimator, "classes_", None)
    if classes is None or len(classes) == model.n_classes:
        return shares
    placed = np.zeros((shares.shape[0], model.n_classes))
    placed[:, np.asarray(classes, dtype=np.int64)] = shares
    return placed


def require_sound(model: OwnModel, found: FloatArray) -> FloatArray:
    """Return answers that are finite and, of classes, shares; raises `RecipeError` that counts what is not."""
    rows = found if found.ndim == 2 else found[:, None]
    if n_strange := int((~np.isfinite(rows)).any(axis=1).sum()):
        what = f"{model.file}: {n_strange} of {rows.shape[0]} scores are not numbers (NaN or infinite)"
        raise RecipeError(what, remedy=AGAIN)
    if model.task is Task.REGRESSION:
        return found
    beyond = (rows < 0).any(axis=1) | (rows > 1).any(axis=1) | (np.abs(rows.sum(axis=1) - 1) > SUM_OF_SHARES)
    if beyond.any():
        worst = rows[beyond][0].tolist()
        what = f"{model.file}: {int(beyond.sum())} of {rows.shape[0]} rows have no shares but, first, {worst}"
        raise RecipeError(what, remedy="predict_proba must give numbers from 0 to 1 that add up to 1 in each row.")
    return found


def raw_scores(model: OwnModel, used: Columns, n_rows: int) -> FloatArray:
    """Return scores in the link of a plan: logits, shape (n_rows,); logarithms of shares; or amounts, (n_rows,).

    Raises `RecipeError` as `answers` and `require_sound` do.
    """
    found = require_sound(model, answers(model, used, n_rows))
    if model.task is Task.REGRESSION:
        return found
    logs = np.log(np.maximum(found, LEAST_SHARE))
    return logs if model.task is Task.MULTICLASS else logs[:, 1] - logs[:, 0]
