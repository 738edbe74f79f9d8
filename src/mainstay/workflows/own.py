"""A recipe of one's own in a training: fitted in its own process; scored here where it is data, else there."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from threading import Lock
from typing import Any

import numpy as np
import polars as pl

from mainstay.bundle.own_made import OwnMade
from mainstay.data.money import columns_of
from mainstay.domain.canonical import digest
from mainstay.domain.errors import RecipeError
from mainstay.domain.finding import Verdict
from mainstay.domain.plan import Input, Packed, Plan, Rule
from mainstay.domain.recipe import Forget, Hand, Handed, Learn, Learnt, Reply, Say, Scores
from mainstay.domain.recipe_rules import FIRST
from mainstay.domain.schema import Schema
from mainstay.serving.packed_score import PackedScorer
from mainstay.serving.rule import rule_values
from mainstay.serving.score import Scorer
from mainstay.stats.arrays import FloatArray
from mainstay.store.clock import ticks_us
from mainstay.store.own_process import Hangs
from mainstay.training.learner import Fitted, Lesson
from mainstay.training.own import OwnLearner
from mainstay.training.prepared import Prepared
from mainstay.workflows.recipe import (
    OPEN_WITHIN_S,
    RULE_WITHIN_S,
    OwnRecipe,
    Source,
    ask,
    looked_at,
    opened,
    rows_for,
)
from mainstay.workflows.recipe_rule import rule_of

FIT_WITHIN_S = 900.0  # a fit that takes longer hangs, as far as anybody can tell
SCORE_WITHIN_S = 300.0
PART, LEAST_S = 0.25, 5.0  # of the time that is left: what one fit may take, and what it may always take
READ_PART = 0.5  # of the time that is left: what reading it, or one rule, may take before it counts as hanging


@dataclass(slots=True)
class Workshop:
    """Where a recipe is fitted: its process does one thing at a time, whoever asks.

    `ends_s` is the second of our clock at which the training is to be done, None where it has all the time.
    """

    own: OwnRecipe
    schema: Schema
    ends_s: float | None = None
    lock: Lock = field(default_factory=Lock)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def fit(self, lesson: Lesson) -> Fitted:
        """Fit the recipe to a lesson's rows; raises `RecipeError`."""
        rule = self.own.opened.rule
        return RuleFitted(rule_of(rule, self.schema)) if rule is not None else self._learn(lesson)

    def _learn(self, lesson: Lesson) -> OwnFitted:
        number = next(self.numbers)
        with self.lock:
            rows = rows_for(self.own.process.folder, self._used(lesson.used), lesson.outcomes, lesson.weights)
            learnt = self._within_its_part(Learn(number, rows))
        assert isinstance(learnt, Learnt)
        classes = lesson.schema.classes if len(lesson.schema.classes) > 2 else ()
        fitted = OwnFitted(self, number, learnt, lesson.task.value, classes)
        if not learnt.models:
            weakref.finalize(fitted, self.forget, number)
        return fitted

    def _within_its_part(self, request: Learn) -> Reply:
        """Ask for a fit, which may take its part of the time that is left; raises `RecipeError` beyond it."""
        left_s = float("inf") if self.ends_s is None else self.ends_s - ticks_us() / 1e6
        within_s = min(FIT_WITHIN_S, max(LEAST_S, PART * left_s))
        try:
            return ask(self.own.process, request, within_s=within_s)
        except Hangs as error:
            if self.ends_s is None:
                raise
            what = f"{self.own.process.name}: a fit took longer than its part of the time, {within_s:.0f} seconds"
            raise RecipeError(what, remedy="Give the training more --minutes, or fit fewer trees.") from error

    def say(self, number: int, used: pl.DataFrame) -> FloatArray:
        """Return what a fitted model says to rows, in the link of a plan."""
        with self.lock:
            rows = rows_for(self.own.process.folder, self._used(used), np.empty(0))
            said = ask(self.own.process, Say(number, rows), within_s=SCORE_WITHIN_S)
        assert isinstance(said, Scores)
        values = np.frombuffer(said.values)
        return values.reshape(-1, said.n_columns) if said.n_columns else values

    def hand(self, number: int, *, packed: bool) -> Handed:
        """Return what was fitted in a form that can be kept; raises `RecipeError` where it cannot be packed."""
        with self.lock:
            handed = ask(self.own.process, Hand(number, packed), within_s=SCORE_WITHIN_S)
        assert isinstance(handed, Handed)
        return handed

    def forget(self, number: int) -> None:
        """Let the process forget what was fitted; one that has ended has forgotten already."""
        with self.lock:
            if self.own.process.process.poll() is None:
                ask(self.own.process, Forget(number), within_s=SCORE_WITHIN_S)

    def _used(self, used: pl.DataFrame) -> pl.DataFrame:
        return used.select(pl.Series(column.field, used[column.field]) for column in self.own.columns)


@dataclass(frozen=True, eq=False)
class OwnFitted:
    """What a recipe fitted: models of a plan, or a number under which its process keeps it."""

    workshop: Workshop
    number: int
    learnt: Learnt
    task: str
    classes: tuple[str, ...]

    @property
    def inputs(self) -> Mapping[str, Input]:
        """Nothing was learned about columns but what stands in the models."""
        return {}

    @cached_property
    def estimator(self) -> OwnMade:
        """It as a bundle takes it, asked for once and while its process runs; may raise `RecipeError`."""
        own = self.workshop.own
        handed = self.workshop.hand(self.number, packed=not self.learnt.models)
        models = self.learnt.models or (Packed(own.opened.frame, own.columns, digest(handed.skops), handed.types),)
        return OwnMade(models, self.learnt.link, own.text, handed.skops, handed.distributions, handed.resident_mb)

    def raw(self, columns: Mapping[str, Any], n_rows: int) -> FloatArray:
        """Return what the packed model says to columns, in the link of a plan."""
        kinds = {
            column.field: pl.Float64 if column.kind in ("number", "moment") else pl.String
            for column in self.workshop.own.columns
        }
        used = {name: pl.Series(name, _listed(columns.get(name), n_rows), dtype=kind) for name, kind in kinds.items()}
        return self.workshop.say(self.number, pl.DataFrame(used))

    def scores(self, used: pl.DataFrame) -> FloatArray:
        """Score used rows before recalibration, just as they will be served."""
        if self.learnt.models:
            plan = Plan(task=self.task, models=self.learnt.models, link=self.learnt.link, classes=self.classes)
            return Scorer(plan).scores(columns_of(used))
        stub = Packed(self.workshop.own.opened.frame, self.workshop.own.columns, "")
        plan = Plan(task=self.task, models=(stub,), link=self.learnt.link, classes=self.classes)
        return PackedScorer(plan, lambda columns, n_rows: self.workshop.say(self.number, used)).scores(columns_of(used))


@dataclass(frozen=True, slots=True)
class RuleFitted:
    """A rule that a recipe returned: there was nothing to fit."""

    rule: Rule

    @property
    def inputs(self) -> Mapping[str, Input]:
        """A rule reads columns as they are."""
        return {}

    @property
    def estimator(self) -> Rule:
        """The rule itself."""
        return self.rule

    def scores(self, used: pl.DataFrame) -> FloatArray:
        """Return what the rule says of used rows."""
        rule = {"expression": self.rule.expression, "texts": self.rule.texts, "words": self.rule.words}
        return np.asarray(rule_values(rule, columns_of(used), used.height), dtype=np.float64)


@contextmanager
def own_learner(
    source: Source | None, prepared: Prepared, *, ends_s: float | None = None
) -> Iterator[OwnLearner | None]:
    """Give the learner of a recipe for as long as the block, None where there is none.

    `ends_s` is the second of our clock (`ticks_us`) at which everything is to be done. Raises `RecipeError` where it
    breaks a rule that a training cannot do without.
    """
    if source is None:
        yield None
        return
    with opened(source, prepared, within_s=_patience_s(OPEN_WITHIN_S, ends_s)) as own:
        _require_rules(own, source, prepared, within_s=_patience_s(RULE_WITHIN_S, ends_s))
        complexity = "rule" if own.opened.rule is not None else own.opened.complexity
        yield OwnLearner(own.opened.title, complexity, Workshop(own, prepared.schema, ends_s))


def _patience_s(most_s: float, ends_s: float | None) -> float:
    """Return how long an answer may take: less where the training has to be done soon, yet time to load libraries."""
    return most_s if ends_s is None else min(most_s, max(3 * LEAST_S, READ_PART * (ends_s - ticks_us() / 1e6)))


def _require_rules(own: OwnRecipe, source: Source, prepared: Prepared, *, within_s: float) -> None:
    """Refuse a recipe that breaks a rule, as `RecipeError`: before anything else is fitted."""
    for finding in looked_at(own, prepared, on_rule=lambda code: None, within_s=within_s, codes=FIRST):
        if finding.verdict is Verdict.FAIL:
            what = f"{source.name} cannot live here ({finding.code}): {finding.because}"
            remedy = f"{finding.remedy} Or move it away, and train without it."
            raise RecipeError(what, remedy=remedy.strip())


def recipe_facts(source: Source | None) -> dict[str, str]:
    """Return what the event of a training says of the recipe that took part in it."""
    return {} if source is None else {"recipe": digest(source.text.encode())}


def _listed(values: Any, n_rows: int) -> list[Any]:
    return [None] * n_rows if values is None else list(values)
