"""Training: search and cross-fit learners, choose the simplest within reach of the best, calibrate, and judge once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from threadpoolctl import threadpool_limits

from mainstay.domain.errors import NotFound, Refused, did_you_mean
from mainstay.domain.evaluation import Trial
from mainstay.domain.expression import columns_of
from mainstay.domain.plan import Rule
from mainstay.domain.progress import News, OnNews, silent
from mainstay.domain.schema import Kind, Schema
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.board import SEARCH_SHARE
from mainstay.training.calibrate import open_threshold
from mainstay.training.candidate import Candidate
from mainstay.training.choose import TODAY, Choice, chosen
from mainstay.training.compared import Compared, among_training, compared, fewer
from mainstay.training.contest import Outcome, contest
from mainstay.training.crew import Crew, crew_of
from mainstay.training.crossfit import again, room_of
from mainstay.training.effort import Effort, Tick, Watch
from mainstay.training.judge import Judgement, judge
from mainstay.training.last_fit import (
    Entry,
    Finished,
    Hands,
    bears,
    finished,
    for_more_rows,
    of_rule,
    rows_fitted,
    taught_rows,
    untimed,
)
from mainstay.training.learner import Learner, Settings, StagedLearner
from mainstay.training.learners.contestants import contestants
from mainstay.training.met import met
from mainstay.training.own import OwnLearner, in_turn, with_own
from mainstay.training.prepared import Prepared, require_enough
from mainstay.training.search import Found
from mainstay.training.tries import Bench
from mainstay.training.views import view_of
from mainstay.training.weight import Weigh

MOST_ROWS = 600_000  # learned from: by then a curve is flat, and a fit holds several copies of its rows
CELLS_PER_S = 100_000  # of a time limit: values learned from, so that the fits after the search end in time
LEAST_ROWS = 5000  # learned from, however short the time
DOUBT = 1.15  # of what fits take that were not measured
FITTED_SHARE = 0.95  # of all progress, when every candidate is fitted
USUAL = Effort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The result of a training: the winner, all candidates, why it won, the judgement, and every try of the search.

    `prepared` holds the training rows where those were fewer than given (`n_rows`, else None), `taught` the positions
    of all rows that candidates were fitted on in the end. `stopped` says why the search ended before its time
    (`enough`, `interrupted`), empty where it did not. `learner` is the winner's where its fit can be repeated with
    fewer rows: None of what looks at nothing, and of a rule.
    """

    prepared: Prepared
    taught: IntArray
    n_rows: int | None
    winner: Candidate
    candidates: tuple[Candidate, ...]
    choice: Choice
    judgement: Judgement
    trials: tuple[Trial, ...]
    stopped: str
    learner: Learner | None = None


def train(
    prepared: Prepared,
    *,
    tick: Tick,
    effort: Effort = USUAL,
    on_news: OnNews = silent,
    weigh: Weigh | None = None,
    own: OwnLearner | None = None,
) -> Trained:
    """Train, choose, calibrate and judge: without a time limit the same on every call, however many threads there are.

    `tick` gives the seconds of a clock that never steps back. `on_news` hears what is being done. `weigh` says what a
    candidate costs to run, `own` is the learner of a recipe of one's own. Raises `DataError` where there are too few
    rows to compare candidates, and `KeyboardInterrupt` where somebody interrupted before there was anything to keep.
    """
    n_rows = rows_wanted(prepared, effort, tick)
    prepared = fewer(prepared, n_rows)
    require_enough(prepared)
    with threadpool_limits(limits=1), crew_of(effort.n_threads, apart=effort.apart if own is None else None) as crew:
        on = compared(prepared)
        outcome = _search(prepared, on, Search(effort, crew, tick, on_news, own))
        choice = chosen({one.learner.name: one.cross for one in outcome.found}, on, prepared)
        on_news(News(text="fitting on all training rows", share=SEARCH_SHARE))
        taught = taught_rows(prepared, n_rows)
        done = _finished(prepared, on, outcome.found, taught, Hands(crew, tick))
        candidates = tuple(one.candidate for one in done)
        leading = next(one for one in done if one.candidate.name == choice.winner)
        winner, interval = leading.candidate, open_threshold(leading.candidate, prepared, leading.unseen)
        on_news(News(text="judging on the holdout", share=FITTED_SHARE))
        unseen = view_of(prepared, prepared.holdout)
        judgement = judge(prepared, candidates, choice, holdout=unseen, threshold_interval=interval, weigh=weigh)
    on_news(News(text="judged on the holdout", share=1.0))
    return Trained(
        prepared=prepared,
        n_rows=n_rows,
        taught=taught,
        winner=winner,
        candidates=candidates,
        choice=choice,
        judgement=judgement,
        trials=tuple(trial for one in outcome.found for trial in one.trials),
        stopped=outcome.stopped,
        learner=next((one.learner for one in outcome.found[1:] if one.learner.name == winner.name), None),
    )


def rows_wanted(prepared: Prepared, effort: Effort, tick: Tick) -> int | None:
    """Return how many training rows to learn from: those asked for, and no more than there is room or time for.

    None stands for all there are, calibration rows with them in the end.
    """
    most = MOST_ROWS
    if effort.ends_at is not None:
        most = min(most, max(int(CELLS_PER_S * (effort.ends_at - tick()) / prepared.used.width), LEAST_ROWS))
    if effort.n_rows is not None:
        return min(effort.n_rows, most)
    return most if prepared.training.size > most else None


def refit(
    prepared: Prepared, learner: str, settings: Settings, *, n_rows: int | None = None, own: OwnLearner | None = None
) -> Candidate:
    """Return a recorded winner, fitted and calibrated again without a search; raises `NotFound` for no such learner.

    `n_rows` are the rows that the training was told to do with, None for all.
    """
    with threadpool_limits(limits=1):
        if learner == TODAY and (rule := rule_of(prepared)) is not None:
            return of_rule(rule, prepared).candidate
        known = {each.name: each for each in with_own(contestants(prepared), own)}
        if learner not in known:
            raise NotFound(f"there is no learner {learner!r} for this table", remedy=did_you_mean(learner, known))
        entry = Entry(known[learner], settings, _crossed(known[learner], settings, prepared))
        with crew_of(1) as crew:
            (found,) = finished([entry], prepared, taught_rows(prepared, n_rows), Hands(crew, untimed))
        return found.candidate


def _crossed(learner: Learner, settings: Settings, prepared: Prepared) -> FloatArray:
    """Return cross-fitted scores of the training rows; what they were learned from is gone before the fit on all."""
    on = compared(prepared)
    settings = learner.fewer(settings) if isinstance(learner, StagedLearner) else settings
    scores = again(learner, settings, on.lesson, [room_of(on.lesson, fold) for fold in on.folds]).scores
    return among_training(scores, on, prepared)


@dataclass(frozen=True, slots=True)
class Search:
    """How and with what a search is made."""

    effort: Effort
    crew: Crew
    tick: Tick
    on_news: OnNews
    own: OwnLearner | None


def _search(prepared: Prepared, on: Compared, how: Search) -> Outcome:
    rooms = tuple(how.crew.threads.map(partial(room_of, on.lesson), on.folds))
    learners = contestants(prepared)
    if not any(room.lesson.encoded.inputs for room in rooms if room.lesson.encoded is not None):
        learners = learners[:1]
    learners = with_own(learners, how.own)
    watch = Watch(how.tick, math.inf if how.effort.ends_at is None else how.effort.ends_at - how.effort.tail_s)
    n_fitted = sum(fold.fitted.size for fold in on.folds) / len(on.folds)
    taught = taught_rows(prepared, how.effort.n_rows)
    n_later = rows_fitted(prepared, taught, n_compared=on.rows.size, n_threads=how.effort.n_threads)
    bench = Bench(
        lesson=on.lesson,
        rooms=rooms,
        crew=how.crew,
        watch=watch,
        n_threads=how.effort.n_threads,
        refit=DOUBT * bears(prepared, taught, on.folds) * n_later / n_fitted,
    )
    good_enough = partial(met, on=on, prepared=prepared)
    outcome = contest(in_turn(learners), bench, how.effort, on_news=how.on_news, good_enough=good_enough)
    if not outcome.found:
        raise Refused("the time was up before any candidate was cross-fitted", remedy="Give it more --minutes.")
    names = [learner.name for learner in learners]
    return replace(outcome, found=tuple(sorted(outcome.found, key=lambda one: names.index(one.learner.name))))


def _finished(
    prepared: Prepared, on: Compared, found: Sequence[Found], taught: IntArray, hands: Hands
) -> tuple[Finished, ...]:
    """Fit the best of each learner for good, with today's rule after the simplest, and calibrate them."""
    factor = bears(prepared, taught, on.folds)
    entries = [
        Entry(
            one.learner,
            for_more_rows(one.learner, one.cross.settings, factor),
            among_training(one.cross.scores, on, prepared),
            one.seconds,
        )
        for one in found
    ]
    first, *others = finished(entries, prepared, taught, hands)
    rule = rule_of(prepared)
    return (first, *(() if rule is None else (of_rule(rule, prepared),)), *others)


def rule_of(prepared: Prepared) -> Candidate | None:
    """Return today's rule as a candidate, None where the brief has none."""
    expression = prepared.brief.today.rule
    if expression is None or prepared.today is None:
        return None
    rule = Rule(expression=expression, texts=_texts(expression, prepared.schema))
    return Candidate(name=TODAY, title=f"today's rule: {expression}", rule=rule)


def _texts(expression: str, schema: Schema) -> tuple[str, ...]:
    numbers = {field.name for field in schema.admitted if field.kind in (Kind.NUMBER, Kind.DATETIME)}
    return tuple(name for name in columns_of(expression) if name not in numbers)
