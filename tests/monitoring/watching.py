"""Watching a simulated stream from its reference on, for the tests of judging."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from tests.monitoring.worlds import brief, decisions, reference_of, same_columns, schema_of

from mainstay.domain.brief import Brief
from mainstay.domain.event import Act
from mainstay.domain.finding import Judged, Signal
from mainstay.domain.schema import Schema
from mainstay.monitoring.count import count
from mainstay.monitoring.judge import judge
from mainstay.monitoring.look import Judgement
from mainstay.monitoring.signals import changes
from mainstay.monitoring.yardstick import Yardstick, learn
from mainstay.simulation.streams import Stream


@dataclass(frozen=True)
class Watching:
    """A stream under watch: what it is judged by, its decisions and all their cells."""

    yardstick: Yardstick
    decided: pl.DataFrame
    cells: pl.DataFrame
    schema: Schema

    @property
    def end(self) -> datetime:
        """The midnight after the last decision."""
        return midnight_after(self.decided)

    def judged(self, *, at: datetime | None = None, since: datetime | None = None) -> Judgement:
        """What a look says."""
        return judge(self.yardstick, self.cells, at=at or self.end, since=since)

    def findings(self, code: str) -> list[Judged]:
        """Findings of a code in one look at the end."""
        return [each for each in self.judged().judged if each.finding.code == code]

    def opened(self) -> list[Signal]:
        """Signals that one look at the end opens, alarms alone."""
        opened = [c.body["signal"] for c in changes({}, [self.judged()]) if c.act is Act.SIGNAL_OPENED]
        return [signal for signal in opened if signal["finding"]["verdict"] != "unknown"]


def midnight_after(rows: pl.DataFrame) -> datetime:
    """The midnight after the last row."""
    last: datetime = rows["at"].max()  # type: ignore[assignment]
    return last.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def watching(stream: Stream, n_reference_days: int, told: Brief | None = None) -> Watching:
    """Make the reference of the first days and count the rest."""
    split = int(np.searchsorted(stream.drawn.day, n_reference_days))
    scores = stream.true_probability
    schema = schema_of(stream.rows[:split])
    said = told or brief()
    reference = reference_of(stream.rows[:split], scores[:split], schema, said)
    decided = decisions(stream.rows[split:], scores[split:])
    cells = count(decided, reference, columns=same_columns(schema))
    return Watching(learn(reference, said), decided, cells, schema)
