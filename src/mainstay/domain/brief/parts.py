"""The tables of the brief, one model each. Descriptions are the reference page and the editors' help."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mainstay.domain.brief.kinds import (
    Duration,
    Expression,
    Label,
    Ledger,
    Money,
    Name,
    Period,
    Positive,
    Price,
    Share,
    Source,
    Table,
    Zone,
)
from mainstay.domain.schema import Kind, Policy
from mainstay.domain.task import Task


class Part(BaseModel):
    """A table of the brief: no unknown keys, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ModelPart(Part):
    """What the model is, for whom, and until when."""

    name: Name = Field(description="Short name, used in addresses and versions.")
    purpose: str = Field("", description="One sentence: what is decided, and why it is worth deciding well.")
    owner: str = Field("", description="Who answers for the model: a person or a team, with an address.")
    consumers: tuple[str, ...] = Field((), description="Which products or teams use the decisions.")
    license: str = Field("", description="The licence of the model as model cards name it, such as apache-2.0.")
    review_by: date | None = Field(None, description="The day by which somebody must look again, or retire it.")
    time_box: Duration | None = Field(None, description="How long from the first fit to live, such as 14d.")


class DataPart(Part):
    """Where the rows come from and what their columns mean."""

    source: Source = Field(
        "", description="A file, a folder of files or a Delta table, relative to the brief; or a database's address."
    )
    query: str = Field("", description="The query whose rows are read, where the source is a database.")
    encoding: str | None = Field(None, description="The encoding of texts that do not say it, such as windows-1250.")
    target: str = Field(description="The column that holds the outcome.")
    task: Task | None = Field(
        None,
        description="What the outcome is: two levels, several classes or an amount; seen from the data if left out.",
    )
    missing_target: Literal["drop", "refuse"] = Field(
        "drop", description="What to do with rows whose outcome is missing: leave them out and say how many, or refuse."
    )
    positive: Label | None = Field(None, description="The outcome that counts as positive (binary).")
    time: str | None = Field(None, description="The column with the moment of the decision.")
    time_zone: Zone = Field("UTC", description="Zone of dates without an offset.")
    entity: str | None = Field(None, description="The column that names who or what is decided about.")
    segments: tuple[str, ...] = Field((), description="Columns whose levels are watched and judged apart.")
    protected: tuple[str, ...] = Field((), description="Columns by which fairness is judged.")
    exclude: tuple[str, ...] = Field((), description="Columns the model must not use.")
    weight: str | None = Field(None, description="A column of sampling weights; never an input.")
    population: Table | None = Field(
        None, description="A table that is a fair sample of the population: an exam compares the rows with it."
    )
    outcome_delay: Duration = Field("0d", description="How long after the decision the outcome is known.")
    no_outcome_means: Literal["unknown", "negative"] = Field(
        "unknown", description="What silence after the delay means: nothing, or the negative outcome (implied)."
    )


class FieldPart(Part):
    """What a person says about one column, beside what the data showed."""

    kind: Kind | None = Field(None, description="What the column holds.")
    unit: str = Field("", description="The unit of its numbers; a number followed by exactly that is read, too.")
    aliases: tuple[str, ...] = Field((), description="Other names callers may send it under.")
    levels: tuple[str, ...] | None = Field(None, description="The levels of a category, beyond those in the data.")
    level_aliases: dict[str, Label] = Field(
        {}, description='Other words for its levels, each with the level it means, such as { fest = "festival" }.'
    )
    missing: tuple[Label, ...] = Field(
        (), description='Values that mean missing in this column, such as ["unknown", 999].'
    )
    default: Label | None = Field(
        None, description="What a missing value is taken as, in training and when deciding (warned about there)."
    )
    decimal: Literal[".", ","] | None = Field(
        None, description="The sign before the fraction of numbers written as text; seen from the data if left out."
    )
    low: float | None = Field(None, description="The lowest number that makes sense.")
    high: float | None = Field(None, description="The highest number that makes sense.")
    on_unseen: Policy | None = Field(None, description="What to do with a level that training never saw.")
    on_missing: Policy | None = Field(None, description="What to do when it is missing.")
    on_out_of_range: Policy | None = Field(None, description="What to do with a number outside low to high.")
    on_wrong_type: Policy | None = Field(None, description="What to do with a value of another type.")
    known_at: Literal["decision", "later"] | None = Field(None, description="Whether it is known when deciding.")
    actionable: bool | None = Field(
        None, description="Whether the person concerned can change it: only there is another decision sought."
    )
    meaning: str = Field("", description="What it means, in words for people.")
    source: str = Field("", description="Where it comes from.")
    owner: str = Field("", description="Who answers for that source.")
    contract: str = Field("", description="What was agreed about it: an address, or a sentence.")
    personal: bool = Field(False, description="Whether it is personal data.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")
        if self.default is not None and self.on_missing is Policy.REFUSE:
            raise ValueError("a default is what a missing value is taken as, and on_missing refuses them: drop one")
        return self

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        said = {str(level) for level in (*(self.levels or ()), *self.level_aliases.values())}
        both = next((alias for alias in self.level_aliases if alias in said), None)
        if both is not None:
            raise ValueError(f"level_aliases: {both!r} is a level itself, so it cannot be another word for one")
        return self


class DecisionPart(Part):
    """What is done with the score."""

    when_high: str = Field("yes", description="What is done when the score reaches the threshold.")
    when_low: str = Field("no", description="What is done when it does not.")
    threshold: Literal["best"] | float = Field("best", description="'best' (worth most money) or a number.")
    control_share: Share = Field(0.0, description="Share of entities that get today's rule, to tell our effect.")
    fallback: Literal["rule"] | str | None = Field(None, description="The answer when the model fails.")
    strict: bool = Field(False, description="Refuse rows that would have to be repaired, whoever asks.")
    explain: bool = Field(False, description="Whether the service gives reasons with every answer.")
    hides_outcome: Literal["when_high", "when_low", "neither"] | None = Field(
        None,
        description="Which decision hides its outcome: nobody learns if a declined loan would have been paid.",
    )
    changes_outcome: bool | None = Field(
        None, description="Whether what is done with a decision changes the outcome that it foretells."
    )
    judged_online: str = Field(
        "", description="How it is judged where past rows cannot tell: a shadow, an A/B test, or why neither is needed."
    )

    @model_validator(mode="after")
    def _two_words(self) -> Self:
        if self.when_high == self.when_low:
            raise ValueError(f"when_high and when_low are both {self.when_high!r}: nothing is decided")
        return self


class TodayPart(Part):
    """What is done without the model."""

    rule: Expression | None = Field(
        None,
        description="An expression: true where when_high is done today (binary), the text of the class that is decided "
        "(multiclass), or the amount (regression).",
    )
    agreement: Share | None = Field(None, description="How often the manual process agrees with itself.")
    cost_per_case: Price | None = Field(None, description="What the manual process costs per case.")


class ValueView(Part):
    """What each outcome of a decision is worth: numbers, or expressions over columns."""

    currency: str = Field("", description="The unit of money, such as EUR.")
    when_high_and_positive: Money | None = Field(None, description="Worth of when_high where the outcome is positive.")
    when_high_and_negative: Money | None = Field(None, description="Worth of when_high where it is negative.")
    when_low_and_positive: Money | None = Field(None, description="Worth of when_low where it is positive.")
    when_low_and_negative: Money | None = Field(None, description="Worth of when_low where it is negative.")
    matrix: dict[str, dict[str, Money]] | None = Field(
        None, description="Multiclass: what each decision is worth for each class: decided, then actual."
    )
    over: Money | None = Field(
        None, description="Regression: worth of each unit predicted too high; a cost is negative, such as -2."
    )
    under: Money | None = Field(
        None, description="Regression: worth of each unit predicted too low; a cost is negative, such as -5."
    )
    expression: Expression | None = Field(
        None, description="Regression: worth of a prediction, over `predicted`, `actual` and columns."
    )

    @property
    def is_binary(self) -> bool:
        """Whether any of the four binary outcomes has a worth."""
        return any(money is not None for money in self.outcomes)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that its keys are for: none in an empty table, more than one in a contradiction."""
        amounts = (self.over, self.under, self.expression)
        said = {
            Task.BINARY: self.is_binary,
            Task.MULTICLASS: self.matrix is not None,
            Task.REGRESSION: any(money is not None for money in amounts),
        }
        return tuple(task for task, is_said in said.items() if is_said)

    @property
    def task(self) -> Task | None:
        """The task that its keys are for, None in an empty table."""
        return self.tasks[0] if self.tasks else None

    @property
    def outcomes(self) -> tuple[Money | None, Money | None, Money | None, Money | None]:
        """Worth of high and positive, high and negative, low and positive, low and negative."""
        return (
            self.when_high_and_positive,
            self.when_high_and_negative,
            self.when_low_and_positive,
            self.when_low_and_negative,
        )


class ValuePart(ValueView):
    """The value table that is optimised; further tables `[value.NAME]` are views."""

    views: dict[str, ValueView] = Field({}, description="Further value tables, shown in the report but not optimised.")

    @model_validator(mode="before")
    @classmethod
    def _gather_views(cls, raw: Any) -> Any:
        return _gather(raw, into="views", keep=("matrix", "views"))


class CostsPart(Part):
    """What the work around the model costs, in the currency of [value]."""

    label: Price | None = Field(None, description="One label.")
    review_minute: Price | None = Field(None, description="One minute of a reviewer (not judged yet).")
    compute_hour: Price | None = Field(None, description="One hour of computing.")
    per_1000_decisions: Price | None = Field(None, description="Serving a thousand decisions.")


class TargetsPart(Part):
    """How good, fast and small is good enough."""

    roc_auc: Share | None = Field(None, description="How well scores rank: 0.5 is a coin, 1 perfect; at least this.")
    average_precision: Share | None = Field(
        None, description="Precision averaged over recall (by chance: the base rate); at least this."
    )
    accuracy: Share | None = Field(None, description="Share of right decisions; at least this.")
    f1_macro: Share | None = Field(None, description="Mean F1 over the classes; at least this.")
    log_loss: Positive | None = Field(None, description="Surprise of the probabilities in nats; at most this.")
    brier_score: Share | None = Field(None, description="Mean squared error of the probabilities; at most this.")
    calibration_error: Share | None = Field(
        None, description="Mean distance of stated from true probability; at most this."
    )
    r2: Annotated[float, Field(le=1)] | None = Field(
        None, description="Share of the variance that is explained; at least this."
    )
    rmse: Positive | None = Field(None, description="Root mean squared error, in the unit of the target; at most this.")
    mae: Positive | None = Field(None, description="Mean absolute error, in the unit of the target; at most this.")
    value_over_today: float | None = Field(None, description="Currency per decision above today's rule.")
    p50_latency_ms: Positive | None = Field(
        None, description="Half of single rows are answered within this many milliseconds, the network left out."
    )
    p99_latency_ms: Positive | None = Field(
        None, description="99 of 100 single rows are answered within this many milliseconds, the network left out."
    )
    memory_mb: Positive | None = Field(None, description="Memory of one serving worker, in MB, at most.")
    size_mb: Positive | None = Field(None, description="Size of the bundle, in MB, at most.")
    start_s: Positive | None = Field(None, description="Seconds from starting a worker to its first answer, at most.")


class FairnessView(Part):
    """A limit on the gap of a metric between groups."""

    metric: str | None = Field(
        None,
        description="The metric compared between groups: selection_rate (if left out), true_positive_rate, "
        "false_positive_rate, "
        "false_negative_rate, precision, accuracy, calibration_gap, absolute_error, money_per_decision, roc_auc.",
    )
    max_gap: Annotated[float, Field(ge=0)] | None = Field(None, description="Largest difference that is acceptable.")
    max_ratio: Annotated[float, Field(ge=1)] | None = Field(None, description="Largest ratio that is acceptable.")


class FairnessPart(FairnessView):
    """Limits for all protected attributes; `[fairness.COLUMN]` where they differ."""

    by: dict[str, FairnessView] = Field({}, description="Limits of one attribute.")

    @model_validator(mode="before")
    @classmethod
    def _gather_attributes(cls, raw: Any) -> Any:
        return _gather(raw, into="by", keep=("by",))


class HoldoutsPart(Part):
    """Sealed rows for judging."""

    count: Annotated[int, Field(ge=1, le=20)] = Field(1, description="How many sealed holdouts.")
    looks: Annotated[int, Field(ge=1)] = Field(20, description="How many looks each may bear.")


class WatchPart(Part):
    """How the live model is watched."""

    period: Period | None = Field(None, description="Length of a watched period; chosen by volume if left out.")
    false_alarms_per_month: Annotated[float, Field(gt=0)] = Field(1.0, description="How many are acceptable.")
    segments: tuple[str, ...] = Field((), description="Columns watched level by level.")
    notify: tuple[str, ...] | None = Field(
        None, description="Names of the `[notify.NAME]` that are told of signals; all of them if left out."
    )


class LifecyclePart(Part):
    """How much may happen without a person."""

    autonomy: Literal["observe", "recommend", "approve", "automatic"] = Field(
        "recommend",
        description="What Mainstay may do by itself: look, advise, act when approved, or act (not judged yet).",
    )
    approvers: tuple[str, ...] = Field((), description="Who may approve a version.")
    retrain: Literal["best", "never"] | Period = Field(
        "never", description="How often to train again (not judged yet)."
    )
    minutes_per_week: float | None = Field(
        None, ge=0, description="Time people have for reviewing cases (not judged yet)."
    )


class StorePart(Part):
    """Where things are kept; the default is a folder beside the brief."""

    ledger: Ledger | None = Field(
        None, description="The address of the PostgreSQL database that keeps the ledger; left out it is a file."
    )
    artifacts: str | None = Field(None, description="Where bundles and reports are kept (not judged yet).")
    journal: str | None = Field(None, description="Where decisions, actions and outcomes are kept (not judged yet).")
    fsync: Literal["none", "batch"] = Field("none", description="'batch': answers survive the loss of power.")
    retention: Duration | None = Field(
        None, description="How long the journal keeps rows; for ever if left out (not judged yet)."
    )


def _gather(raw: Any, *, into: str, keep: tuple[str, ...]) -> Any:
    if not isinstance(raw, dict):
        return raw
    tables = {key: value for key, value in raw.items() if isinstance(value, dict) and key not in keep}
    rest = {key: value for key, value in raw.items() if key not in tables}
    return rest | {into: tables} if tables else rest
