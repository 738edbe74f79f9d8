"""A fitted pipeline as a plan: the same arithmetic as data, so that serving needs no scikit-learn."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from mainstay.bundle.compile_forest import forest
from mainstay.bundle.compile_linear import linear
from mainstay.domain.brief.parts import DecisionPart
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Constant, Input, Isotonic, Logistic, Model, Plan, Rule


def compile_plan(
    fitted: Pipeline | Rule,
    inputs: Mapping[str, Input],
    *,
    decision: DecisionPart,
    threshold: float,
    calibration: Logistic | Isotonic | None,
) -> Plan:
    """Return the plan that scores and decides as the fitted pipeline (or rule) does.

    `inputs` says what each of the pipeline's columns is made of. Raises `BundleError` for a pipeline whose parts cannot
    be written as a plan.
    """
    return Plan(
        task="binary",
        models=(fitted if isinstance(fitted, Rule) else compile_model(fitted, inputs),),
        link="identity" if isinstance(fitted, Rule) else "logistic",
        calibration=calibration,
        threshold=threshold,
        when_high=decision.when_high,
        when_low=decision.when_low,
    )


def compile_model(pipeline: Pipeline, inputs: Mapping[str, Input]) -> Model:
    """Return a fitted pipeline as a model of a plan: forests equal to the bit, linear models within 1e-12."""
    model = pipeline[-1]
    if isinstance(model, HistGradientBoostingClassifier):
        return forest(pipeline, inputs)
    if isinstance(model, LogisticRegression):
        return linear(pipeline, inputs)
    if isinstance(model, DummyClassifier):
        share = float(model.class_prior_[1])
        return Constant(raw=math.log(share) - math.log1p(-share))
    raise BundleError(f"a pipeline that ends in {type(model).__name__} cannot be written as a plan")
