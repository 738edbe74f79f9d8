"""Versions as they are served: a plan fitted on made rows, asked through the real admission and scored by its code."""

from __future__ import annotations

from functools import partial

import msgspec
import numpy as np
import polars as pl
from sklearn.linear_model import LinearRegression, LogisticRegression
from tests.checks.made import changed, exam

from mainstay.checks.examined import Examined
from mainstay.domain.plan import Forest, Level, LevelTerm, Linear, Number, NumberTerm, Plan
from mainstay.domain.schema import Kind, Schema
from mainstay.domain.task import Task
from mainstay.serving.service import ModelWords, Words, make_service
from mainstay.stats.arrays import FloatArray
from mainstay.workflows.asking import replies
from mainstay.workflows.asking import scores as scores_of
from mainstay.workflows.opened import opened


def served(examined: Examined | None = None, *, plan: Plan | None = None, clip: bool = True) -> Examined:
    """The same version with a plan of its own, its scores and its service (a linear plan where none is given)."""
    whole = examined or exam()
    schema = msgspec.structs.replace(
        whole.schema, task=whole.task.value, fields=tuple(map(partial(ranged, whole), whole.schema.fields))
    )
    numbers = {field.name for field in schema.fields if field.kind is Kind.NUMBER}
    used = pl.DataFrame([each.cast(pl.Float64) if each.name in numbers else each for each in whole.used])
    whole = changed(whole, schema=schema, used=used)
    made = plan or linear(whole, clip=clip)
    service = make_service("m", 1, schema=schema, plan=made, words=Words(model=ModelWords(name="m")))
    scores = scores_of(service, used)
    decided = (
        scores
        if whole.task is Task.REGRESSION
        else (scores >= 1 / 6).astype(int)
        if scores.ndim == 1
        else scores.argmax(axis=1)
    )
    return changed(
        whole,
        plan=made,
        scores=scores,
        decided=decided,
        opened=opened(made),
        reply=partial(replies, service),
        score=partial(scores_of, service),
    )


def ranged(whole: Examined, field):  # type: ignore[no-untyped-def]
    column = whole.table[field.name]
    if field.kind is not Kind.NUMBER:
        return msgspec.structs.replace(field, nullable=column.null_count() > 0)
    return msgspec.structs.replace(
        field, low=float(column.min()), high=float(column.max()), nullable=column.null_count() > 0
    )


def columns(whole: Examined) -> tuple[list[str], FloatArray]:
    parts = []
    for field in whole.schema.fields:
        column = whole.used[field.name].alias("column")
        if field.kind is Kind.NUMBER:
            numbers = column.to_numpy()
            parts.append(np.nan_to_num((numbers - np.nanmean(numbers)) / np.nanstd(numbers))[:, None])
        else:
            parts.append(
                np.column_stack([(column == level).fill_null(False).to_numpy() for level in field.levels]) * 1.0
            )
    return [field.name for field in whole.schema.fields], np.hstack(parts)


def linear(whole: Examined, *, clip: bool = True) -> Plan:
    """A linear plan fitted on training rows; without `clip` it speaks of numbers that it never saw."""
    _, matrix = columns(whole)
    rows, outcomes = whole.training, whole.outcomes
    if whole.task is Task.REGRESSION:
        fitted = LinearRegression().fit(matrix[rows], outcomes[rows])
        weights, intercepts, link = fitted.coef_[None, :], [fitted.intercept_], "identity"
    else:
        fitted = LogisticRegression().fit(matrix[rows], outcomes[rows])
        weights, intercepts, link = (
            fitted.coef_,
            fitted.intercept_,
            "logistic" if whole.task is Task.BINARY else "softmax",
        )
    models = tuple(
        Linear(intercept=float(b), terms=terms(whole, w, clip)) for w, b in zip(weights, intercepts, strict=True)
    )
    classes = whole.schema.classes if whole.task is Task.MULTICLASS else ()
    return Plan(
        task=whole.task.value,
        models=models,
        link=link,
        threshold=1 / 6 if whole.task is Task.BINARY else None,
        when_high="decline",
        when_low="approve",
        classes=classes,
    )


def terms(whole: Examined, weights: FloatArray, clip: bool):  # type: ignore[no-untyped-def]
    found, at = [], 0
    for field in whole.schema.fields:
        if field.kind is Kind.NUMBER:
            numbers = whole.used[field.name].to_numpy()
            mean, sd = float(np.nanmean(numbers)), float(np.nanstd(numbers))
            bounds = (field.low, field.high) if clip else (None, None)
            found.append(NumberTerm(Number(field.name), mean, mean, sd, float(weights[at]), 0.0, *bounds))
            at += 1
        else:
            found.append(LevelTerm(field.name, field.levels, tuple(map(float, weights[at : at + len(field.levels)]))))
            at += len(field.levels)
    return tuple(found)


def forest(whole: Examined, *, n_trees: int = 20, depth: int = 4, seed: int = 0, single: bool = False) -> Forest:
    """A forest of random cuts, some by levels, whose leaves lean with the outcome's columns."""
    rng = np.random.default_rng(seed)
    inputs = tuple(
        Number(field.name) if field.kind is Kind.NUMBER else Level(field.name, field.levels)
        for field in whole.schema.fields
    )
    nodes: list[list[object]] = []

    def grow(left: int) -> int:
        at = len(nodes)
        nodes.append([-1, 0.0, True, 0, 0, float(rng.normal() / 3), None])
        if left and rng.random() < 0.9:
            feature = int(rng.integers(len(inputs)))
            source, levels, cut = inputs[feature], None, 0.0
            if isinstance(source, Level):
                n = len(source.levels)
                levels = tuple(sorted(map(int, rng.choice(n, max(1, n // 2), replace=False))))
            else:
                cut = float(rng.choice(whole.used[source.field].drop_nulls().to_numpy()))
            first, second = grow(left - 1), grow(left - 1)
            nodes[at] = [feature, cut, bool(rng.integers(2)), first, second, 0.0, levels]
        return at

    roots = tuple(grow(depth) for _ in range(n_trees))
    feature, threshold, missing, lefts, rights, value, levels = (tuple(column) for column in zip(*nodes, strict=True))
    return Forest(
        inputs=inputs,
        baseline=-0.3,
        roots=roots,
        feature=feature,
        threshold=threshold,
        missing_left=missing,
        left=lefts,
        right=rights,
        value=value,
        levels_left=levels,
        divisor=1.0,
        single=single,
    )  # type: ignore[arg-type]


def amounts(n_rows: int = 2000, *, seed: int = 1) -> Examined:
    """A served regression: the outcome is an amount that late payments and income foretell."""
    whole = exam(seed=seed)
    rng = np.random.default_rng(seed)
    rows = whole.table.head(n_rows)
    told = rows["late"].to_numpy() * 3 + np.log(rows["income"].to_numpy()) + rng.standard_normal(n_rows)
    return served(_of_task(whole, rows, told, Task.REGRESSION, ()))


def classes(n_rows: int = 2000, *, seed: int = 1) -> Examined:
    """A served version of three classes."""
    whole = exam(seed=seed)
    rng = np.random.default_rng(seed)
    rows = whole.table.head(n_rows)
    told = rows["late"].to_numpy() / 3 + rng.standard_normal(n_rows)
    return served(_of_task(whole, rows, np.digitize(told, [1, 2]).astype(float), Task.MULTICLASS, ("0", "1", "2")))


def _of_task(whole: Examined, rows: pl.DataFrame, outcomes: FloatArray, task: Task, names: tuple[str, ...]) -> Examined:
    n = rows.height
    parts = {name: getattr(whole, name)[getattr(whole, name) < n] for name in ("training", "calibration", "holdout")}
    schema = Schema(fields=whole.schema.fields, target="defaulted", task=task.value, classes=names)
    table = rows.with_columns(pl.Series("defaulted", outcomes))
    return changed(
        whole,
        schema=schema,
        task=task,
        table=table,
        used=whole.used.head(n),
        outcomes=outcomes,
        today=None,
        worth=None,
        **parts,
    )
