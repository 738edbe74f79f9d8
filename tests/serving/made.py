"""A small model made by hand: two numbers, two levels, a date, a column that only the value and the rule need."""

from __future__ import annotations

import msgspec

from mainstay.domain.plan import LevelTerm, Linear, Number, NumberTerm, Plan
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.serving.body import DecideBody
from mainstay.serving.service import DecisionWords, ModelWords, Service, TodayWords, Words, make_service

AT_US = 1_790_000_000_000_000

SCHEMA = Schema(
    fields=(
        Field(name="age", kind=Kind.NUMBER, low=18, high=99, whole=True, example=42.0, unit="years"),
        Field(name="income", kind=Kind.NUMBER, low=0, high=1e6, nullable=True, example=30_000.0, aliases=("salary",)),
        Field(name="region", kind=Kind.CATEGORY, levels=("EU", "US"), example="EU"),
        Field(name="member", kind=Kind.BOOLEAN, levels=("false", "true"), example=True),
        Field(name="joined", kind=Kind.DATETIME, low=1.5e9, example="2020-01-01T00:00:00Z"),
    ),
    carried=(Field(name="late", kind=Kind.NUMBER, low=0, high=9, example=1.0),),
    target="churned",
    positive="yes",
    negative="no",
    entity="customer",
    known=("customer", "age", "income", "region", "member", "joined", "late", "churned", "note"),
)
PLAN = Plan(
    task="binary",
    models=(
        Linear(
            intercept=-1.0,
            terms=(
                NumberTerm(input=Number(field="age"), fill=40.0, centre=40.0, scale=10.0, weight=0.5),
                LevelTerm(field="region", levels=("EU", "US"), weights=(0.25, 1.5), unseen_weight=0.1),
            ),
        ),
    ),
    link="logistic",
    threshold=0.5,
    when_high="call",
    when_low="wait",
)
ROW = {"age": 50, "income": 1000.5, "region": "EU", "member": True, "joined": "2021-05-01T00:00:00Z", "late": 0}


def words(**decision: object) -> Words:
    choices = msgspec.convert({"when_high": "call", "when_low": "wait", **decision}, DecisionWords)
    return Words(ModelWords("credit"), choices, TodayWords("late >= 2"))


def make(plan: Plan = PLAN, **decision: object) -> Service:
    return make_service("credit", 3, schema=SCHEMA, plan=plan, words=words(**decision))


def body(*rows: object, ids: list[object] | None = None) -> DecideBody:
    return DecideBody([msgspec.Raw(msgspec.json.encode(row)) for row in rows], ids)
