"""Moving the spool into the journal, exactly once, whatever dies in between and however many try at once.

For each stream: look at the newest state of the table; its marks say how far each slot has come. Read what lies beyond,
tell repeats from what is new *in that same state*, and commit rows and marks together. If anybody else committed in
between, nothing is written and everything starts again from what they left. Segments go when all of them is marked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import sleep

import polars as pl

from mainstay.domain.canonical import digest
from mainstay.domain.errors import Busy, StoreError
from mainstay.store.delta import BATCH, Delta
from mainstay.store.files import disk_faults, put_file_once
from mainstay.store.home import Home
from mainstay.store.journal import Journal
from mainstay.store.known import told_apart
from mainstay.store.lines import decode, frame_of, imported
from mainstay.store.spool import STREAMS
from mainstay.store.spool_reading import (
    Batches,
    Segment,
    is_consumed,
    read_batches,
    remove_segments,
    segments,
    slots,
)
from mainstay.store.tables import FIRST

CHUNK_BYTES = 16 << 20  # of lines per commit: some 20,000 decisions, a few hundred megabytes while they are turned
ATTEMPTS = 50
WAIT_S = 0.02


@dataclass(frozen=True, slots=True)
class Ingested:
    """How many rows came into the journal, how many were repeats, and how many batches and lines were torn."""

    decisions: int = 0
    actions: int = 0
    outcomes: int = 0
    faults: int = 0
    repeats: int = 0
    torn: int = 0


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Whole batches that lie beyond the marks, the marks that cover them, and how many torn ones lay between."""

    batches: tuple[bytes, ...]
    marks: dict[str, int]
    torn: int


def ingest(
    home: Home,
    model: str,
    *,
    at: datetime,
    journal: Journal | None = None,
    on_rows: Callable[[int], None] | None = None,
) -> Ingested:
    """Move everything a model's spool holds into its journal; idempotent, and safe beside other ingesters.

    `at` is noted beside each commit. A `journal` that is kept open spares looking at old files again. `on_rows` is told
    how many rows each commit brought. Small files are joined by the way. Raises `Busy` if others commit all the time
    and `StoreError` if the disk fails: what was not moved is still in the spool.
    """
    journal = journal or Journal(home, model)
    done = Counter[str]()
    for stream in STREAMS:
        folders = slots(home.spool_root, model, stream)
        if folders:
            done += _move(journal, stream, folders, at, on_rows)
    if done:
        with suppress(StoreError):  # what came is kept; the next round tidies again, and a full disk stops that one
            journal.tidy()
    return Ingested(**done)


def import_rows(
    home: Home, model: str, stream: str, frame: pl.DataFrame, *, source_digest: str, at: datetime
) -> Ingested:
    """Bring outcomes or actions from a file into the journal, all in one commit; the same file again changes nothing.

    `frame` has `id`, the moment `learned` and, for outcomes, `outcome` (text or number) and `happened`; for actions,
    `action`, `by` and `at`. It may have `key` ("" if not) and `implied` (false if not). Moments are aware. Rows that
    were told before, from wherever, are repeats.
    """
    journal = Journal(home, model)
    mark = f"file:{source_digest}"
    rows = imported(stream, frame)
    for _ in attempts(stream):
        if journal.table(stream).mark(mark) is not None:
            return Ingested()
        done = _commit(journal, stream, rows, {mark: 1}, at)
        if done is not None:
            return Ingested(**done)
    raise AssertionError("unreachable")


def _move(
    journal: Journal, stream: str, folders: Sequence[Path], at: datetime, on_rows: Callable[[int], None] | None
) -> Counter[str]:
    done = Counter[str]()
    turns = attempts(stream)
    while (chunk := _read(folders, journal.table(stream))).batches:
        rows, unreadable = decode(stream, chunk.batches)
        _set_apart(journal.folder / "unreadable", stream, unreadable)
        moved = _commit(journal, stream, frame_of(stream, rows), chunk.marks, at)
        if moved is None:
            next(turns)
            continue
        turns = attempts(stream)
        done += moved + Counter(torn=chunk.torn + len(unreadable))
        if on_rows is not None:
            on_rows(len(rows))
    _clear(journal.table(stream), folders, chunk.marks)
    return done + Counter(torn=chunk.torn)


def _commit(
    journal: Journal, stream: str, frame: pl.DataFrame, marks: Mapping[str, int], at: datetime
) -> Counter[str] | None:
    """Commit the new ones of some rows and the marks, on the state last refreshed; None if somebody else came first."""
    table = journal.last_seen(stream)
    batch = table.batch + 1
    kept = told_apart(journal, stream, frame)
    numbered = kept.with_columns(pl.lit(batch, pl.Int64).alias("batch"))
    if not table.append(numbered.select(in_order(table, numbered)), {**marks, BATCH: batch}, at=at):
        return None
    new = kept.filter(pl.col("standing") == FIRST).height if "standing" in kept.columns else kept.height
    return Counter({stream: new, "repeats": frame.height - new})


def in_order(table: Delta, frame: pl.DataFrame) -> list[str]:
    """Return the columns of a frame as its table has them: those declared, then inputs by name."""
    declared = list(table.declared.columns)
    return declared + sorted(set(frame.columns) - set(declared))


def _read(folders: Sequence[Path], table: Delta) -> _Chunk:
    """Read about `CHUNK_BYTES` of whole batches beyond the marks of a table, slot by slot."""
    batches: list[bytes] = []
    marks: dict[str, int] = {}
    torn, left = 0, CHUNK_BYTES
    for slot in folders:
        position = table.mark(slot.name) or 0
        for segment in segments(slot):
            offset = max(position - segment.position(0), 0)
            while offset < segment.size and left > 0 and (part := _part(segment, offset, left)) is not None:
                batches += part.batches
                torn += part.torn
                left -= part.end - offset
                offset = part.end
                marks[slot.name] = segment.position(offset)
    return _Chunk(tuple(batches), marks, torn)


def _part(segment: Segment, offset: int, limit: int) -> Batches | None:
    """The next whole batches of a segment; None if there are none yet, or another ingester has removed it."""
    try:
        part = read_batches(segment, offset, limit=limit)
    except FileNotFoundError:
        return None
    return part if part.end > offset else None


def _clear(table: Delta, folders: Sequence[Path], passed: Mapping[str, int]) -> None:
    """Remove the segments that the marks cover, or that hold only what was torn, once the table is on the disk."""
    ends = {slot: max(table.mark(slot.name) or 0, passed.get(slot.name, 0)) for slot in folders}
    if any(is_consumed(segment, end) for slot, end in ends.items() for segment in segments(slot)):
        table.make_durable()
    for slot, end in ends.items():
        remove_segments(slot, consumed=end)


def _set_apart(folder: Path, stream: str, lines: Sequence[bytes]) -> None:
    """Keep lines that cannot be read where a person can look at them: they must not hold up all others."""
    if lines:
        data = b"\n".join(lines) + b"\n"
        with disk_faults("setting unreadable lines apart"):
            folder.mkdir(parents=True, exist_ok=True)
        put_file_once(folder / f"{stream}-{digest(data)[7:23]}.ndjson", data)


def attempts(stream: str) -> Iterator[int]:
    """Count attempts, a little further apart each time; raises `Busy` when there were too many."""
    for attempt in range(ATTEMPTS):
        sleep(WAIT_S * attempt)
        yield attempt
    raise Busy(f"others write {stream} all the time", remedy="Try again; nothing was lost.")
