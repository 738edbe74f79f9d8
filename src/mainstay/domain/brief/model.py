"""The whole brief, and the contradictions that no single table can see."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from mainstay.domain.address import is_address
from mainstay.domain.brief.notify import NotifyPart
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
from mainstay.domain.task import Task

GATES = (
    "Codes of checks, or their first words, that must pass before deploying; 'targets' stands for all of [targets]: "
    "F04-target, and for speed, memory and size F16-service, which an exam measures."
)


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
    gates: tuple[str, ...] = Field(("targets",), description=GATES)
    watch: WatchPart = WatchPart()
    notify: dict[str, NotifyPart] = Field({}, description="Who is told of signals.")
    lifecycle: LifecyclePart = LifecyclePart()
    store: StorePart = StorePart()

    @property
    def told(self) -> dict[str, NotifyPart]:
        """Who is told of signals, by name."""
        names = self.watch.notify if self.watch.notify is not None else tuple(self.notify)
        return {name: self.notify[name] for name in names}

    @property
    def task(self) -> Task | None:
        """The task that the brief says: `data.task`, or what `data.positive` or the value table is for; else None."""
        if self.data.task is not None:
            return self.data.task
        return Task.BINARY if self.data.positive is not None else self.value.task

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


def _query(brief: Brief) -> str | None:
    data = brief.data
    if is_address(data.source) and not data.query.strip():
        return "data.query: a database needs the query whose rows are read, such as select * from loans"
    if data.query and not is_address(data.source):
        return "data.query: the source is no database's address, such as postgresql://host/db"
    return None


def _mixed_value(brief: Brief) -> str | None:
    value = brief.value
    if len(value.tasks) > 1:
        return "value: keys of more than one task (binary when_…, multiclass matrix, regression over/under/expression)"
    if value.is_binary and any(money is None for money in value.outcomes):
        return "value: all four of when_high_and_positive … when_low_and_negative are needed (0 is a worth)"
    if value.matrix is not None and not (value.matrix and all(value.matrix.values())):
        return "value.matrix: wanted a table for each decision, with the worth of every class: [value.matrix.DECISION]"
    return _amounts_value(brief)


def _amounts_value(brief: Brief) -> str | None:
    value = brief.value
    if value.expression is not None and (value.over is not None or value.under is not None):
        return "value: either expression, or over and under"
    if (value.over is None) != (value.under is None):
        return "value: both over and under are needed (0 is a worth): else the best amount would have no end"
    earning = [name for name in ("over", "under") if _is_positive(getattr(value, name))]
    if earning:
        what = f"value.{earning[0]}: a miss would earn money, and the best amount would have no end"
        return f"{what}. What a miss costs is a negative worth: {earning[0]} = -{getattr(value, earning[0]):g}"
    return None


def _is_positive(money: float | str | None) -> bool:
    return isinstance(money, int | float) and money > 0


def _task(brief: Brief) -> str | None:
    """Whether what the brief says of its task agrees."""
    task, of_value = brief.task, brief.value.task
    if task in (None, Task.BINARY):
        return _other_value(of_value, task)
    if brief.data.positive is not None:
        return f"data.positive: only one of two outcomes can be the positive one, and data.task is {task.value!r}"
    if brief.data.no_outcome_means == "negative":
        return f"data.no_outcome_means: 'negative' is one of two outcomes, and the task is {task.value!r}"
    if task is Task.MULTICLASS and brief.decision.threshold != "best":
        return "decision.threshold: several classes are not decided by a threshold; leave it out"
    return _other_value(of_value, task)


def _other_value(of_value: Task | None, task: Task | None) -> str | None:
    if of_value is None or task in (None, of_value):
        return None
    return f"value: its keys are for {of_value.value!r}, and the task is {task.value!r}: wanted {VALUE_KEYS[task]}"


VALUE_KEYS = {
    Task.BINARY: "when_high_and_positive and the three others",
    Task.MULTICLASS: "[value.matrix.DECISION]",
    Task.REGRESSION: "over and under, or expression",
}


def _metrics(brief: Brief) -> str | None:
    """Targets that the stated task has no number for."""
    task = brief.task
    if task is None:
        return None
    strange = [name for name in LACKING.get(task, ()) if getattr(brief.targets, name) is not None]
    return f"targets.{strange[0]}: {task.value!r} has no such metric" if strange else None


AMOUNT_METRICS = ("r2", "rmse", "mae")
CLASS_METRICS = (
    "roc_auc",
    "average_precision",
    "accuracy",
    "f1_macro",
    "log_loss",
    "brier_score",
    "calibration_error",
)
LACKING = {  # what a task has not
    Task.BINARY: AMOUNT_METRICS,
    Task.MULTICLASS: (*AMOUNT_METRICS, "average_precision"),
    Task.REGRESSION: CLASS_METRICS,
}


def _threshold(brief: Brief) -> str | None:
    threshold = brief.decision.threshold
    if threshold == "best":
        return None
    if brief.task is Task.BINARY and not 0 <= float(threshold) <= 1:
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
    if brief.targets.value_over_today is not None and brief.value.task is None:
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


def _told(brief: Brief) -> str | None:
    unknown = [name for name in brief.watch.notify or () if name not in brief.notify]
    if unknown:
        hint = did_you_mean(unknown[0], brief.notify) if brief.notify else f"Write a table [notify.{unknown[0]}]."
        return f"watch.notify: there is no [notify.{unknown[0]}]. {hint}"
    owners = {brief.model.owner, *(field.owner for field in brief.fields.values())}
    for name, part in brief.notify.items():
        if part.owner and part.owner not in owners:
            return f"notify.{name}.owner: {part.owner!r} owns neither the model nor a field"
    return None


def _gates(brief: Brief) -> str | None:
    unknown = [name for name in brief.gates if not is_gate(name)]
    told = [f"{name!r} is not a gate. {did_you_mean(name, (*FAMILIES, *CODES))}" for name in unknown]
    return f"gates: {'; '.join(told)}" if told else None


CONTRADICTIONS = (
    _roles,
    _query,
    _mixed_value,
    _task,
    _metrics,
    _threshold,
    _control,
    _silence,
    _money_target,
    _aliases,
    _gates,
    _told,
)
