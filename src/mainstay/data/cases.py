"""From a table's rows to the cases that a split deals."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mainstay.data.coerce import entities, moments
from mainstay.data.equal import are_coarse, row_keys
from mainstay.data.keys import key_columns, keys_of
from mainstay.data.outcome import Outcomes
from mainstay.data.split import Cases
from mainstay.data.writing import Writing, writing_of
from mainstay.domain.brief import Brief
from mainstay.domain.moments import parse_duration


def cases(
    rows: pl.DataFrame,
    told: Outcomes,
    brief: Brief,
    *,
    columns: Sequence[str] | None = None,
    writing: Writing | None = None,
) -> Cases:
    """Return rows that have an outcome (`told` is of these very rows) as a split deals them.

    `columns` are those that sealed rows are known by, written as `writing` says; without them all that can be are
    taken, as they are written now.
    """
    equal = row_keys(rows, brief)
    known_by = tuple(columns) if columns else key_columns(rows)
    if writing is None:
        writing = writing_of(rows, known_by, zone=brief.data.time_zone, time=brief.data.time)
    return Cases(
        outcomes=told.values,
        task=told.task,
        classes=told.classes,
        moments=moments(rows, brief),
        time=brief.data.time,
        entities=entities(rows, brief),
        entity=brief.data.entity,
        row_keys=equal,
        are_coarse=are_coarse(rows, brief, equal),
        keys=keys_of(rows, known_by, writing),
        columns=known_by,
        writing=writing,
        outcome_delay_s=parse_duration(brief.data.outcome_delay).total_seconds(),
    )
