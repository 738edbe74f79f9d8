"""A version made ready to answer, and the proof that it answers as it was packed."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from mainstay.domain.errors import BundleError, ExpressionError
from mainstay.domain.expression import columns_of
from mainstay.domain.plan import Plan
from mainstay.domain.schema import Kind, Schema
from mainstay.domain.traffic import Value
from mainstay.serving.admission import Index, index_schema
from mainstay.serving.packed_score import PackedScorer, RawScores
from mainstay.serving.rule import rule_values
from mainstay.serving.score import Scorer

TEXT_KINDS = (Kind.CATEGORY, Kind.BOOLEAN, Kind.TEXT)
BY_RULE = "rule"  # [decision] fallback = "rule": today's rule
MODEL_FAILURES = (ArithmeticError, AttributeError, ExpressionError, LookupError, TypeError, ValueError)


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


@dataclass(frozen=True, slots=True)
class Service:
    """A model's version, ready to answer. `rule_texts` are the columns of today's rule that hold texts."""

    model: str
    version: int
    schema: Schema
    plan: Plan
    words: Words
    scorer: Scorer | PackedScorer
    index: Index
    rule_texts: tuple[str, ...] = ()

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
    texts = tuple(name for name in read if kinds.get(name) in TEXT_KINDS)
    try:
        scorer = Scorer(plan) if raw is None else PackedScorer(plan, raw)
        service = Service(model, version, schema, plan, words, scorer, index_schema(schema), texts)
        by_rule(service, [{name: "" if kind in TEXT_KINDS else 0.0 for name, kind in kinds.items()}])
    except (ValueError, LookupError, ExpressionError) as error:
        raise BundleError(f"{model}/{version} cannot be served: {error}", remedy="Train a new version.") from error
    return service


def scores_of(service: Service, rows: Sequence[Mapping[str, Value]]) -> list[float]:
    """Return the scores of used rows, in order; NaN where the model failed on a row.

    A row on which the model raises does not take others with it.
    """
    if len(rows) == 1:
        return [_score_one(service, rows[0])]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    try:
        scores: list[float] = service.scorer.scores(columns).tolist()
    except MODEL_FAILURES:
        return [_score_one(service, row) for row in rows]
    return scores


def by_rule(service: Service, rows: Sequence[Mapping[str, Value]]) -> list[str]:
    """Return what today's rule decides for used rows, in order; where it cannot tell (missing) it is low."""
    if service.rule is None:
        return [service.when_low] * len(rows)
    columns = {name: [row[name] for row in rows] for name in columns_of(service.rule)}
    rule = {"expression": service.rule, "texts": service.rule_texts}
    decided = np.asarray(rule_values(rule, columns, len(rows)), dtype=np.float64)
    return [service.when_high if value and not math.isnan(value) else service.when_low for value in decided.tolist()]


def _score_one(service: Service, row: Mapping[str, Value]) -> float:
    try:
        return service.scorer.score_row(row)
    except MODEL_FAILURES:
        return math.nan
