"""Training: cross-fit candidates, choose the simplest within reach of the best, calibrate, and judge once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import polars as pl
from threadpoolctl import threadpool_limits

from mainstay.domain.errors import DataError
from mainstay.domain.expression import columns_of
from mainstay.domain.plan import Rule
from mainstay.domain.schema import Kind, Schema
from mainstay.stats.arrays import IntArray
from mainstay.stats.value import decided_values
from mainstay.training.calibrate import calibrate
from mainstay.training.candidate import Candidate, View
from mainstay.training.choose import Choice, choose, fold_gains
from mainstay.training.crossfit import CrossFit, Lesson, cross_fit
from mainstay.training.plain import Inputs, features, inputs_of
from mainstay.training.folds import N_FOLDS, Fold, forward_folds, random_folds, usable
from mainstay.training.judge import Judgement, judge
from mainstay.training.prepared import Prepared, require_enough
from mainstay.training.recipes import Recipe, build, fit, recipes_for

BASE_RATE, TODAY = "base_rate", "today"

Tick = Callable[[], float]
OnProgress = Callable[[str, float], None]
Done = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """The result of a training: the winner and the columns it reads, all candidates, why it won, the judgement."""

    winner: Candidate
    inputs: Inputs
    candidates: tuple[Candidate, ...]
    choice: Choice
    judgement: Judgement


def train(prepared: Prepared, *, tick: Tick, on_progress: OnProgress = lambda text, share: None) -> Trained:
    """Train, choose, calibrate and judge: the same result on every call, however many threads there are.

    `tick` gives the seconds of a clock that never steps back. `on_progress` hears what is being done and which share of
    everything is done. Raises `DataError` where there are too few rows to compare candidates.
    """
    require_enough(prepared)
    with threadpool_limits(limits=1):  # threads add in another order, and a sum in another order is another model
        return _train(prepared, tick, on_progress)


def _train(prepared: Prepared, tick: Tick, on_progress: OnProgress) -> Trained:
    inputs = inputs_of(prepared.schema)
    frame = features(prepared.used, inputs)
    lesson = _lesson(prepared, frame[prepared.training])
    recipes = recipes_for(lesson.frame)
    done = _progress(on_progress, n_steps=len(recipes) * (len(lesson.folds) + 1) + 1)

    crossed = {recipe.name: _crossed(recipe, lesson, done) for recipe in recipes}
    choice = _choice(prepared, lesson.folds, crossed)

    fitted = [_fitted(recipe, lesson, crossed[recipe.name].size, tick, done) for recipe in recipes]
    view = view_of(prepared, frame, prepared.calibration)
    candidates = tuple(calibrate(candidate, prepared, view) for candidate in _with_rule(fitted, prepared))

    winner = next(candidate for candidate in candidates if candidate.name == choice.winner)
    holdout = view_of(prepared, frame, prepared.holdout)
    judgement = judge(prepared, candidates, choice, calibration=view, holdout=holdout)
    done("judged on the holdout")
    return Trained(winner, inputs, candidates, choice, judgement)


def view_of(prepared: Prepared, frame: pl.DataFrame, rows: IntArray) -> View:
    """Return some rows as candidates see them."""
    today = None if prepared.today is None else prepared.today[rows].astype(float)
    return View(frame[rows], today)


def _progress(on_progress: OnProgress, *, n_steps: int) -> Done:
    steps = count(1)
    return lambda text: on_progress(text, next(steps) / n_steps)


def _lesson(prepared: Prepared, frame: pl.DataFrame) -> Lesson:
    rows = prepared.training
    outcomes = prepared.outcomes[rows]
    folds = tuple(fold for fold in _folds(prepared) if usable(fold, outcomes))
    if not folds:
        raise DataError("every part of the training rows has one outcome only", remedy="Bring rows of both outcomes.")
    weights = None if prepared.weights is None else prepared.weights[rows]
    return Lesson(frame, outcomes, weights, folds, prepared.seed)


def _folds(prepared: Prepared) -> tuple[Fold, ...]:
    rows = prepared.training
    clusters = prepared.clusters_of(rows)
    if prepared.split_by == "time" and prepared.moments is not None:
        return forward_folds(prepared.moments[rows], clusters=clusters)
    return random_folds(prepared.outcomes[rows], clusters=clusters, seed=prepared.seed)


def _crossed(recipe: Recipe, lesson: Lesson, done: Done) -> CrossFit:
    return cross_fit(recipe, lesson, on_fold=lambda: done(f"{recipe.title}: cross-fitted on {N_FOLDS} folds"))


def _choice(prepared: Prepared, folds: tuple[Fold, ...], crossed: dict[str, CrossFit]) -> Choice:
    """Compare candidates on the rows that were scored; the rule takes part where there is money to compare it in."""
    rows = prepared.training
    scored = crossed[BASE_RATE].scored
    gains = {name: fold_gains(cross.scores, rows, folds, prepared)[scored] for name, cross in crossed.items()}
    if prepared.today is not None and prepared.has_money:
        today = decided_values(prepared.today[rows], *prepared.money(rows), threshold=0.5)[scored]
        gains = {BASE_RATE: gains.pop(BASE_RATE), TODAY: today} | gains
    clusters = prepared.clusters_of(rows)
    return choose(gains, clusters=None if clusters is None else clusters[scored])


def _fitted(recipe: Recipe, lesson: Lesson, size: int, tick: Tick, done: Done) -> Candidate:
    started = tick()
    pipeline = build(recipe, lesson.frame, seed=lesson.seed, size=size)
    fit(pipeline, lesson.frame, lesson.outcomes, lesson.weights)
    done(f"{recipe.title}: fitted on all training rows")
    return Candidate(name=recipe.name, title=recipe.title, pipeline=pipeline, size=size, fit_s=tick() - started)


def _with_rule(fitted: list[Candidate], prepared: Prepared) -> list[Candidate]:
    expression = prepared.brief.today.rule
    if expression is None or prepared.today is None:
        return fitted
    rule = Rule(expression=expression, texts=_texts(expression, prepared.schema))
    return [fitted[0], Candidate(name=TODAY, title=f"today's rule: {expression}", rule=rule), *fitted[1:]]


def _texts(expression: str, schema: Schema) -> tuple[str, ...]:
    numbers = {field.name for field in schema.admitted if field.kind in (Kind.NUMBER, Kind.DATETIME)}
    return tuple(name for name in columns_of(expression) if name not in numbers)
