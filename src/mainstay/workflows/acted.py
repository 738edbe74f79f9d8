"""Counting what was done with decisions into cells, once; a decision and its action count when both have come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from mainstay.monitoring.acted import count_actions
from mainstay.monitoring.cells import no_cells
from mainstay.monitoring.outcomes import signed
from mainstay.workflows.counting import ID, Kept, Watched

SEEN = "acted"  # the mark of how far decisions have been asked for actions that came before them


def count_acted(watched: Watched, *, at: datetime) -> int:
    """Count actions that came since the last count, taking back what they replace; return how many.

    A later action of a decision replaces the one before. Without any action in the journal nothing is read.
    """
    if not watched.journal.last_batch("actions"):
        return 0
    _decided_since(watched, at=at)
    return _acted_since(watched, at=at)


def _decided_since(watched: Watched, *, at: datetime) -> None:
    """Count actions that reached the journal before their decisions did."""
    journal = watched.journal
    since, through = journal.counted_through(SEEN), journal.last_batch("decisions")
    if through <= since:
        return
    known = journal.counted_through("actions")
    cells = no_cells()
    if known:  # else no action was counted without its decision
        ids = journal.decisions(after=since, through=through, columns=ID)
        early = journal.actions_of(ids).filter(pl.col("batch") <= known)
        rows = journal.decisions_of(early.select(ID))
        cells = _all(_cells(watched, rows, early, plus=True))
    journal.append_cells(cells, stream=SEEN, since=since, through=through, at=at)


def _acted_since(watched: Watched, *, at: datetime) -> int:
    journal = watched.journal
    since, through = journal.counted_through("actions"), journal.last_batch("actions")
    if through <= since:
        return 0
    new = journal.actions(after=since, through=through)
    rows = journal.decisions_of(new.select(ID)).filter(pl.col("batch") <= journal.counted_through(SEEN))
    told = journal.actions_of(new.select(ID))
    after, before = (told.filter(pl.col("batch") <= batch) for batch in (through, since))
    cells = _all(_cells(watched, rows, after, plus=True)), _all(_cells(watched, rows, before, plus=False))
    journal.append_cells(pl.concat(cells), stream="actions", since=since, through=through, at=at)
    return new.height


def _cells(watched: Watched, rows: pl.DataFrame, actions: pl.DataFrame, *, plus: bool) -> Iterator[pl.DataFrame]:
    """Cells of decisions with what was done with each; with `plus` false they are taken away."""
    if actions.is_empty() or rows.is_empty():
        return
    log = signed(actions.select(*ID, "learned", outcome="action")).rename({"outcome": "action"})
    sign = pl.col("sign") if plus else -pl.col("sign")
    for own in rows.partition_by("version"):
        kept = watched.kept(int(own["version"][0]))
        pairs = log.join(own, on=list(ID), how="inner").with_columns(sign=sign)
        held = {name: kept.columns[name] for name in kept.segments if kept.columns.get(name) in pairs.columns}
        yield count_actions(pairs, kept.reference, words=_words(kept), segments=held)


def _words(kept: Kept) -> tuple[str, ...]:
    """The words that the model decides between; an amount has none."""
    return kept.decides or (kept.brief.decision.when_high, kept.brief.decision.when_low)


def _all(cells: Iterator[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([no_cells(), *cells])
