"""Proof that a ledger is what was written: every link of every chain, the file, and a sealed witness of the ends.

What is found: any changed byte of any event, of a file's structure or of the definitions; events removed, added,
swapped or moved; a chain cut short or a whole chain removed, or an older copy put back (the witness `ledger.heads` says
how far each chain had come, sealed with the home's secret); a witness changed or removed.

What cannot be found from inside: a change by somebody who holds the secret and rewrites everything after it (keep a
printed hash or a backup elsewhere), a whole older home put back, and the removal of events that were appended in the
moment between a commit and its witness when the process was killed there (at most the appends of that moment).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from mainstay.domain.canonical import canonical
from mainstay.domain.errors import LedgerBroken, StoreError
from mainstay.domain.event import GENESIS, Event, event_hash
from mainstay.store.files import disk_faults, put_file, put_file_once
from mainstay.store.ledger_place import HASH, LENGTH, RESTORE, Connection, Place, Row, opened

Heads = Mapping[str, tuple[int, str]]  # model -> number of events, hash of the last


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that is not as it was written: in which model's chain ("" for the file), at which event, and what."""

    model: str
    seq: int
    what: str


def write_witness(path: Path, heads: Heads, secret: bytes) -> None:
    """Write how far each chain has come, sealed with the secret."""
    put_file(path, _witness_bytes(heads, secret))


def first_witness(path: Path, secret: bytes) -> None:
    """Write that no chain was begun, unless there is a witness already."""
    put_file_once(path, _witness_bytes({}, secret))


def names_events(path: Path) -> bool:
    """Say whether a witness names any event, its seal unseen; one that cannot be read is taken to."""
    try:
        return bool(json.loads(path.read_bytes())["heads"])
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return True


def check_whole(there: Connection, model: str, heads: Heads) -> None:
    """Raise `StoreError` if the model's chain ends before its witnessed end, or has another event there.

    A chain that is longer than `heads` says is whole: its writer was killed before the witness was written.
    """
    count, hashed = heads.get(model, (0, GENESIS))
    if count == 0:
        return
    found = there.ask(HASH, (model, count))
    if not found:
        ((last,),) = there.ask(LENGTH, (model,))
        what = f"the history was cut: event {count} of {model} was the last written, the ledger ends at {last or 0}"
        raise LedgerBroken(what, remedy=RESTORE)
    if found[0][0] != hashed:
        what = f"the history was rewritten: event {count} of {model} is not the one that was written"
        raise LedgerBroken(what, remedy=RESTORE)


def read_witness(path: Path, secret: bytes) -> Heads:
    """Return what the witness says; raises `ValueError` if it was changed and `FileNotFoundError` if it is gone."""
    raw = path.read_bytes()
    try:
        heads = {model: (int(n), str(last)) for model, (n, last) in json.loads(raw)["heads"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("it cannot be read") from error
    if raw != _witness_bytes(heads, secret):
        raise ValueError("its seal does not fit")
    return heads


def verify(place: Place, witness: Path, secret: bytes) -> tuple[Break, ...]:
    """Return every break of the ledger at `place`; an empty tuple means that it is what was written.

    The witness is read first: whatever is appended meanwhile only makes chains longer than it says. Raises `StoreError`
    where disk or database do not let it be read: that is no change.
    """
    expected, breaks = _expected(witness, secret)
    try:
        with opened(place) as there:
            breaks += [Break("", 0, what) for what in there.wrongs()]
            breaks += _chain_breaks(there.raw_events(), expected)
    except LedgerBroken as error:
        breaks.append(Break("", 0, error.what))
    return tuple(breaks)


def _expected(witness: Path, secret: bytes) -> tuple[Heads, list[Break]]:
    try:
        with disk_faults(f"reading {witness.name}"):
            return read_witness(witness, secret), []
    except ValueError as error:
        return {}, [Break("", 0, f"{witness.name} was changed: {error}")]
    except StoreError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        return {}, [Break("", 0, f"{witness.name} is gone: it cannot be told whether a chain was cut short")]


def _witness_bytes(heads: Heads, secret: bytes) -> bytes:
    body = canonical({model: list(head) for model, head in heads.items()})
    seal = hmac.new(secret, b"mainstay-heads-1\n" + body, "sha256").hexdigest()
    return canonical({"format": 1, "heads": json.loads(body), "seal": seal}) + b"\n"


def _chain_breaks(rows: list[Row], expected: Heads) -> Iterator[Break]:
    found: set[str] = set()
    if not all(_has_types(row) for row in rows):
        yield Break("", 0, "the ledger is damaged: an event holds something else than texts")
        return
    for model, chain in groupby(rows, key=lambda row: row[0]):
        found.add(model)
        yield from _breaks_of(model, list(chain), expected.get(model))
    for model in expected.keys() - found:
        yield Break(model, 0, f"all {expected[model][0]} events are missing")


def _has_types(row: tuple[Any, ...]) -> bool:
    return isinstance(row[1], int) and all(isinstance(text, str) for text in (row[0], *row[2:]))


def _breaks_of(model: str, rows: list[tuple[Any, ...]], head: tuple[int, str] | None) -> Iterator[Break]:
    seq, last = 0, GENESIS
    for row in rows:
        what = _break_of(row, seq, last)
        if what:
            yield Break(model, row[1], what)
        seq, last = row[1], row[7]
    if head is None:
        return
    count, hashed = head
    if len(rows) < count:
        yield Break(model, len(rows), f"the chain ends at event {seq}; {count} had been written")
    elif rows[count - 1][7] != hashed:
        yield Break(model, count, "the chain was rewritten: another event stands here")


def _break_of(row: tuple[Any, ...], seq: int, last: str) -> str | None:
    if row[1] != seq + 1:
        return f"events {seq + 1} to {row[1] - 1} are missing" if row[1] > seq else "it is out of order"
    if row[6] != last:
        return "it does not follow the event before it"
    try:
        body = json.loads(row[5])
        if canonical(body) != row[5].encode("utf-8", errors="surrogateescape"):
            return "its body was changed"
        event = Event(**dict(zip(Event.__struct_fields__, (*row[:5], body, *row[6:]), strict=True)))
        return None if event.hash == event_hash(event) else "its content does not fit its hash"
    except (ValueError, RecursionError):
        return "its body was changed"
