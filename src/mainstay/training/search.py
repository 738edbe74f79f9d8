"""The search for a learner's settings: good ones first, then what Optuna's tree-structured Parzen estimator asks for.

Source: Bergstra, Bardenet, Bengio and Kégl (2011); the study lives in memory and its draws follow the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import optuna
from optuna.trial import TrialState

from mainstay.domain.evaluation import Trial
from mainstay.training.crossfit import CrossFit, grown
from mainstay.training.effort import OutOfTime
from mainstay.training.learner import Learner
from mainstay.training.tries import Bench, OnFold, Tried, attempt

N_AT_RANDOM = 4  # tries before the estimator asks: the good ones to begin with tell it enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found for one learner: its best try, all tries as they are kept, and the seconds they took."""

    learner: Learner
    best: Tried
    cross: CrossFit
    trials: tuple[Trial, ...]

    @property
    def seconds(self) -> float:
        """The seconds of all tries."""
        return sum(trial.seconds for trial in self.trials)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a search goes: another try as long as `wanted` says so of those made, and who hears of each fold and try."""

    wanted: Callable[[Sequence[Tried]], bool]
    on_fold: OnFold
    on_tried: Callable[[Tried], None]


def search(learner: Learner, bench: Bench, plan: Plan) -> Found | None:
    """Try settings of a learner while there is time; None where that was up before one was tried whole.

    A learner without settings is tried once. Whoever interrupts stops the watch, and what was found counts.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=bench.lesson.seed, n_startup_trials=N_AT_RANDOM, multivariate=True)
    study = optuna.create_study(sampler=sampler)
    for settings in learner.first:
        study.enqueue_trial(dict(settings))
    tries: list[Tried] = []
    try:
        while not tries or (learner.first and plan.wanted(tries)):
            tried = _next(study, learner, bench, best_of(tries), plan.on_fold)
            tries.append(tried)
            plan.on_tried(tried)
    except OutOfTime:
        pass
    except KeyboardInterrupt:
        bench.watch.stopped = True
    return _settled(learner, tries, bench)


def _settled(learner: Learner, tries: list[Tried], bench: Bench) -> Found | None:
    """Return what tries found, every fold of the best at the size that all of them chose."""
    one = found(learner, tries)
    if one is None or not one.cross.short:
        return one
    return replace(one, cross=grown(learner, one.cross, bench.lesson, bench.rooms, bench.hands))


def found(learner: Learner, tries: Sequence[Tried]) -> Found | None:
    """Return what tries found; None where none was whole."""
    best = best_of(tries)
    if best is None or best.cross is None:
        return None
    return Found(learner=learner, best=best, cross=best.cross, trials=tuple(kept(learner, tried) for tried in tries))


def best_of(tries: Sequence[Tried]) -> Tried | None:
    """Return the whole try of least loss; the first of equals."""
    whole = [tried for tried in tries if not tried.pruned]
    return min(whole, key=lambda tried: tried.loss or 0.0) if whole else None


def kept(learner: Learner, tried: Tried) -> Trial:
    """Return a try as it is kept: its gain is minus its mean loss."""
    return Trial(
        learner=learner.name,
        settings=dict(tried.settings),
        gain=None if tried.loss is None else -tried.loss,
        seconds=tried.seconds,
        pruned=tried.pruned,
    )


def _next(study: optuna.Study, learner: Learner, bench: Bench, best: Tried | None, on_fold: OnFold) -> Tried:
    trial = study.ask()
    tried = attempt(learner, learner.settings(trial), bench, best=best, on_fold=on_fold)
    if tried.pruned:
        if tried.loss is not None:
            trial.report(tried.loss, step=1)
        study.tell(trial, state=TrialState.PRUNED)
    else:
        study.tell(trial, tried.loss)
    return tried
