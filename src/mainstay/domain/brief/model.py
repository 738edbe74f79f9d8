"""The whole brief, and the contradictions that no single table can see."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from mainstay.domain.brief.parts import (
    CostsPart,
    DataPart,
    DecisionPart,
    FairnessPart,
    FieldPart,
    HoldoutsPart,
    LifecyclePart,
    ModelPart,
    Part,
    StorePart,
    TargetsPart,
    TodayPart,
    ValuePart,
    WatchPart,
)
from mainstay.domain.errors import did_you_mean
from mainstay.domain.gates import CODES, FAMILIES, is_gate


class Brief(Part):
    """What a model is for, in one file. Everything after it is derived from it."""

    model: ModelPart
    data: DataPart
    fields: dict[str, FieldPart] = Field({}, description="What people say about single columns.")
    decision: DecisionPart = DecisionPart()
    today: TodayPart = TodayPart()
    value: ValuePart = ValuePart()
    costs: CostsPart = CostsPart()
    targets: TargetsPart = TargetsPart()
    fairness: FairnessPart = FairnessPart()
    holdouts: HoldoutsPart = HoldoutsPart()
    gates: tuple[str, ...] = Field(("targets",), description="Codes of checks that must pass before deploying.")
    watch: WatchPart = WatchPart()
    lifecycle: LifecyclePart = LifecyclePart()
    store: StorePart = StorePart()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        problems = [problem for rule in CONTRADICTIONS if (problem := rule(self))]
        if problems:
            raise ValueError("\n".join(problems))
        return self


def _roles(brief: Brief) -> str | None:
    data = brief.data
    if data.target in data.exclude:
        return f"data.exclude: the target {data.target!r} is excluded"
    if data.target in (data.time, data.entity, data.weight):
        return f"data.target: {data.target!r} has a second role"
    return None


def _mixed_value(brief: Brief) -> str | None:
    value = brief.value
    kinds = [value.is_binary, value.matrix is not None, (value.over or value.under or value.expression) is not None]
    if sum(kinds) > 1:
        return "value: keys of more than one task (binary when_…, multiclass matrix, regression over/under/expression)"
    if value.is_binary and any(money is None for money in value.outcomes):
        return "value: all four of when_high_and_positive … when_low_and_negative are needed (0 is a worth)"
    return None


def _threshold(brief: Brief) -> str | None:
    threshold = brief.decision.threshold
    if threshold == "best":
        return None
    is_classifier = brief.value.is_binary or brief.data.positive is not None
    if is_classifier and not 0 <= float(threshold) <= 1:
        return f"decision.threshold: {threshold} is not a probability between 0 and 1"
    return None


def _control(brief: Brief) -> str | None:
    if brief.decision.control_share > 0 and brief.today.rule is None:
        return "decision.control_share: the control group gets today's rule, and [today] has none"
    if brief.decision.fallback == "rule" and brief.today.rule is None:
        return "decision.fallback: 'rule' needs [today] rule"
    return None


def _silence(brief: Brief) -> str | None:
    if brief.data.no_outcome_means == "negative" and brief.data.outcome_delay.rstrip("smhdw").strip("0. ") == "":
        return "data.no_outcome_means: 'negative' needs an outcome_delay after which silence counts"
    return None


def _money_target(brief: Brief) -> str | None:
    if brief.targets.value_over_today is not None and not brief.value.is_binary and not brief.value.matrix:
        return "targets.value_over_today: there is no [value] to measure it in"
    return None


def _aliases(brief: Brief) -> str | None:
    seen: dict[str, str] = {}
    for name, part in brief.fields.items():
        for alias in part.aliases:
            if alias in seen or alias in brief.fields:
                return f"fields.{name}.aliases: {alias!r} already names another field"
            seen[alias] = name
    return None


def _gates(brief: Brief) -> str | None:
    unknown = [name for name in brief.gates if not is_gate(name)]
    told = [f"{name!r} is not a gate. {did_you_mean(name, (*FAMILIES, *CODES))}" for name in unknown]
    return f"gates: {'; '.join(told)}" if told else None


CONTRADICTIONS = (_roles, _mixed_value, _threshold, _control, _silence, _money_target, _aliases, _gates)
