"""Answering many rows at once as the service answers one: the same admission, arms, plan and decision, and the journal.

An id names one decision. Rows of a file that bring none get the digest of the file, the version and their number; rows
of a query, which have no number, the digest of what they hold. Asked again, a row has the same id, and the journal
keeps the decision that it met first.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import msgspec

from mainstay.domain.canonical import digest
from mainstay.domain.errors import DataError, Refused, did_you_mean
from mainstay.domain.instead import toward_deploying
from mainstay.domain.traffic import InputFault, Kept
from mainstay.domain.version import VersionName
from mainstay.serving.answer import Answer
from mainstay.serving.body import DecideBody, quote_odd_numbers
from mainstay.serving.call import Call
from mainstay.serving.decide import Decided, decide_in_full
from mainstay.serving.repeats import Repeats
from mainstay.serving.service import Service
from mainstay.store.clock import now_us, ticks_us
from mainstay.store.home import Home
from mainstay.store.spool import Spool
from mainstay.store.spool_lines import lines_of
from mainstay.workflows.place import newest
from mainstay.workflows.route import load_service

BATCH_ROWS = 4_096  # as in one request: what is held at once is this, whatever the size of the table
MAX_KINDS = 10_000  # kinds of unexpected inputs that are counted; what comes beyond is not
ROW_DIGITS = 32  # of a row's digest, in its id
Kind: TypeAlias = tuple[str, str, bool]  # field, code, refused

_raw = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True, slots=True)
class Batch:
    """A version made ready to answer a table.

    Rows that bring no id in `id_column` are named by their number after `prefix`; without one, by what they hold.
    """

    service: Service
    secret: bytes = field(repr=False)
    prefix: str | None
    id_column: str | None = None


@dataclass
class Tally:
    """What a table brought: rows, how many were answered, warned about and refused, and what was unexpected.

    `formulas` are columns of answers in which a spreadsheet sees formulas, where a person may open them in one.
    """

    rows: int = 0
    answered: int = 0
    warned: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    formulas: set[str] = field(default_factory=set)

    @property
    def refused(self) -> int:
        """Rows that were not answered."""
        return self.rows - self.answered


def version_meant(home: Home, model: str, asked: VersionName | None) -> tuple[VersionName, bool]:
    """Return the version that answers, and whether it is live: the one asked for, the live one, else the newest."""
    live = home.ledger.life(model).live
    if asked is not None:
        return asked, asked.number == live
    return (VersionName(model, live), True) if live is not None else (newest(home, model), False)


def toward_live(home: Home, version: VersionName, *, is_live: bool) -> str:
    """Return the next step of a version that answers for trying; empty where it is live."""
    known = home.ledger.life(version.model).version(version.number)
    if is_live or known is None:
        return ""
    if known.failed_gates and not known.awaits_exam:
        return f"mainstay report {version}, which failed its gates: {', '.join(known.failed_gates)}"
    return toward_deploying(str(version), known)


def is_journalled(version: VersionName, *, is_live: bool, asked: bool | None) -> bool:
    """Say whether decisions are journalled: those of the live version are, unless asked not to; others are for trying.

    Raises `Refused` where a version that is not live is asked to be journalled: nobody has agreed to act on it.
    """
    if asked and not is_live:
        what = f"{version} is not live, so its decisions are not for acting on, nor for the journal"
        raise Refused(what, remedy=f"Deploy it first: mainstay deploy {version}. To try it: --no-journal.")
    return is_live if asked is None else asked


def open_batch(home: Home, version: VersionName, *, prefix: str | None, id_column: str | None) -> Batch:
    """Load a version and prove that it answers as it was packed; raises `BundleError` or `NotFound`."""
    return made_batch(load_service(home, version), home.secret, prefix=prefix, id_column=id_column)


def made_batch(service: Service, secret: bytes, *, prefix: str | None, id_column: str | None) -> Batch:
    """Return a batch of a loaded version; `secret` is the home's."""
    if id_column is not None:  # what names the rows is expected, whether training knew it or not
        silent = service.index.silent | ({id_column} - service.index.names)
        service = replace(service, index=replace(service.index, silent=silent))
    return Batch(service, secret, prefix, id_column)


def answer_rows(batch: Batch, rows: Sequence[bytes], *, first: int) -> Decided:
    """Decide rows, each the JSON of an object; `first` is the number of the first, from 1.

    What no row can be (a line that is not JSON, a text in its place) is refused in its place.
    """
    raws = [msgspec.Raw(_read(row)) for row in rows]
    ids = ids_of(batch, rows, first=first)
    started = ticks_us()
    call = Call(
        key="",
        at_us=now_us(),
        started_us=started,
        clock_us=lambda: started + (ticks_us() - started) // max(len(rows), 1),  # the share of one row
        entropy=os.urandom,
        secret=batch.secret,
    )
    return decide_in_full(batch.service, DecideBody(raws, ids, explain=False), call, Repeats(most=0))


def ids_of(batch: Batch, rows: Sequence[bytes], *, first: int) -> list[Any]:
    """Return the id of each row: what it brings, else what is made for it."""
    column, is_needed = batch.id_column, first == 1  # later rows may leave out what is null
    named = [None] * len(rows) if column is None else ids_in(rows, column, is_needed=is_needed)
    return [made_id(batch, rows[place], first + place) if id_ is None else id_ for place, id_ in enumerate(named)]


def made_id(batch: Batch, row: bytes, number: int) -> str:
    """Return the id of a row that brings none; the same for the same row, whenever it is asked."""
    if batch.prefix is None:
        return f"row-{digest(row).partition(':')[2][:ROW_DIGITS]}"
    return f"{batch.prefix}.{number}"


def ids_in(rows: Sequence[bytes], column: str, *, is_needed: bool) -> list[Any]:
    """Return what rows hold in the column of ids; None where one does not say.

    Raises `DataError` where `is_needed` and none has it.
    """
    wanted = msgspec.defstruct("Named", [("own", Any, msgspec.field(default=msgspec.UNSET, name=column))])
    decoder = msgspec.json.Decoder(wanted)
    found = [_own(decoder, row) for row in rows]
    if is_needed and all(own is msgspec.UNSET for own in found):
        names = next((list(row) for row in map(_object, rows) if row), [])
        raise DataError(f"no row has a column {column!r}, which was to name them", remedy=did_you_mean(column, names))
    return [_id(own) for own in found]


def count(tally: Tally, decided: Decided) -> None:
    """Add what was decided of some rows."""
    tally.rows += len(decided.entries)
    tally.answered += decided.n_answered
    tally.warned += sum(bool(entry.warnings) for entry in decided.entries if isinstance(entry, Answer))
    for fault in decided.faults:
        kind = (fault.field, fault.code, fault.refused)
        if kind in tally.kinds or len(tally.kinds) < MAX_KINDS:
            tally.kinds[kind] += fault.n


def remembered(tally: Tally) -> dict[str, Any]:
    """Return a tally as plain values, to go on from."""
    kinds = [[*kind, n] for kind, n in tally.kinds.items()]
    counts = {"rows": tally.rows, "answered": tally.answered, "warned": tally.warned}
    return counts | {"kinds": kinds, "formulas": sorted(tally.formulas)}


def recalled(kept: Mapping[str, Any]) -> Tally:
    """Return the tally that was remembered."""
    kinds = Counter({(name, code, refused): n for name, code, refused, n in kept["kinds"]})
    return Tally(kept["rows"], kept["answered"], kept["warned"], kinds, set(kept.get("formulas", ())))


class Journalling:
    """Where decisions are kept before anybody can act on them: the spool, as from a worker. Closed when left."""

    def __init__(self, home: Home, service: Service) -> None:
        fsync = service.words.store.fsync == "batch"
        self._spools = {
            stream: Spool(home.spool_root, service.model, stream, fsync=fsync) for stream in ("decisions", "faults")
        }

    def __enter__(self) -> Journalling:
        return self

    def __exit__(self, *_: object) -> None:
        for spool in self._spools.values():
            spool.close()

    def keep(self, decisions: Sequence[Kept]) -> None:
        """Keep decisions; raises `StoreError` where they cannot be kept."""
        self.keep_lines([lines_of(decisions)] if decisions else [])

    def keep_lines(self, lines: Sequence[bytes]) -> None:
        """Keep decisions that were written as lines elsewhere, all in one batch."""
        if lines:
            self._spools["decisions"].write(b"".join(lines))

    def keep_faults(self, tally: Tally, *, version: int) -> None:
        """Keep what was unexpected in a whole table, counted by kind."""
        at_us = now_us()
        faults = [
            InputFault(at_us=at_us, key="", version=version, field=name, code=code, n=n, refused=refused)
            for (name, code, refused), n in tally.kinds.items()
        ]
        if faults:
            self._spools["faults"].write(lines_of(faults))


def _read(row: bytes) -> bytes:
    try:
        _raw.decode(row)
    except (msgspec.DecodeError, RecursionError):
        return quote_odd_numbers(row)
    return row


def _own(decoder: msgspec.json.Decoder[Any], row: bytes) -> Any:
    try:
        return decoder.decode(row).own
    except (msgspec.MsgspecError, RecursionError):
        return None


def _id(own: Any) -> Any:
    """An id as it is read; pandas and databases write whole numbers as 17.0 where some are missing."""
    if own is msgspec.UNSET:
        return None
    return int(own) if isinstance(own, float) and own.is_integer() else own


def _object(row: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(row)
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
