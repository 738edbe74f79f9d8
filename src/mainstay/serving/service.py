"""A version made ready to answer, and the proof that it answers as it was packed."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from mainstay.domain.deciding import Deciding, deciding, decisions
from mainstay.domain.errors import BundleError, ExpressionError
from mainstay.domain.expression import columns_of
from mainstay.domain.plan import Plan
from mainstay.domain.schema import Kind, Schema
from mainstay.domain.task import Task
from mainstay.domain.traffic import Value
from mainstay.domain.usual import Usual
from mainstay.serving.admission import Index, index_schema
from mainstay.serving.packed_score import PackedScorer, RawScores
from mainstay.serving.quick import Quick, quick_of
from mainstay.serving.reasons import Explainer, unexplained
from mainstay.serving.rule import rule_values
from mainstay.serving.score import Score, Scorer
from mainstay.serving.seen import Seen, Used, seen_of

TEXT_KINDS = (Kind.CATEGORY, Kind.BOOLEAN, Kind.TEXT)
BY_RULE = "rule"  # [decision] fallback = "rule": today's rule
MODEL_FAILURES = (ArithmeticError, AttributeError, ExpressionError, LookupError, MemoryError, TypeError, ValueError)


class ModelWords(msgspec.Struct, frozen=True):
    """What answering needs of the brief's table of the same name; a bundle's brief was checked when it was packed."""

    name: str
    purpose: str = ""
    owner: str = ""


class DecisionWords(msgspec.Struct, frozen=True):
    """As above."""

    when_high: str = "yes"
    when_low: str = "no"
    control_share: float = 0.0
    fallback: str | None = None
    strict: bool = False
    explain: bool = False


class FieldWords(msgspec.Struct, frozen=True):
    """As above, of one field."""

    actionable: bool | None = None


class TodayWords(msgspec.Struct, frozen=True):
    """As above."""

    rule: str | None = None


class StoreWords(msgspec.Struct, frozen=True):
    """As above."""

    fsync: str = "none"


class Words(msgspec.Struct, frozen=True):
    """The part of a brief that answering needs, read without the library that checks briefs: a worker stays small."""

    model: ModelWords
    decision: DecisionWords = DecisionWords()
    today: TodayWords = TodayWords()
    store: StoreWords = StoreWords()
    fields: dict[str, FieldWords] = {}


@dataclass(frozen=True, slots=True)
class Service:
    """A model's version, ready to answer. `rule_texts` are the columns of today's rule that hold texts.

    `several` says whether there is a score for each of several classes, `foretells_amounts` whether scores are amounts;
    `worth_columns` are the columns that worths of actions depend on. `explainer` gives reasons; where there is none,
    `unexplained` says why.
    """

    model: str
    version: int
    schema: Schema
    plan: Plan
    words: Words
    scorer: Scorer | PackedScorer
    score_one: Callable[[Mapping[str, Value]], Score]
    index: Index
    quick: Quick | None
    deciding: Deciding
    several: bool
    foretells_amounts: bool
    rule_texts: tuple[str, ...] = ()
    worth_columns: tuple[str, ...] = ()
    explainer: Explainer | None = None
    unexplained: str = ""

    @property
    def decides(self) -> tuple[str, ...]:
        """The words that are decided: two, the actions or classes, or none where the amount is all that is said."""
        if self.several:
            return self.plan.actions if self.plan.payoffs else self.plan.classes
        if self.foretells_amounts and self.plan.threshold is None:
            return ()
        return (self.when_high, self.when_low)

    @property
    def rule(self) -> str | None:
        """Today's rule, which the control gets."""
        return self.words.today.rule

    @property
    def when_high(self) -> str:
        """The decision at or above the threshold."""
        return self.plan.when_high or self.words.decision.when_high

    @property
    def when_low(self) -> str:
        """The decision below the threshold."""
        return self.plan.when_low or self.words.decision.when_low


def read_words(text: str) -> Words:
    """Read what answering needs of a brief; raises `BundleError` for what is no brief."""
    try:
        return msgspec.convert(tomllib.loads(text), Words)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BundleError(f"the bundle's brief cannot be read: {error}", remedy="Train a new version.") from error


def make_service(
    model: str, version: int, *, schema: Schema, plan: Plan, words: Words, raw: RawScores | None = None
) -> Service:
    """Make a version ready; `raw` scores what is packed and not written as data.

    Raises `BundleError` for a plan that this edition cannot score or a rule it cannot read.
    """
    kinds = {field.name: field.kind for field in schema.admitted}
    read = columns_of(words.today.rule) if words.today.rule else ()
    several = plan.task == Task.MULTICLASS
    index = index_schema(schema)
    try:
        scorer = Scorer(plan) if raw is None else PackedScorer(plan, raw)
        service = Service(
            model=model,
            version=version,
            schema=schema,
            plan=plan,
            words=words,
            scorer=scorer,
            score_one=scorer.class_scores if several else scorer.score_row,
            index=index,
            quick=quick_of(index, schema.entity),
            deciding=deciding(plan),
            several=several,
            foretells_amounts=plan.task == Task.REGRESSION,
            rule_texts=tuple(name for name in read if kinds.get(name) in TEXT_KINDS),
            worth_columns=_worth_columns(plan),
        )
        _try_expressions(service, kinds)
    except (ValueError, LookupError, ExpressionError) as error:
        raise BundleError(f"{model}/{version} cannot be served: {error}", remedy="Train a new version.") from error
    return service


def explained_by(service: Service, usual: Usual | None) -> Service:
    """Return a service that can give reasons, where its plan has any that add up."""
    why_not = unexplained(service.plan, usual)
    if usual is None or why_not:
        return replace(service, unexplained=why_not)
    return replace(service, explainer=Explainer(service.plan, usual))


def scores_of(service: Service, rows: Sequence[Used]) -> list[Score]:
    """Return the scores of used rows, at least one, in order; as `scores_seen`."""
    return scores_seen(service, seen_of(rows))


def scores_seen(service: Service, seen: Seen) -> list[Score]:
    """Return the scores of used rows, in order (a tuple of one per class, of several); NaN where the model failed.

    A row on which the model raises does not take others with it.
    """
    n_rows = len(seen.rows)
    if n_rows == 1:
        return [_score_one(service, seen.row(0))]
    try:
        scores: list[Score] = service.scorer.scores(seen.columns()).tolist()
    except MODEL_FAILURES:
        return [_score_one(service, seen.row(place)) for place in range(n_rows)]
    return [tuple(each) for each in scores] if service.several else scores  # type: ignore[arg-type]


def _score_one(service: Service, row: Used) -> Score:
    try:
        return service.score_one(row)
    except MODEL_FAILURES:
        return (math.nan,) * len(service.plan.classes) if service.several else math.nan


def _worth_columns(plan: Plan) -> tuple[str, ...]:
    """The columns that the worths of a plan's actions depend on."""
    texts = (worth for row in plan.payoffs for worth in row if isinstance(worth, str))
    return tuple(dict.fromkeys(name for text in texts for name in columns_of(text)))


def _try_expressions(service: Service, kinds: Mapping[str, Kind]) -> None:
    """Evaluate today's rule and the worths of actions once, so that what cannot be read is known before any row."""
    columns = {name: ["" if kind in TEXT_KINDS else 0.0] for name, kind in kinds.items()}
    if service.rule is not None:
        words = service.decides if service.several else ()
        read = {name: columns[name] for name in columns_of(service.rule)}
        rule_values({"expression": service.rule, "texts": service.rule_texts, "words": words}, read, 1)
    if service.several:
        n_classes = len(service.plan.classes)
        read = {name: columns[name] for name in service.worth_columns}
        decisions(service.deciding, np.full((1, n_classes), 1.0 / n_classes), read)
