"""A fitted pipeline as a plan: the same arithmetic as data, so that serving needs no scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Required, TypeAlias, TypedDict, Unpack

from msgspec.structs import replace
from sklearn.pipeline import Pipeline

from mainstay.bundle.compile_constant import compile_class_shares, compile_mean
from mainstay.bundle.compile_forest import compile_boosting
from mainstay.bundle.compile_linear import compile_linear
from mainstay.bundle.compile_trees import Compiled
from mainstay.bundle.own_made import OwnMade
from mainstay.bundle.share import share
from mainstay.domain.brief.parts import DecisionPart
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Calibration, Constant, Input, Model, Plan, Rule
from mainstay.domain.task import Task

Compile: TypeAlias = Callable[[Pipeline, Mapping[str, Input]], Compiled]

NEVER = -1e6  # the raw score of a class that no fitted row had: nothing beside any other

# By the package and the name of the estimator at a pipeline's end, so that no package is imported in vain.
COMPILERS: Mapping[str, Compile] = {
    "sklearn.DummyClassifier": compile_class_shares,
    "sklearn.DummyRegressor": compile_mean,
    "sklearn.LogisticRegression": compile_linear,
    "sklearn.LinearRegression": compile_linear,
    "sklearn.Ridge": compile_linear,
    "sklearn.Lasso": compile_linear,
    "sklearn.ElasticNet": compile_linear,
    "sklearn.PoissonRegressor": compile_linear,
    "sklearn.GammaRegressor": compile_linear,
    "sklearn.HistGradientBoostingClassifier": compile_boosting,
    "sklearn.HistGradientBoostingRegressor": compile_boosting,
}


class Deciding(TypedDict, total=False):
    """What a plan says beside its models.

    `classes` are those of the schema, in order, where the task is multiclass. `threshold` is None where nothing is
    decided by one. `payoffs` has a row of worths (numbers or expressions) per action, in the order of `classes`.
    """

    task: Task
    classes: Sequence[str]
    decision: Required[DecisionPart]
    threshold: Required[float | None]
    calibration: Required[Calibration | None]
    actions: Sequence[str]
    payoffs: Sequence[Sequence[float | str]]


def compile_plan(fitted: Pipeline | Rule | OwnMade, inputs: Mapping[str, Input], **told: Unpack[Deciding]) -> Plan:
    """Return the plan that scores and decides as the fitted pipeline (or rule) does.

    `inputs` says what each of the pipeline's columns is made of. A rule of several classes decides itself: it gives one
    of the actions, or of the classes where there are none. What a recipe of one's own made is models already. Raises
    `BundleError` for a pipeline whose parts cannot be written as a plan.
    """
    classes, actions = tuple(told.get("classes", ())), tuple(told.get("actions", ()))
    payoffs, decision = told.get("payoffs", ()), told["decision"] if told["threshold"] is not None else None
    if isinstance(fitted, Rule):
        classes, actions, payoffs = actions or classes, (), ()
        found = Compiled((replace(fitted, words=classes),), "identity")
    elif isinstance(fitted, OwnMade):
        found = Compiled(fitted.models, fitted.link)
    else:
        found = compile_model(fitted, inputs)
        found = _of_classes(found, fitted[-1].classes_, len(classes)) if classes else found
    models, shared = share(found.models)
    return Plan(
        task=told.get("task", Task.BINARY).value,
        models=models,
        inputs=shared,
        link=found.link,
        calibration=told["calibration"],
        threshold=told["threshold"],
        when_high=None if decision is None else decision.when_high,
        when_low=None if decision is None else decision.when_low,
        classes=classes,
        actions=actions,
        payoffs=tuple(tuple(row) for row in payoffs),
    )


def compile_model(pipeline: Pipeline, inputs: Mapping[str, Input]) -> Compiled:
    """Return a fitted pipeline as models of a plan, one per score, in the order of the estimator's own classes.

    Forests are equal to the bit, linear models within 1e-12. The pipeline reads the columns named in `inputs`: it is an
    estimator alone, or follows a `ColumnTransformer` (see `compile_linear` and `compile_forest` for what they read).
    """
    name = estimator_name(pipeline[-1])
    if name not in COMPILERS:
        raise BundleError(f"a pipeline that ends in {name} cannot be written as a plan")
    return COMPILERS[name](pipeline, inputs)


def estimator_name(model: Any) -> str:
    """Return the package and class of an estimator.

    >>> from sklearn.linear_model import Ridge
    >>> estimator_name(Ridge())
    'sklearn.Ridge'
    """
    return f"{type(model).__module__.partition('.')[0]}.{type(model).__name__}"


def _of_classes(found: Compiled, fitted: Sequence[float], n_classes: int) -> Compiled:
    """Put each model at the place of its class; a class that no fitted row had gets no probability."""
    models = (Constant(raw=0.0), *found.models) if found.link == "logistic" else found.models
    if found.link not in ("logistic", "softmax") or len(models) != len(fitted):
        raise BundleError(
            f"{len(found.models)} models with link {found.link!r} do not tell {len(fitted)} classes apart"
        )
    placed: list[Model] = [Constant(raw=NEVER)] * n_classes
    for place, model in zip(fitted, models, strict=True):
        placed[int(place)] = model
    return Compiled(tuple(placed), "softmax")
