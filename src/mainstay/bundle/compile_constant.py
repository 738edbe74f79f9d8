"""Baselines that look at nothing, as constants of a plan."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sklearn.pipeline import Pipeline

from mainstay.bundle.compile_trees import Compiled
from mainstay.domain.plan import Constant, Input

LEAST = 1e-300  # a share of nothing has no logarithm


def compile_class_shares(pipeline: Pipeline, inputs: Mapping[str, Input]) -> Compiled:
    """Return a `DummyClassifier` that gives each class its share."""
    shares = [max(float(share), LEAST) for share in pipeline[-1].class_prior_]
    if len(shares) == 2:
        return Compiled((Constant(raw=math.log(shares[1]) - math.log(shares[0])),), "logistic")
    return Compiled(tuple(Constant(raw=math.log(share)) for share in shares), "softmax")


def compile_mean(pipeline: Pipeline, inputs: Mapping[str, Input]) -> Compiled:
    """Return a `DummyRegressor`, which gives every row the same amount."""
    return Compiled((Constant(raw=float(pipeline[-1].constant_.ravel()[0])),), "identity")
