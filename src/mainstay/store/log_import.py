"""Bringing a log of decisions into the journal piece by piece, exactly once, whatever dies in between.

A piece goes into three tables: what was unexpected, outcomes, and last the decisions. Each commit carries a mark of the
log and says up to which row that table has it; begun again, the import goes on behind the last piece whose decisions
are there. Rows are told apart by their ids too, so that a log that has grown brings its new rows alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import polars as pl

from mainstay.domain.canonical import digest
from mainstay.domain.errors import StoreError
from mainstay.domain.traffic import Decision, Fault, InputFault, Outcome
from mainstay.store.delta import BATCH
from mainstay.store.files import disk_faults, put_file_once
from mainstay.store.ingest import attempts, in_order
from mainstay.store.journal import Journal
from mainstay.store.known import told_apart
from mainstay.store.lines import frame_of
from mainstay.store.tables import CONFLICT, DECISIONS, FIRST

ASIDE = "aside"  # the folder beside the tables with rows that are no decisions
DIGITS = 16  # of a digest, in the name of a file


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to which row of which log something goes: an application id of Delta's, and a number that only rises."""

    log: str
    through: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Decisions of a piece told apart: which are new, by place, and which have the id of an earlier, other one.

    `rows` are the new ones as the table has them, told apart in its state of commit `batch`.
    """

    new: tuple[int, ...]
    conflicts: tuple[int, ...]
    n_repeats: int
    rows: pl.DataFrame
    batch: int


def imported_through(journal: Journal, log: str) -> int:
    """Return up to which row a log's decisions are in the journal: 0 if none is."""
    return journal.table("decisions").mark(log) or 0


def told(journal: Journal, decisions: Sequence[Decision]) -> Standing:
    """Tell what is new from what the journal and the earlier rows of the piece know already."""
    batch = journal.table("decisions").batch
    if not decisions:
        return Standing((), (), 0, DECISIONS.empty(), batch)
    nobody_measured = pl.lit(None, pl.Int64).alias("latency_us")
    rows = told_apart(journal, "decisions", frame_of("decisions", decisions).with_columns(nobody_measured))
    new, conflicts = ((rows["standing"] == what).arg_true().to_list() for what in (FIRST, CONFLICT))
    n_repeats = len(decisions) - len(new) - len(conflicts)
    return Standing(tuple(new), tuple(conflicts), n_repeats, rows.filter(pl.col("standing") == FIRST), batch)


def keep_decisions(journal: Journal, standing: Standing, mark: Mark, at: datetime) -> int:
    """Append the decisions that are new, unless the mark says that this was done; return how many."""
    return _keep(journal, "decisions", standing.rows, mark, at, known_at=standing.batch)


def keep(journal: Journal, stream: str, rows: Sequence[Outcome | InputFault], mark: Mark, at: datetime) -> int:
    """Append what is not there yet, unless the mark says that this was done; return how many rows were new."""
    return _keep(journal, stream, frame_of(stream, rows), mark, at, known_at=-1) if rows else 0


def _keep(journal: Journal, stream: str, rows: pl.DataFrame, mark: Mark, at: datetime, *, known_at: int) -> int:
    for _ in attempts(stream):
        table = journal.table(stream)
        if rows.is_empty() or (table.mark(mark.log) or 0) >= mark.through:
            return 0
        kept = rows if table.batch == known_at else told_apart(journal, stream, rows)
        if "standing" in kept.columns:
            kept = kept.filter(pl.col("standing") == FIRST)
        batch = table.batch + 1
        numbered = kept.with_columns(pl.lit(batch, pl.Int64).alias("batch"))
        if table.append(numbered.select(in_order(table, numbered)), {mark.log: mark.through, BATCH: batch}, at=at):
            return kept.height
    raise AssertionError("unreachable")


def set_aside(journal: Journal, rows: Sequence[tuple[bytes, Fault]]) -> None:
    """Keep rows that are no decisions, each as it came and with the reason, where a person can look at them."""
    if not rows:
        return
    data = b"".join(_line(row, fault) + b"\n" for row, fault in rows)
    folder = journal.folder / ASIDE
    with disk_faults("setting rows aside"):
        folder.mkdir(parents=True, exist_ok=True)
    put_file_once(folder / f"{digest(data)[7 : 7 + DIGITS]}.ndjson", data, mode=0o600)


def tidy(journal: Journal) -> None:
    """Join small files, where a disk lets it."""
    with suppress(StoreError):  # what came is kept; the next round tidies again
        journal.tidy()


def _line(row: bytes, fault: Fault) -> bytes:
    said: dict[str, Any] = {name: getattr(fault, name) for name in ("row", "field", "code", "wanted")}
    return msgspec.json.encode(said | {"came": _came(row)})


def _came(row: bytes) -> msgspec.Raw | str:
    try:
        msgspec.json.decode(row)
    except (msgspec.DecodeError, RecursionError):
        return row.decode(errors="replace")
    return msgspec.Raw(row)
