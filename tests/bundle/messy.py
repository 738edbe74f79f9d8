"""A table with everything that bends (missing, rare, constant, heavy tails, dates), and rows bent on purpose."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from mainstay.domain.plan import Input, Level
from mainstay.domain.schema import Field, Kind, Schema

REGIONS = ("EU", "UK", "US", "nowhere", "rare")

SCHEMA = Schema(
    fields=(
        Field(name="age", kind=Kind.NUMBER, low=18.0, high=90.0, nullable=True, whole=True),
        Field(name="income", kind=Kind.NUMBER, low=-50.0, high=1e7),
        Field(name="region", kind=Kind.CATEGORY, levels=REGIONS, nullable=True),
        Field(name="member", kind=Kind.BOOLEAN, levels=("false", "true")),
        Field(name="since", kind=Kind.DATETIME, low=1e9, high=1.7e9, nullable=True),
        Field(name="always", kind=Kind.NUMBER, low=7.0, high=7.0),
        Field(name="never", kind=Kind.NUMBER, nullable=True),
    ),
    target="bought",
    positive="1",
    negative="0",
    time_zone="Europe/Berlin",
)


def messy(n_rows: int, *, seed: int = 0) -> tuple[pl.DataFrame, np.ndarray]:
    """A used frame and outcomes that depend on it."""
    random = np.random.default_rng(seed)
    age = random.integers(18, 91, n_rows).astype(float)
    income = np.round(random.lognormal(8, 2, n_rows), 2) - 50
    region = random.choice(REGIONS, n_rows, p=[0.4, 0.3, 0.25, 0.04, 0.01])
    since = np.floor(random.uniform(1e9, 1.7e9, n_rows))
    risk = 0.05 * (age - 50) + 0.4 * (region == "UK") - 0.3 * np.log1p(np.abs(income)) + 1.5
    outcomes = (random.random(n_rows) < 1 / (1 + np.exp(-risk))).astype(float)
    used = pl.DataFrame(
        {
            "age": _holes(age, random, 0.1),
            "income": income.tolist(),
            "region": _holes(region, random, 0.08),
            "member": np.where(random.random(n_rows) < 0.5, "true", "false").tolist(),
            "since": _holes(since, random, 0.05),
            "always": [7.0] * n_rows,
            "never": [None] * n_rows,
        },
        schema_overrides={"never": pl.Float64},
    )
    return used, outcomes


def _holes(values: np.ndarray, random: np.random.Generator, share: float) -> list:
    return [
        None if hole else value for value, hole in zip(values.tolist(), random.random(values.size) < share, strict=True)
    ]


def bent(used: pl.DataFrame, inputs: dict[str, Input], cuts: dict[str, list[float]]) -> pl.DataFrame:
    """Rows as nobody expects them: each field missing, unseen, extreme, on and one step beside every cut."""
    base = used.row(0, named=True)
    rows = [dict.fromkeys(base)]
    for field in SCHEMA.fields:
        values: list = [None]
        if field.kind in (Kind.CATEGORY, Kind.BOOLEAN):
            values += [*field.levels, "never seen", "", "EU "]
        else:
            values += [0.0, -0.0, 1e300, -1e300, 5e-324, 1e9, -1e9]
            for cut in cuts.get(field.name, []):
                beside = [cut, math.nextafter(cut, math.inf), math.nextafter(cut, -math.inf)]
                values += [value for value in beside if math.isfinite(value)]
        rows += [base | {field.name: value} for value in values]
    schema = {f.name: pl.String if isinstance(inputs.get(f.name), Level) else pl.Float64 for f in SCHEMA.fields}
    return pl.DataFrame(rows, schema=schema)
