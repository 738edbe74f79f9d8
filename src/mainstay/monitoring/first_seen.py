"""On which day something new began, within the period in which it was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from mainstay.domain.finding import Signal
from mainstay.domain.moments import iso, parse_moment, period_start
from mainstay.domain.signature import MISSING_BIN, UNSEEN_BIN, ReferenceSignature, input_subject
from mainstay.monitoring.bins import place
from mainstay.monitoring.novelty import ALIVE, MISSING, RANGE, UNSEEN
from mainstay.monitoring.periods import DAY_S

CODES = frozenset({ALIVE, MISSING, RANGE, UNSEEN})  # of what single rows show; a drift has no first row


def first_seen(
    signal: Signal, decisions: pl.DataFrame, reference: ReferenceSignature, *, columns: Mapping[str, str]
) -> str:
    """Return when a signal began: the start of the day of the first row that shows it, else as the signal says.

    `decisions` are those of the signal's first period, with `at` and the inputs; `columns` says which holds which
    field. Periods shorter than a day stay as they are.
    """
    moments = [
        moment
        for subject in signal.finding.subjects
        if (moment := _first(signal.finding.code, subject, decisions, reference, columns)) is not None
    ]
    if signal.finding.code not in CODES or not moments:
        return signal.since
    length = timedelta(seconds=min(reference.period_s, DAY_S))
    day = period_start(min(moments), length, time_zone=reference.time_zone)
    return iso(max(day, parse_moment(signal.since)))


def shown_by(
    code: str, subject: str, decisions: pl.DataFrame, reference: ReferenceSignature, columns: Mapping[str, str]
) -> pl.Series | None:
    """Say of every decision whether it shows what a finding says of a subject; None where no single row can.

    Nor can any where the reference, of a version deployed since, does not know the input.
    """
    name, _, level = subject.partition("=")
    known = any(bins.subject == input_subject(name) for bins in reference.bins)
    if code not in CODES or not known or columns.get(name) not in decisions.columns:
        return None
    values, bins = decisions[columns[name]], reference.bins_of(input_subject(name))
    placed = pl.Series(place(values, bins))
    wanted = [MISSING_BIN] if code == MISSING else [UNSEEN_BIN, *([bins.n_bins - 1] if bins.is_number else [])]
    return placed.is_in(wanted) & ((values.cast(pl.String) == level).fill_null(value=False) if level else True)


def _first(
    code: str, subject: str, decisions: pl.DataFrame, reference: ReferenceSignature, columns: Mapping[str, str]
) -> datetime | None:
    shows = shown_by(code, subject, decisions, reference, columns)
    if shows is None:
        return None
    first: datetime | None = decisions["at"].filter(shows).min()  # type: ignore[assignment]
    return first
