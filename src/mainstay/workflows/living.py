"""The loop of a replay: answer the rows of a period, learn what is due, look; everything through the real rooms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from mainstay.domain.moments import period_end, period_start
from mainstay.domain.signature import ReferenceSignature
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
from mainstay.workflows.counting import Watched
from mainstay.workflows.past import Future

LINES = msgspec.json.Encoder()
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
    """What was answered, by row of the future: scores (NaN: none), decided high, and whether there was an answer."""

    scores: npt.NDArray[np.float64]
    high: npt.NDArray[np.bool_]
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
    return Lived(np.full(n_rows, np.nan), np.zeros(n_rows, dtype=bool), np.zeros(n_rows, dtype=bool))


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
        body = DecideBody(future.bodies[first:last], list(future.ids[first:last]))
        decided = decide(life.service, body, _call(life, int(future.at_us[first])), life.repeats)
        if decided.decisions:
            life.decisions.write(LINES.encode_lines(decided.decisions))
        for i, entry in enumerate(decided.entries, start=first):
            if isinstance(entry, Answer):
                lived.answered[i] = True
                lived.scores[i] = np.nan if entry.score is None else entry.score
                lived.high[i] = entry.decision == life.service.when_high


def learn(life: Life, future: Future, lived: Lived, *, after_us: int, until_us: int) -> None:
    """Bring the outcomes learned in a stretch of time; where silence means negative, negatives stay silent."""
    due = (future.due_us > after_us) & (future.due_us <= until_us) & lived.answered & ~np.isnan(future.outcomes)
    if life.silence_is_negative:
        due &= future.outcomes == 1.0
    if due.any():
        life.outcomes.write(LINES.encode_lines([_outcome(life, future, int(i)) for i in np.flatnonzero(due)]))


def answered(future: Future, lived: Lived, rows: npt.NDArray[np.bool_]) -> Answered:
    """Return what can be judged of some rows: answered, and their truth known."""
    every = Answered(
        outcomes=future.outcomes,
        scores=lived.scores,
        high=lived.high,
        baseline=future.baseline,
        value_high=future.value_high,
        value_low=future.value_low,
    )
    return every.take(rows & lived.answered & ~np.isnan(future.outcomes))


def _new_request(future: Future, i: int) -> bool:
    return bool(future.at_us[i] != future.at_us[i - 1]) or i % MOST_AT_ONCE == 0


def _call(life: Life, at_us: int) -> Call:
    return Call("", at_us, 0, _no_time, _no_chance, life.watched.home.secret)


def _no_time() -> int:
    return 0


def _no_chance(n: int) -> bytes:
    return bytes(n)  # every row of a replay brings its own id


def _outcome(life: Life, future: Future, i: int) -> Outcome:
    schema = life.service.schema
    label = schema.positive if future.outcomes[i] == 1.0 else schema.negative
    due = int(future.due_us[i])
    return Outcome(id=future.ids[i], key="", outcome=label or "", happened_us=due, learned_us=due)
