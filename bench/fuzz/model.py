"""A small model with a field of every kind, made of its parts: what the decoders are asked about."""

from __future__ import annotations

from mainstay.domain.plan import LevelTerm, Linear, Number, NumberTerm, Plan
from mainstay.domain.schema import Field, Kind, Policy, Schema
from mainstay.serving.service import DecisionWords, ModelWords, Service, Words, make_service

LEVELS = ("Ulm", "Köln", "Żory")
SCHEMA = Schema(
    fields=(
        Field(
            name="age", kind=Kind.NUMBER, low=0, high=120, whole=True, on_out_of_range=Policy.REPAIR, aliases=("Age",)
        ),
        Field(name="debt", kind=Kind.NUMBER, nullable=True, decimal=",", affix="€", missing=("unknown",), default=3.0),
        Field(name="town", kind=Kind.CATEGORY, levels=LEVELS, level_aliases=(("cologne", "Köln"),), nullable=True),
        Field(name="married", kind=Kind.BOOLEAN, levels=("false", "true"), on_wrong_type=Policy.WARN),
        Field(name="since", kind=Kind.DATETIME, low=0.0, high=4e9, date_format="%d.%m.%Y", nullable=True),
        Field(name="note", kind=Kind.TEXT, on_missing=Policy.REFUSE),
    ),
    carried=(Field(name="amount", kind=Kind.NUMBER, nullable=True),),
    target="late",
    positive="yes",
    negative="no",
    time="at",
    entity="customer",
)
PLAN = Plan(
    task="binary",
    models=(
        Linear(
            intercept=-1.0,
            terms=(
                NumberTerm(input=Number("age"), fill=40.0, centre=40.0, scale=10.0, weight=0.5, low=0.0, high=120.0),
                NumberTerm(input=Number("debt"), fill=0.0, centre=0.0, scale=100.0, weight=1.0, missing_weight=0.25),
                NumberTerm(input=Number("since"), fill=0.0, centre=1e9, scale=1e9, weight=0.125),
                LevelTerm(field="town", levels=LEVELS, weights=(0.1, 0.2, 0.3), unseen_weight=0.5),
                LevelTerm(field="married", levels=("false", "true"), weights=(0.0, 0.5)),
            ),
        ),
    ),
    link="logistic",
    threshold=0.5,
)
WORDS = Words(model=ModelWords(name="late"), decision=DecisionWords(when_high="decline", when_low="approve"))


def service() -> Service:
    """The model, ready to answer."""
    return make_service("late", 1, schema=SCHEMA, plan=PLAN, words=WORDS)
