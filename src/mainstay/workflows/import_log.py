"""Bringing a log of decisions that were made elsewhere into the journal, so that the watch judges them like our own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from mainstay.domain.address import is_address
from mainstay.domain.brief import parse_brief
from mainstay.domain.canonical import canonical, digest
from mainstay.domain.errors import DataError, NotFound
from mainstay.domain.moments import parse_duration
from mainstay.domain.traffic import Fault, InputFault
from mainstay.domain.version import VersionName
from mainstay.serving.answer import ID_CONFLICT
from mainstay.serving.logged import Logged, LogReader, Route, log_reader, read_logged, route
from mainstay.store.home import Home
from mainstay.store.ingest import ingest
from mainstay.store.journal import Journal
from mainstay.store.log_import import Mark, imported_through, keep, keep_decisions, set_aside, tidy, told
from mainstay.store.log_rows import Log, open_log
from mainstay.store.source import Query
from mainstay.workflows.batch import toward_live, version_meant
from mainstay.workflows.route import load_service

OnProgress = Callable[[str, float], None]
PIECE_ROWS = 16_384  # rows that are held, turned and committed at once: about 100 MB of them
TIDY_EVERY = 64  # pieces
MOST_SHOWN = 100  # rows put aside that are told one by one
HOUR_US = 3_600_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OTHER_DECISION = "an id of its own: this one names an earlier, other decision"

__all__ = ["ImportedLog", "WantedLog", "import_log", "source_of"]


@dataclass(frozen=True, slots=True)
class WantedLog:
    """Which log is to be imported, what its columns are (`named`: column to part), and whose decisions it holds.

    `version` is that of rows which name none: the live one if it is None.
    """

    source: Path | Query
    model: str
    named: Mapping[str, str]
    version: VersionName | None = None


@dataclass
class ImportedLog:
    """What an import did. `resumed_at` rows had been imported before; the rest is about rows after them.

    `kinds` counts what was unexpected by field, code and whether the row was put aside; `aside` shows the first of
    those rows. `first_us` and `last_us` are moments of decisions, in UTC microseconds.
    """

    version: VersionName
    is_live: bool
    found: Route
    resumed_at: int = 0
    rows: int = 0
    new: int = 0
    repeated: int = 0
    n_aside: int = 0
    outcomes: int = 0
    outcomes_repeated: int = 0
    kinds: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    aside: list[Fault] = field(default_factory=list)
    first_us: int | None = None
    last_us: int | None = None
    toward: str = ""


@dataclass(frozen=True, slots=True)
class _Work:
    """An import under way."""

    journal: Journal
    log: Log
    mark: str
    reader_of: Callable[[object], LogReader | None]
    done: ImportedLog
    at: datetime


def source_of(table: str, *, query: str = "") -> Path | Query:
    """Return what a person names as a log: an address of a database with a query, else a file or a folder."""
    return Query(table, query) if is_address(table) else Path(table)


def import_log(
    home: Home, wanted: WantedLog, *, at: datetime, on_progress: OnProgress = lambda _, __: None
) -> ImportedLog:
    """Bring every decision and outcome of a log into the journal, once, however often and wherever it is stopped.

    Raises `DataError` for a log that cannot be read or lacks a column that is needed, `Asked` for a mapping to what
    nobody knows, `NotFound` where there is no version whose decisions they could be.
    """
    version, is_live = version_meant(home, wanted.model, wanted.version)
    readers = _readers(home, version, at=at)
    reader = readers(None)
    assert reader is not None
    log = open_log(wanted.source)
    first = _first_rows(log, reader)
    found = route(_columns(first), wanted.named, reader.service, log=log.name)
    journal = Journal(home, wanted.model)
    mark = f"log:{digest(canonical([log.digest, dict(found.parts), dict(found.inputs), version.number]))}"
    begun = imported_through(journal, mark) if log.digest else 0
    done = ImportedLog(version, is_live, found, begun, toward=toward_live(home, version, is_live=is_live))
    ingest(home, wanted.model, at=at, journal=journal)
    work = _Work(journal, log, mark, readers, done, at)
    for n_pieces, rows in enumerate(_pieces(log, reader, begun), start=1):
        _import_some(work, rows)
        if n_pieces % TIDY_EVERY == 0:
            tidy(journal)
        so_far = begun + done.rows
        on_progress(f"{so_far:,} rows imported", min(so_far / log.about_rows, 0.99) if log.about_rows else 0.0)
    tidy(journal)
    on_progress(f"{begun + done.rows:,} rows imported", 1.0)
    return done


def _readers(home: Home, usual: VersionName, *, at: datetime) -> Callable[[object], LogReader | None]:
    """Return what gives the reader of a version as a log names it; each is loaded once."""
    known = {version.number for version in home.ledger.life(usual.model).versions}
    loaded: dict[int, LogReader] = {}
    now_us = (at - EPOCH) // timedelta(microseconds=1)

    def reader_of(raw: object) -> LogReader | None:
        number = usual.number if raw is None else _number(raw, usual.model)
        if number not in known or number is None:
            return None
        if number not in loaded:
            service = load_service(home, VersionName(usual.model, number))
            brief = parse_brief(home.artifacts.version_files(usual.model, number)["brief.toml"].decode())
            delay_us = parse_duration(brief.data.outcome_delay) // timedelta(microseconds=1)
            loaded[number] = log_reader(service, home.secret, now_us=now_us, delay_us=delay_us)
        return loaded[number]

    if usual.number not in known:
        raise NotFound(f"there is no version {usual}", remedy="See those there are: mainstay versions")
    return reader_of


def _number(raw: object, model: str) -> int | None:
    """The number of a version as logs write it: 3, 3.0, "3" or "credit/3"."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return int(raw) if float(raw).is_integer() else None
    model_of, _, number = str(raw).strip().rpartition("/")
    return int(number) if number.isdecimal() and model_of in ("", model) else None


def _first_rows(log: Log, reader: LogReader) -> list[Any]:
    """The first rows of a log, to find out which columns it has."""
    rows = next(iter(log.pieces(reader.service.schema, 0)), None)
    if not rows:
        raise DataError(f"{log.name} holds no rows", remedy="Name a table with a header and at least one row.")
    return [_decoded(row) for row in rows]


def _columns(rows: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))


def _pieces(log: Log, reader: LogReader, first: int) -> Iterator[Sequence[bytes]]:
    """Rows of a log from a number on, joined or cut to the size in which they are committed."""
    held: list[bytes] = []
    for rows in log.pieces(reader.service.schema, first):
        held += rows
        while len(held) >= PIECE_ROWS:
            yield held[:PIECE_ROWS]
            del held[:PIECE_ROWS]
    if held:
        yield held


def _import_some(work: _Work, rows: Sequence[bytes]) -> None:
    """Read some rows and commit what they tell: first what was unexpected, last the decisions."""
    done = work.done
    first = done.resumed_at + done.rows + 1
    read = [read_logged(_decoded(row), n, done.found, work.reader_of) for n, row in enumerate(rows, start=first)]
    places = [place for place, each in enumerate(read) if each.decision is not None]
    standing = told(work.journal, [each.decision for each in read if each.decision is not None])
    for place in standing.conflicts:
        read[places[place]] = _conflicting(read[places[place]], first + places[place])
    new = [places[place] for place in standing.new]
    end = done.resumed_at + done.rows + len(rows)
    mark = Mark(work.mark, end) if work.log.digest else Mark(f"piece:{digest(b''.join(rows))}", 1)
    aside = [(rows[place], each.fault) for place, each in enumerate(read) if each.fault is not None]
    outcomes = [each.outcome for each in read if each.outcome is not None]

    set_aside(work.journal, aside)
    keep(work.journal, "faults", _faults(work, read, new), mark, work.at)
    n_outcomes = keep(work.journal, "outcomes", outcomes, mark, work.at)
    n_new = keep_decisions(work.journal, standing, mark, work.at)

    done.rows += len(rows)
    done.new += n_new
    done.n_aside += sum(each.decision is None for each in read)
    done.repeated += sum(each.decision is not None for each in read) - n_new
    done.outcomes += n_outcomes
    done.outcomes_repeated += len(outcomes) - n_outcomes
    _tally(done, read, new)


def _conflicting(logged: Logged, number: int) -> Logged:
    decision = logged.decision
    assert decision is not None
    fault = Fault(row=number, field="id", code=ID_CONFLICT, got=decision.id, wanted=OTHER_DECISION, id=decision.id)
    return replace(logged, decision=None, outcome=None, fault=fault)


def _kinds(read: Sequence[Logged], new: Sequence[int]) -> Iterator[InputFault]:
    """What was unexpected, one by one, of version 0 where no decision names its own.

    Of decisions those alone that are new: what was odd about the others was counted when they came.
    """
    for each in read:
        if each.fault is not None:
            yield _fault(each.at_us, "", 0, (each.fault.field or "", each.fault.code), refused=each.decision is None)
    for place in new:
        decision = read[place].decision
        assert decision is not None
        for warned in decision.warnings:
            kind = (warned.field, warned.code)
            yield _fault(decision.at_us, decision.key, decision.version, kind, refused=False)


def _fault(at_us: int, key: str, version: int, kind: tuple[str, str], *, refused: bool) -> InputFault:
    return InputFault(at_us=at_us, key=key, version=version, field=kind[0], code=kind[1], n=1, refused=refused)


def _faults(work: _Work, read: Sequence[Logged], new: Sequence[int]) -> list[InputFault]:
    """What was unexpected, counted by the hour; what has no moment is of now."""
    now_us = (work.at - EPOCH) // timedelta(microseconds=1)
    usual = work.done.version.number
    found: dict[tuple[Any, ...], InputFault] = {}
    for each in _kinds(read, new):
        at_us, version = each.at_us or now_us, each.version or usual
        kind = (at_us // HOUR_US, each.key, version, each.field, each.code, each.refused)
        before = found.get(kind)
        n, first_us = (before.n + 1, min(before.at_us, at_us)) if before is not None else (1, at_us)
        found[kind] = msgspec.structs.replace(each, at_us=first_us, version=version, n=n)
    return list(found.values())


def _tally(done: ImportedLog, read: Sequence[Logged], new: Sequence[int]) -> None:
    for each in _kinds(read, new):
        done.kinds[each.field, each.code, each.refused] += 1
    done.aside += [each.fault for each in read if each.fault is not None][: MOST_SHOWN - len(done.aside)]
    moments = [each.at_us for each in read if each.decision is not None]
    if moments:
        done.first_us = min(moments) if done.first_us is None else min(done.first_us, *moments)
        done.last_us = max(moments) if done.last_us is None else max(done.last_us, *moments)


def _decoded(row: bytes) -> Any:
    try:
        return msgspec.json.decode(row)
    except (msgspec.DecodeError, RecursionError):
        return row.decode(errors="replace")
