"""The loop of a replay: answer the rows of a period, learn what is due, look; everything through the real rooms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mainstay.domain.moments import period_end, period_start
from mainstay.domain.signature import ReferenceSignature
from mainstay.domain.task import Task
from mainstay.domain.traffic import Outcome
from mainstay.monitoring.periods import to_moment
from mainstay.monitoring.retrospect import Answered
from mainstay.serving.answer import Answer
from mainstay.serving.body import DecideBody
from mainstay.serving.call import Call
from mainstay.serving.decide import decide
from mainstay.serving.repeats import Repeats
from mainstay.serving.service import Service
from mainstay.store.spool import Spool
from mainstay.store.spool_lines import lines_of
from mainstay.workflows.counting import Watched
from mainstay.workflows.past import Future

MOST_AT_ONCE = 1_000  # rows of one moment in one request


@dataclass(frozen=True, slots=True)
class Life:
    """A throw-away home with a live version, as one replay uses it."""

    watched: Watched
    service: Service
    reference: ReferenceSignature
    decisions: Spool
    outcomes: Spool
    repeats: Repeats
    silence_is_negative: bool


@dataclass(frozen=True, slots=True)
class Lived:
    """What was answered, by row of the future: scores (NaN: none), what was decided, and whether there was an answer.

    `decided` is as `Future.baseline`; -1 where one of several actions might have been and none was.
    """

    scores: npt.NDArray[np.float64]
    decided: npt.NDArray[np.float64]
    answered: npt.NDArray[np.bool_]


def begin(watched: Watched, service: Service, reference: ReferenceSignature, *, silence_is_negative: bool) -> Life:
    """Open the spools of a throw-away home."""
    decisions, outcomes = (
        Spool(watched.home.spool_root, service.model, stream) for stream in ("decisions", "outcomes")
    )
    return Life(watched, service, reference, decisions, outcomes, Repeats(), silence_is_negative)


def nothing_yet(future: Future) -> Lived:
    """Return the record of a future of which nothing has happened."""
    n_rows = future.at_us.size
    several = future.task is Task.MULTICLASS
    scores = np.full((n_rows, len(future.classes)) if several else n_rows, np.nan)
    return Lived(scores, np.full(n_rows, np.nan), np.zeros(n_rows, dtype=bool))


def periods_of(future: Future, life: Life, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Return start and end of every watched period from `until` to the last row."""
    length, zone = timedelta(seconds=life.reference.period_s), life.reference.time_zone
    start, last = period_start(until, length, time_zone=zone), to_moment(int(future.at_us[-1]))
    while start <= last:
        end = period_end(start, length, time_zone=zone)
        yield start, end
        start = end


def answer(life: Life, future: Future, rows: range, lived: Lived) -> None:
    """Answer some rows as they would have come, those of one moment in one request, and spool before the answer."""
    edges = [rows.start, *(i for i in rows[1:] if _new_request(future, i)), rows.stop]
    for first, last in pairwise(edges):
        body = DecideBody(future.bodies[first:last], list(future.ids[first:last]), explain=False)
        decided = decide(life.service, body, _call(life, int(future.at_us[first])), life.repeats)
        if decided.decisions:
            life.decisions.write(lines_of(decided.decisions))
        for i, entry in enumerate(decided.entries, start=first):
            if isinstance(entry, Answer):
                lived.answered[i] = True
                _note(life.service, future, entry, lived, i)


def _note(service: Service, future: Future, entry: Answer, lived: Lived, i: int) -> None:
    """Note one answer: a score for each class under the number it has in the future."""
    if isinstance(entry.score, dict):
        lived.scores[i] = [
            entry.score.get(name, np.nan if name in service.schema.classes else 0.0) for name in future.classes
        ]
        lived.decided[i] = future.words.index(entry.decision) if entry.decision in future.words else -1.0
        return
    lived.scores[i] = np.nan if entry.score is None else entry.score
    lived.decided[i] = lived.scores[i] if service.foretells_amounts else float(entry.decision == service.when_high)


def learn(life: Life, future: Future, lived: Lived, *, after_us: int, until_us: int) -> None:
    """Bring the outcomes learned in a stretch of time; where silence means negative, negatives stay silent."""
    due = (future.due_us > after_us) & (future.due_us <= until_us) & lived.answered & ~np.isnan(future.outcomes)
    if life.silence_is_negative:
        due &= future.outcomes == 1.0
    if due.any():
        life.outcomes.write(lines_of([_outcome(life, future, int(i)) for i in np.flatnonzero(due)]))


def answered(future: Future, lived: Lived, rows: npt.NDArray[np.bool_]) -> Answered:
    """Return what can be judged of some rows: answered, and their truth known."""
    earned = future.earned
    every = Answered(
        task=future.task,
        outcomes=future.outcomes,
        scores=lived.scores,
        said=_said(future, lived),
        money=None if earned is None else earned.at(lived.decided),
        baseline_money=None if earned is None else earned.at(future.baseline),
    )
    return every.take(rows & lived.answered & ~np.isnan(future.outcomes))


def _said(future: Future, lived: Lived) -> npt.NDArray[np.float64]:
    """The class that was said where there are several: the one decided, or the likeliest where actions are decided."""
    if future.task is not Task.MULTICLASS or future.words == future.classes[: len(future.words)]:
        return lived.decided
    known = np.isfinite(lived.scores).all(axis=1)
    likeliest = np.full(known.size, -1.0)
    likeliest[known] = np.argmax(lived.scores[known], axis=1)
    return likeliest


def _new_request(future: Future, i: int) -> bool:
    return bool(future.at_us[i] != future.at_us[i - 1]) or i % MOST_AT_ONCE == 0


def _call(life: Life, at_us: int) -> Call:
    return Call("", at_us, 0, _no_time, _no_chance, life.watched.home.secret)


def _no_time() -> int:
    return 0


def _no_chance(n: int) -> bytes:
    return bytes(n)  # every row of a replay brings its own id


def _outcome(life: Life, future: Future, i: int) -> Outcome:
    due = int(future.due_us[i])
    return Outcome(id=future.ids[i], key="", outcome=_came(life, future, i), happened_us=due, learned_us=due)


def _came(life: Life, future: Future, i: int) -> str | float:
    """What came of a row, as callers would tell it."""
    schema, number = life.service.schema, float(future.outcomes[i])
    if future.task is Task.REGRESSION:
        return number
    if future.task is Task.MULTICLASS:
        return future.classes[int(number)]
    return (schema.positive if number == 1.0 else schema.negative) or ""
