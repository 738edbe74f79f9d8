"""Training: cross-fit candidates, choose the simplest within reach of the best, calibrate, and judge once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from threadpoolctl import threadpool_limits

from mainstay.domain.errors import DataError
from mainstay.domain.expression import columns_of
from mainstay.domain.plan import Rule
from mainstay.domain.schema import Kind, Schema
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.calibrate import calibrate
from mainstay.training.candidate import Candidate, View
from mainstay.training.choose import Choice, choose, fold_gains, rule_gains
from mainstay.training.crossfit import CrossFit, Room, cross_fit, rooms
from mainstay.training.folds import N_FOLDS, Fold, forward_folds, random_folds, usable
from mainstay.training.judge import Judgement, judge
from mainstay.training.learner import Learner, Lesson
from mainstay.training.learners import learners_for
from mainstay.training.learners.pipeline import encoded
from mainstay.training.prepared import Prepared, require_enough

TODAY = "today"

Tick = Callable[[], float]
OnProgress = Callable[[str, float], None]
Done = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """The result of a training: the winner, all candidates, why it won, and the judgement."""

    winner: Candidate
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
    lesson = lesson_of(prepared, prepared.training)
    learners = learners_for(prepared.task)
    lesson = replace(lesson, encoded=encoded(lesson))
    learners = learners if encoded(lesson).inputs else learners[:1]
    folds = folds_of(prepared, lesson)
    done = _progress(on_progress, n_steps=len(learners) * (len(folds) + 1) + 1)

    taught = rooms(lesson, folds)
    crossed = {learner.name: _crossed(learner, lesson, taught, done) for learner in learners}
    choice = _choice(prepared, folds, crossed)

    fitted = [_fitted(learner, lesson, crossed[learner.name], tick, done) for learner in learners]
    view = view_of(prepared, prepared.calibration)
    scores = {name: cross.scores for name, cross in crossed.items()}
    candidates = tuple(
        calibrate(candidate, prepared, view, crossed=scores.get(candidate.name))
        for candidate in _with_rule(fitted, prepared)
    )

    winner = next(candidate for candidate in candidates if candidate.name == choice.winner)
    holdout = view_of(prepared, prepared.holdout)
    judgement = judge(prepared, candidates, choice, calibration=view, holdout=holdout)
    done("judged on the holdout")
    return Trained(winner, candidates, choice, judgement)


def lesson_of(prepared: Prepared, rows: IntArray) -> Lesson:
    """Return some rows to learn from."""
    return Lesson(
        task=prepared.task,
        schema=prepared.schema,
        used=prepared.used[rows],
        outcomes=prepared.outcomes[rows],
        weights=None if prepared.weights is None else prepared.weights[rows],
        clusters=prepared.clusters_of(rows),
        moments=None if prepared.moments is None else prepared.moments[rows],
        seed=prepared.seed,
    )


def folds_of(prepared: Prepared, lesson: Lesson) -> tuple[Fold, ...]:
    """Return the folds of a lesson that can be learned from: by time where the parts are; raises `DataError`."""
    if prepared.split_by == "time" and lesson.moments is not None:
        folds = forward_folds(lesson.moments, clusters=lesson.clusters)
    else:
        folds = random_folds(lesson.outcomes, clusters=lesson.clusters, seed=lesson.seed)
    found = tuple(fold for fold in folds if usable(fold, lesson.outcomes))
    if not found:
        raise DataError("every part of the training rows has one outcome only", remedy="Bring rows of both outcomes.")
    return found


def view_of(prepared: Prepared, rows: IntArray) -> View:
    """Return some rows as candidates see them."""
    return View(prepared.used[rows], None if prepared.today is None else rule_scores(prepared, prepared.today[rows]))


def rule_scores(prepared: Prepared, today: np.ndarray) -> FloatArray:
    """Return what today's rule says in the shape of a score: of several classes, 1 in the column of its class."""
    if prepared.task is Task.MULTICLASS:
        return np.asarray(np.eye(len(prepared.schema.classes))[today.astype(np.int64)])
    return today.astype(np.float64)


def _progress(on_progress: OnProgress, *, n_steps: int) -> Done:
    steps = count(1)
    return lambda text: on_progress(text, next(steps) / n_steps)


def _crossed(learner: Learner, lesson: Lesson, rooms: tuple[Room, ...], done: Done) -> CrossFit:
    said = f"{learner.title}: cross-fitted on {N_FOLDS} folds"
    return cross_fit(learner, lesson, rooms, {}, on_fold=lambda: done(said))


def _choice(prepared: Prepared, folds: tuple[Fold, ...], crossed: dict[str, CrossFit]) -> Choice:
    """Compare candidates on the rows that were scored; the rule takes part where there is money to compare it in."""
    rows = prepared.training
    simplest = next(iter(crossed))
    scored = crossed[simplest].scored
    gains = {name: fold_gains(cross.scores, rows, folds, prepared)[scored] for name, cross in crossed.items()}
    if prepared.today is not None and prepared.worth is not None:
        today = rule_gains(prepared.today[rows], rows, prepared)[scored]
        gains = {simplest: gains.pop(simplest), TODAY: today} | gains
    clusters = prepared.clusters_of(rows)
    return choose(gains, clusters=None if clusters is None else clusters[scored])


def _fitted(learner: Learner, lesson: Lesson, crossed: CrossFit, tick: Tick, done: Done) -> Candidate:
    started = tick()
    fitted = learner.fit(lesson, crossed.settings)
    done(f"{learner.title}: fitted on all training rows")
    return Candidate(
        name=learner.name,
        title=learner.title,
        fitted=fitted,
        settings=crossed.settings,
        fit_s=tick() - started,
        threshold=0.5 if lesson.task is Task.BINARY else None,
    )


def _with_rule(fitted: list[Candidate], prepared: Prepared) -> list[Candidate]:
    expression = prepared.brief.today.rule
    if expression is None or prepared.today is None:
        return fitted
    rule = Rule(expression=expression, texts=_texts(expression, prepared.schema))
    return [fitted[0], Candidate(name=TODAY, title=f"today's rule: {expression}", rule=rule), *fitted[1:]]


def _texts(expression: str, schema: Schema) -> tuple[str, ...]:
    numbers = {field.name for field in schema.admitted if field.kind in (Kind.NUMBER, Kind.DATETIME)}
    return tuple(name for name in columns_of(expression) if name not in numbers)
