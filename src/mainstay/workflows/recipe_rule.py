"""A recipe that returns a rule, an expression over columns: whether it has a score for every row that may come."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from mainstay.data.money import columns_of as columns_in
from mainstay.domain.errors import ExpressionError, RecipeError, did_you_mean
from mainstay.domain.expression import columns_of
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.plan import Rule
from mainstay.domain.schema import Kind, Schema
from mainstay.domain.task import Task
from mainstay.serving.rule import rule_values
from mainstay.stats.arrays import FloatArray
from mainstay.training.prepared import Prepared

FINITE, SHARES, MISSING = "R04-finite", "R05-shares", "R10-missing"
SHARE = "Compare with something (late > 3), or give a number from 0 to 1: where(late > 3, 0.8, 0.1)."


def rule_of(expression: str, schema: Schema) -> Rule:
    """Return a recipe's expression as a rule; raises `RecipeError` for a column that is no input."""
    kinds = {each.name: each.kind for each in schema.admitted}
    try:
        read = columns_of(expression)
    except ExpressionError as error:
        raise RecipeError(f"the rule {expression!r} cannot be read: {error.what}", remedy=error.remedy) from error
    if strange := [name for name in read if name not in kinds]:
        what = f"the rule {expression!r} reads {', '.join(map(repr, strange))}, which no row has when it is decided"
        raise RecipeError(what, remedy=did_you_mean(strange[0], kinds))
    texts = tuple(name for name in read if kinds[name] not in (Kind.NUMBER, Kind.DATETIME))
    return Rule(expression=expression, texts=texts, words=schema.classes if len(schema.classes) > 2 else ())


def rule_findings(rule: Rule, prepared: Prepared) -> tuple[Finding, ...]:
    """Return what a rule breaks on the training rows, each also with a column missing and with a number that is 0.

    Raises `RecipeError` where it cannot be evaluated at all. Empty where it has a score for each.
    """
    used = pl.DataFrame([prepared.used[name] for name in columns_of(rule.expression)])[prepared.training]
    for where, rows, code in _probes(used):
        found = _values(rule, rows)
        if n_strange := int((~np.isfinite(found)).reshape(rows.height, -1).any(axis=1).sum()):
            return (_no_number(rule, found, n_strange, where, code),)
        if prepared.task is Task.BINARY and (found.min(initial=0.0) < 0 or found.max(initial=1.0) > 1):
            because = f"the rule {rule.expression!r} gives scores from {found.min():.3g} to {found.max():.3g}{where}"
            return (Finding(code=SHARES, verdict=Verdict.FAIL, because=because, remedy=SHARE),)
    return ()


def _probes(used: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame, str]]:
    yield "", used, FINITE
    for name, dtype in used.schema.items():
        if dtype.is_numeric():
            yield f" where {name!r} is 0", used.with_columns(pl.lit(0, dtype=dtype).alias(name)), FINITE
    for name, dtype in used.schema.items():
        yield f" where {name!r} is missing", used.with_columns(pl.lit(None, dtype=dtype).alias(name)), MISSING


def _values(rule: Rule, rows: pl.DataFrame) -> FloatArray:
    told = {"expression": rule.expression, "texts": rule.texts, "words": rule.words}
    try:
        return np.asarray(rule_values(told, columns_in(rows), rows.height), dtype=np.float64)
    except ExpressionError as error:
        raise RecipeError(f"the rule {rule.expression!r}: {error.what}", remedy=error.remedy) from error


def _no_number(rule: Rule, found: FloatArray, n_strange: int, where: str, code: str) -> Finding:
    """Say for how many rows a rule has no score, why that may be, and what to write instead."""
    first = next(iter(columns_of(rule.expression)), "x")
    if rule.words:
        because, remedy = "gives none of the classes", f"Let it give one of: {', '.join(rule.words[:6])}."
    elif "/" in rule.expression and code == FINITE:
        because = "divides by zero, or has no number"
        remedy = f"Write what it is then: where({first} == 0, 0, 1 / {first}), or divide by max({first}, 1)."
    else:
        because = "has no number"
        remedy = f"Write what it is then: where(missing({first}), 0, {first})."
    told = f"the rule {rule.expression!r} {because} for {n_strange} of {len(found)} rows{where}"
    return Finding(code=code, verdict=Verdict.FAIL, because=told, remedy=remedy)
