"""A small lending table with a truth we know: risk rises with `late` and `income`, money with `amount`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.worth import ActionWorth
from mainstay.stats.arrays import FloatArray
from mainstay.training.prepared import Prepared

BRIEF = """
[model]
name = "loans"
[data]
target = "defaulted"
positive = 1
[decision]
when_high = "decline"
when_low = "approve"
{decision}
[today]
rule = "late >= 3"
[value]
currency = "EUR"
when_high_and_positive = 0
when_high_and_negative = 0
when_low_and_positive = "-0.5 * amount"
when_low_and_negative = "0.1 * amount"
[targets]
roc_auc = 0.6
value_over_today = 1
"""
WITHOUT_MONEY = '[model]\nname = "loans"\n[data]\ntarget = "defaulted"\npositive = 1\n'

SCHEMA = Schema(
    fields=(
        Field(name="late", kind=Kind.NUMBER, low=0.0, high=9.0, whole=True),
        Field(name="income", kind=Kind.NUMBER, low=0.0, high=1e6, nullable=True),
        Field(name="amount", kind=Kind.NUMBER, low=100.0, high=1e5),
        Field(name="region", kind=Kind.CATEGORY, levels=("north", "south", "west")),
    ),
    target="defaulted",
    positive="1",
    negative="0",
)


def brief(text: str = BRIEF, *, decision: str = "") -> Brief:
    return parse_brief(text.replace("{decision}", decision))


def prepared(n_rows: int = 4000, *, seed: int = 1, curved: bool = True) -> Prepared:
    """Lines cannot follow a `curved` truth; trees can."""
    random = np.random.default_rng(seed)
    late = random.integers(0, 10, n_rows).astype(float)
    income = random.lognormal(8, 1, n_rows)
    amount = np.round(random.uniform(100, 10_000, n_rows))
    region = random.choice(["north", "south", "west"], n_rows)
    bend = np.where((late > 4) ^ (income > 3000), 1.5, -1.5) if curved else 0.5 * (late - 4.5)
    risk = 1 / (1 + np.exp(-(bend - 0.8 + 0.5 * (region == "south"))))
    outcomes = (random.random(n_rows) < risk).astype(float)
    used = pl.DataFrame({"late": late, "income": income, "amount": amount, "region": region})
    used = used.with_columns(pl.when(pl.int_range(n_rows) % 11 > 0).then("income"))
    order = random.permutation(n_rows)
    return Prepared(
        brief=brief(),
        schema=SCHEMA,
        seed=seed,
        used=used,
        outcomes=outcomes,
        training=np.sort(order[: int(0.6 * n_rows)]),
        calibration=np.sort(order[int(0.6 * n_rows) : int(0.8 * n_rows)]),
        holdout=np.sort(order[int(0.8 * n_rows) :]),
        worth=worth(np.where(outcomes == 1.0, -0.5 * amount, 0.1 * amount)),
        today=late >= 3,
    )


def worth(low: FloatArray) -> ActionWorth:
    """Declining is worth nothing, approving this much."""
    return ActionWorth(("approve", "decline"), np.column_stack([low, np.zeros(low.size)]))


def without_money(given: Prepared) -> Prepared:
    return replace(given, brief=brief(WITHOUT_MONEY), worth=None, today=None)
