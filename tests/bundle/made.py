"""Whole bundles, of every task, made from the messy table."""

from __future__ import annotations

import importlib
import inspect as source_of
from functools import cache

import numpy as np
import polars as pl
from tests.bundle.messy import CLASSES, lesson
from threadpoolctl import threadpool_limits

from mainstay.bundle.compile import compile_plan
from mainstay.bundle.golden import golden, golden_rows
from mainstay.bundle.mlmodel import CODE_MODULES
from mainstay.bundle.pack import Parts, pack
from mainstay.domain.brief.parts import DecisionPart
from mainstay.domain.plan import Calibration, Isotonic, Logistic, Plan, Rule, Temperature
from mainstay.domain.signature import Bins, ReferenceSignature
from mainstay.domain.task import Task
from mainstay.domain.version import VersionName
from mainstay.serving.score import Scorer
from mainstay.training.learner import Fitted
from mainstay.training.learners import BASE_RATE, BOOSTING, LOGISTIC, MEAN, RIDGE

REFERENCE = ReferenceSignature(
    period_s=86400.0,
    time_zone="UTC",
    timed=False,
    periods=("2026-01-01T00:00:00Z",),
    bins=(Bins(subject="score", edges=(0.5,), low=0.0, high=1.0),),
    counts={"score": ((0, 0, 3, 4, 0),)},
)
DECISION = DecisionPart(when_high="decline", when_low="approve")
SHAPE = {"trees": 30, "max_leaf_nodes": 12}

MADE = {
    "base_rate": (Task.BINARY, BASE_RATE, {}),
    "logistic": (Task.BINARY, LOGISTIC, {}),
    "boosting": (Task.BINARY, BOOSTING, SHAPE),
    "class shares": (Task.MULTICLASS, BASE_RATE, {}),
    "class lines": (Task.MULTICLASS, LOGISTIC, {}),
    "class trees": (Task.MULTICLASS, BOOSTING, SHAPE),
    "mean": (Task.REGRESSION, MEAN, {}),
    "ridge": (Task.REGRESSION, RIDGE, {}),
    "amount trees": (Task.REGRESSION, BOOSTING, SHAPE),
    "count trees": (Task.REGRESSION, BOOSTING, {**SHAPE, "loss": "poisson"}),
}
RULES = {
    "rule": (Task.BINARY, Rule(expression='age > 40 and region == "EU"', texts=("region",))),
    "class rule": (Task.MULTICLASS, Rule(expression='where(age > 40, "gold", "none")')),
    "amount rule": (Task.REGRESSION, Rule(expression="where(missing(age), 1, age * 2)")),
}
CALIBRATIONS: dict[Task, Calibration] = {
    Task.BINARY: Logistic(slope=0.9, intercept=0.1),
    Task.MULTICLASS: Temperature(temperature=1.3),
    Task.REGRESSION: Isotonic(scores=(0.0, 3.0, 9.0), calibrated=(0.0, 3.5, 8.0)),
}
PAYOFFS = ((0.0, 0.0, 0.0), (-5.0, "0.001 * income", 20.0))


def sources() -> dict[str, str]:
    return {name: source_of.getsource(importlib.import_module(f"mainstay.{name}")) for name in CODE_MODULES}


@cache
def fitted(name: str, *, seed: int = 1) -> Fitted:
    task, learner, settings = MADE[name]
    with threadpool_limits(limits=1):
        return learner.fit(lesson(task, seed=seed), settings)


def task_of(name: str) -> Task:
    return (MADE | RULES)[name][0]


def plan_of(name: str) -> Plan:
    task, is_rule = task_of(name), name in RULES
    own = None if is_rule else fitted(name)
    of_classes = task is Task.MULTICLASS
    return compile_plan(
        RULES[name][1] if own is None else own.estimator,
        {} if own is None else own.inputs,
        task=task,
        classes=CLASSES if of_classes else (),
        decision=DECISION,
        threshold=0.4 if task is Task.BINARY else None,
        calibration=None if is_rule else CALIBRATIONS[task],
        actions=("leave", "call") if of_classes and not is_rule else (),
        payoffs=PAYOFFS if of_classes and not is_rule else (),
    )


def parts(name: str = "boosting") -> Parts:
    plan, schema = plan_of(name), lesson(task_of(name)).schema
    rows = golden_rows(schema, plan, seed=7)
    scorer = Scorer(plan)
    return Parts(
        version=VersionName("credit", 3),
        plan=plan,
        schema=schema,
        brief='[model]\nname = "credit"\n',
        reference=REFERENCE,
        golden=golden(rows, [scorer.score_of(row) for row in rows], plan),
        pipeline=None if name in RULES else fitted(name).estimator,
        python_version="3.11.9",
        distributions={"numpy": np.__version__, "polars": pl.__version__},
        sources=sources(),
        environment={"platform": "test"},
    )


@cache
def files(name: str = "boosting") -> dict[str, bytes]:
    return pack(parts(name))
