"""A whole bundle, made from the messy table."""

from __future__ import annotations

import importlib
import inspect as source_of
from functools import cache

import numpy as np
import polars as pl
from sklearn.pipeline import Pipeline
from tests.bundle.messy import SCHEMA, messy
from threadpoolctl import threadpool_limits

from mainstay.bundle.compile import compile_plan
from mainstay.bundle.golden import golden, golden_rows
from mainstay.bundle.mlmodel import CODE_MODULES
from mainstay.bundle.pack import Parts, pack
from mainstay.domain.brief.parts import DecisionPart
from mainstay.domain.plan import Logistic, Plan, Rule
from mainstay.domain.signature import Bins, ReferenceSignature
from mainstay.domain.version import VersionName
from mainstay.serving.score import Scorer
from mainstay.training.plain import features, inputs_of
from mainstay.training.recipes import BASE_RATE, BOOSTING, LOGISTIC, build, fit

INPUTS = inputs_of(SCHEMA)
RECIPES = {recipe.name: recipe for recipe in (BASE_RATE, LOGISTIC, BOOSTING)}
REFERENCE = ReferenceSignature(
    period_s=86400.0,
    time_zone="UTC",
    timed=False,
    periods=("2026-01-01T00:00:00Z",),
    bins=(Bins(subject="score", edges=(0.5,), low=0.0, high=1.0),),
    counts={"score": ((0, 0, 3, 4, 0),)},
)
DECISION = DecisionPart(when_high="decline", when_low="approve")


def sources() -> dict[str, str]:
    return {name: source_of.getsource(importlib.import_module(f"mainstay.{name}")) for name in CODE_MODULES}


def fitted(name: str, *, seed: int = 1) -> Pipeline:
    used, outcomes = messy(2000, seed=seed)
    frame = features(used, INPUTS)
    with threadpool_limits(limits=1):
        return fit(build(RECIPES[name], frame, seed=seed, size=40), frame, outcomes, None)


def plan_of(name: str, pipeline: Pipeline | None) -> Plan:
    return compile_plan(
        pipeline if pipeline is not None else Rule(expression='age > 40 and region == "EU"', texts=("region",)),
        INPUTS,
        decision=DECISION,
        threshold=0.4,
        calibration=None if pipeline is None else Logistic(slope=0.9, intercept=0.1),
    )


def parts(name: str = "boosting") -> Parts:
    pipeline = None if name == "rule" else fitted(name)
    plan = plan_of(name, pipeline)
    rows = golden_rows(SCHEMA, plan, seed=7)
    scorer = Scorer(plan)
    return Parts(
        version=VersionName("credit", 3),
        plan=plan,
        schema=SCHEMA,
        brief='[model]\nname = "credit"\n',
        reference=REFERENCE,
        golden=golden(rows, [scorer.score_row(row) for row in rows], plan),
        pipeline=pipeline,
        python_version="3.11.9",
        distributions={"numpy": np.__version__, "polars": pl.__version__},
        sources=sources(),
        environment={"platform": "test"},
    )


@cache
def files(name: str = "boosting") -> dict[str, bytes]:
    return pack(parts(name))
