"""From a raw table to what a training reads: outcomes, parts, schema, used rows, money and roles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.data.cases import cases
from mainstay.data.coerce import coerce
from mainstay.data.columns import columns_named
from mainstay.data.money import columns_of
from mainstay.data.outcome import Outcomes, outcomes
from mainstay.data.roles import expressed_columns
from mainstay.data.schema import learn_schema
from mainstay.data.sealing import Book
from mainstay.data.split import Split, split
from mainstay.data.today import todays
from mainstay.data.worth import views, words_decided, worth
from mainstay.domain.brief import Brief
from mainstay.domain.brief.unjudged import unjudged_findings
from mainstay.domain.finding import Finding
from mainstay.domain.held import UsedRows
from mainstay.stats.arrays import FloatArray
from mainstay.store.memory import give_back
from mainstay.training.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Ready:
    """Rows that have an outcome, as they came and as prepared; and what was found on the way."""

    rows: pl.DataFrame
    prepared: Prepared
    findings: tuple[Finding, ...]
    split: Split


def prepare(table: pl.DataFrame, brief: Brief, *, seed: int, book: Book | None = None) -> Ready:
    """Split first, learn the schema inside training rows only, then read every row as serving will read it."""
    known = outcomes(table, brief)
    rows = table if known.kept.all() else table.filter(known.kept)  # a large table is not copied for nothing
    told = known.among(known.kept)
    parts, moments = _parted(rows, told, brief, seed=seed, book=book or Book())
    give_back()
    learned = learn_schema(rows, brief, rows=parts.training, known=known)
    read = coerce(rows, learned.schema)
    columns = columns_of(columns_named(read.used, sorted(expressed_columns(brief))))
    words = words_decided(brief.value, told.classes)
    prepared = Prepared(
        brief=brief,
        schema=learned.schema,
        seed=seed,
        used=read.used,
        outcomes=told.values,
        training=parts.training,
        calibration=parts.calibration,
        holdout=parts.holdout,
        split_by=parts.by,
        task=told.task,
        worth=worth(columns, told, brief),
        today=todays(columns, brief, task=told.task, words=words, n_rows=rows.height),
        clusters=parts.groups,
        moments=moments,
        weights=told.weights,
        segments=_segments(read.used, brief),
        views=views(columns, told, brief),
    )
    found = (*known.findings, *parts.findings, *learned.findings, *_new(read.findings, learned.findings))
    return Ready(rows, prepared, (*found, *unjudged_findings(brief)), parts)


def _parted(
    rows: pl.DataFrame, told: Outcomes, brief: Brief, *, seed: int, book: Book
) -> tuple[Split, FloatArray | None]:
    """Return the parts of rows and their moments; the keys of rows, large as a column each, are let go of."""
    dealt = cases(rows, told, brief, columns=book.columns, writing=book.writing)
    give_back()
    return split(dealt, seed=seed, book=book), dealt.moments


def _segments(used: UsedRows, brief: Brief) -> pl.DataFrame | None:
    named = [name for name in dict.fromkeys((*brief.data.segments, *brief.data.protected)) if name in used.columns]
    return pl.DataFrame({name: used[name].cast(pl.String) for name in named}) if named else None


def _new(findings: tuple[Finding, ...], said: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Keep findings about columns that were not remarked on already."""
    known = {(finding.code, finding.subjects) for finding in said}
    return tuple(finding for finding in findings if (finding.code, finding.subjects) not in known)


def inputs_of(ready: Ready) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the positions of rows that stand for the population: those in any part."""
    prepared = ready.prepared
    return np.sort(np.concatenate([prepared.training, prepared.calibration, prepared.holdout]))
