"""A table with everything that bends (missing, rare, constant, heavy tails, dates, texts), and rows bent on purpose."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl

from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.task import Task
from mainstay.training.learner import Lesson

REGIONS = ("EU", "UK", "US", "nowhere", "rare")
SHOPS = tuple(f"shop {i}" for i in range(300))
WORDS = ("refund", "angry", "thanks", "Über", "late", "again", "invoice", "42", "call", "me", "a", "new_one")
CLASSES = ("none", "silver", "gold")

SCHEMA = Schema(
    fields=(
        Field(name="age", kind=Kind.NUMBER, low=18.0, high=90.0, nullable=True, whole=True),
        Field(name="income", kind=Kind.NUMBER, low=-50.0, high=1e7),
        Field(name="region", kind=Kind.CATEGORY, levels=REGIONS, nullable=True),
        Field(name="member", kind=Kind.BOOLEAN, levels=("false", "true")),
        Field(name="since", kind=Kind.DATETIME, low=1e9, high=1.7e9, nullable=True),
        Field(name="always", kind=Kind.NUMBER, low=7.0, high=7.0),
        Field(name="never", kind=Kind.NUMBER, nullable=True),
        Field(name="shop", kind=Kind.CATEGORY, levels=SHOPS, nullable=True),
        Field(name="note", kind=Kind.TEXT, nullable=True),
    ),
    target="bought",
    positive="1",
    negative="0",
    time_zone="Europe/Berlin",
)
TEXTS = (Kind.CATEGORY, Kind.BOOLEAN, Kind.TEXT)


def messy(n_rows: int, *, seed: int = 0) -> tuple[pl.DataFrame, np.ndarray]:
    """A used frame and outcomes of 0 and 1 that depend on it."""
    random = np.random.default_rng(seed)
    used, risk = _table(n_rows, random)
    return used, (random.random(n_rows) < 1 / (1 + np.exp(-risk))).astype(float)


def lesson(task: Task, n_rows: int = 1500, *, seed: int = 1) -> Lesson:
    """The same table as a lesson of any task."""
    used, outcomes = messy(n_rows, seed=seed)
    random = np.random.default_rng(seed)
    _, risk = _table(n_rows, random)
    if task is Task.MULTICLASS:
        outcomes = np.digitize(risk + random.normal(0, 1, n_rows), [-1.5, 0.5]).astype(float)
    elif task is Task.REGRESSION:
        outcomes = np.round(np.exp(risk.clip(-3, 3) + random.normal(0, 0.3, n_rows)), 2)
    schema = SCHEMA if task is Task.BINARY else replaced(task)
    return Lesson(
        task=task, schema=schema, used=used, outcomes=outcomes, weights=None, clusters=None, moments=None, seed=seed
    )


def replaced(task: Task) -> Schema:
    """The schema of another task."""
    of_classes = task is Task.MULTICLASS
    return Schema(
        fields=SCHEMA.fields,
        target="bought",
        task=task,
        classes=CLASSES if of_classes else (),
        time_zone="Europe/Berlin",
    )


def without(given: Lesson, *names: str) -> Lesson:
    """The lesson without some fields."""
    fields = tuple(field for field in given.schema.fields if field.name not in names)
    return replace(given, schema=Schema(fields=fields, target="bought", task=given.task, classes=given.schema.classes))


def _table(n_rows: int, random: np.random.Generator) -> tuple[pl.DataFrame, np.ndarray]:
    age = random.integers(18, 91, n_rows).astype(float)
    income = np.round(random.lognormal(8, 2, n_rows), 2) - 50
    region = random.choice(REGIONS, n_rows, p=[0.4, 0.3, 0.25, 0.04, 0.01])
    since = np.floor(random.uniform(1e9, 1.7e9, n_rows))
    shop = np.minimum(random.geometric(0.02, n_rows), len(SHOPS)) - 1
    notes = [" ".join(random.choice(WORDS, random.integers(0, 9))) for _ in range(n_rows)]
    angry = np.array(["angry" in note for note in notes])
    risk = 0.05 * (age - 50) + 0.4 * (region == "UK") - 0.3 * np.log1p(np.abs(income)) + 1.5
    risk += np.sin(shop) + angry
    used = pl.DataFrame(
        {
            "age": _holes(age, random, 0.1),
            "income": income.tolist(),
            "region": _holes(region, random, 0.08),
            "member": np.where(random.random(n_rows) < 0.5, "true", "false").tolist(),
            "since": _holes(since, random, 0.05),
            "always": [7.0] * n_rows,
            "never": [None] * n_rows,
            "shop": _holes(np.array(SHOPS)[shop], random, 0.02),
            "note": _holes(np.array(notes), random, 0.03),
        },
        schema_overrides={"never": pl.Float64},
    )
    return used, risk


def _holes(values: np.ndarray, random: np.random.Generator, share: float) -> list:
    return [
        None if hole else value for value, hole in zip(values.tolist(), random.random(values.size) < share, strict=True)
    ]


def bent(used: pl.DataFrame, cuts: dict[str, list[float]]) -> pl.DataFrame:
    """Rows as nobody expects them: each field missing, unseen, extreme, on and one step beside every cut."""
    base = used.row(0, named=True)
    rows = [dict.fromkeys(base)]
    for field in SCHEMA.fields:
        values: list = [None]
        if field.kind is Kind.TEXT:
            values += [
                "",
                "unknown words alone",
                "angry " * 7,
                "ANGRY, refund: call me!",
                "\u00c9\u00c9 \u0661\u0662",
                "a b c",
            ]
        elif field.kind in TEXTS:
            values += [*field.levels, "never seen", "", "EU "]
        else:
            values += [0.0, -0.0, 1e300, -1e300, 5e-324, 1e9, -1e9]
            for cut in cuts.get(field.name, []):
                beside = [cut, math.nextafter(cut, math.inf), math.nextafter(cut, -math.inf)]
                values += [value for value in beside if math.isfinite(value)]
        rows += [base | {field.name: value} for value in values]
    schema = {f.name: pl.String if f.kind in TEXTS else pl.Float64 for f in SCHEMA.fields}
    return pl.DataFrame(rows, schema=schema)
