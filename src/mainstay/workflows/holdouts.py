"""Sealed holdouts: found again or sealed before anything is fitted, and every look at them counted and answered for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import numpy as np
import polars as pl

from mainstay.data.columns import is_nested
from mainstay.data.keys import EDITION, counted, keys_of
from mainstay.data.outcome import outcomes
from mainstay.data.sealing import Book, Known, NewSeal
from mainstay.data.writing import Writing, writing_of
from mainstay.domain.errors import Busy
from mainstay.domain.event import Act
from mainstay.domain.holdout import Account, Holdout
from mainstay.store.project import Project
from mainstay.store.seals import SealedKeys, account_of, get_seal, put_seal, sealing
from mainstay.store.snapshots import Snapshot
from mainstay.workflows.prepare import Ready, prepare
from mainstay.workflows.snapshot import mend_snapshots, proven_rows, take_snapshot

SHARED_COLUMNS, SHARED_ROWS = 0.5, 0.1  # of a holdout's columns and of a table's rows: below, it is another table
ATTEMPTS = 20  # trainings may begin at once; each try starts from the newest account


@dataclass(frozen=True, slots=True)
class Opened:
    """What a training starts from: rows as prepared, their snapshot, and the holdout that will judge."""

    ready: Ready
    snapshot: Snapshot
    holdout: Holdout


def open_rows(
    project: Project, table: pl.DataFrame, *, seed: int, actor: str, at: datetime, only: str | None = None
) -> Opened:
    """Prepare a table's rows, keep its snapshot, and seal holdouts where there are none or newer rows make a fresh one.

    Rows that are sealed already are found again whatever the seed, and of two trainings that begin at once the second
    takes what the first has sealed. `only` names the holdout that judges, where a training is repeated.
    """
    home, model = project.home, project.model
    mended = mend_snapshots(project, table, actor=actor, at=at)
    for _ in range(ATTEMPTS):
        known = known_rows(project, account_of(home), table)
        ready = prepare(table, project.brief, seed=seed, book=book_of(project, known, table, only=only))
        snapshot = take_snapshot(project, table, actor=actor, at=at)
        seals = _in_snapshot(ready.split.seals, table, project, snapshot)
        try:
            _seal(project, seals, known, actor=actor, at=at)
        except Busy:
            continue
        return Opened(replace(ready, findings=(*ready.findings, *mended)), snapshot, ready.split.judged_on)
    raise Busy(f"{model} is being sealed by somebody else", remedy="Try again in a moment.")


def book_of(project: Project, known: Account, table: pl.DataFrame, *, only: str | None = None) -> Book:
    """Return what is sealed of a model, with keys that can be found in this table, and what its brief wants."""
    wanted = project.brief.holdouts
    there = [each for each in known.holdouts if only is not None or not known.released(each)]
    columns = _known_by(there, table, only)
    first = next((each for each in there if each.columns), None)
    writing = Writing() if first is None else _writing(project, first, columns)
    found = tuple(_known(project, holdout, columns, writing) for holdout in there)
    return Book(account=known, known=found, count=wanted.count, looks=wanted.looks, only=only)


def _known_by(there: Sequence[Holdout], table: pl.DataFrame, only: str | None) -> tuple[str, ...]:
    """The columns of this table that all holdouts of it are known by, of a repeated training those until its own."""
    last = next((each.batch for each in there if each.name == only), None)
    until = [each for each in there if last is None or each.batch <= last]
    alike = [columns for each in until if len(columns := _there(each, table)) >= SHARED_COLUMNS * len(each.columns)]
    return tuple(name for name in alike[0] if all(name in other for other in alike)) if alike else ()


def _writing(project: Project, holdout: Holdout, columns: Sequence[str]) -> Writing:
    """How columns are read: as was told when they were sealed, else as the snapshot of that time is written."""
    if holdout.edition == EDITION:
        return Writing(holdout.written, holdout.zone)
    rows = proven_rows(project, holdout.snapshot)
    return writing_of(rows, columns, zone=project.brief.data.time_zone, time=holdout.time)


def known_rows(project: Project, known: Account, table: pl.DataFrame) -> Account:
    """Return the account of those holdouts that were sealed for this model, or in a table that shares rows with this.

    A model that goes by another name finds the holdouts of its rows and the looks taken at them; one that foretells
    something else from other rows begins anew.
    """
    of_it = (each for each in known.holdouts if each.model == project.model or _shares_rows(project, each, table))
    return known.among({each.name for each in of_it})


def _shares_rows(project: Project, holdout: Holdout, table: pl.DataFrame) -> bool:
    columns = _there(holdout, table)
    if len(columns) < SHARED_COLUMNS * len(holdout.columns):
        return False
    writing = _writing(project, holdout, columns)
    known = keys_of(proven_rows(project, holdout.snapshot), columns, writing)
    return bool(np.isin(keys_of(table, columns, writing), known).mean() >= SHARED_ROWS)


def _there(holdout: Holdout, table: pl.DataFrame) -> list[str]:
    return [name for name in holdout.columns if name in table.columns and not is_nested(table[name].dtype)]


def _known(project: Project, holdout: Holdout, columns: tuple[str, ...], writing: Writing) -> Known:
    kept = get_seal(project.home, holdout)
    sealed_so = Writing(holdout.written, holdout.zone) == writing and holdout.edition == EDITION
    if columns == holdout.columns and sealed_so:
        return Known(holdout, kept.members, kept.taught, kept.apart)
    changed = {"columns": columns, "share": 0.0, "written": dict(writing.how), "zone": writing.zone}
    known_by = msgspec.structs.replace(holdout, **changed)
    if holdout.entity is not None:
        return Known(known_by, kept.members, kept.taught, kept.apart)
    # The sealed rows are known by what is left of their columns, as their snapshot says, and no new rows wait.
    rows = proven_rows(project, holdout.snapshot)[kept.positions]
    keys = keys_of(rows, columns, writing)
    members = np.unique(counted(keys) if holdout.counted else keys)
    return Known(known_by, members, kept.taught)


def _in_snapshot(
    seals: Sequence[NewSeal], table: pl.DataFrame, project: Project, snapshot: Snapshot
) -> tuple[NewSeal, ...]:
    """Name the snapshot in new seals, and count their rows from its first one."""
    if not seals:
        return ()
    kept = np.flatnonzero(outcomes(table, project.brief).kept)
    named = [msgspec.structs.replace(seal.holdout, snapshot=snapshot.root) for seal in seals]
    return tuple(
        replace(seal, holdout=holdout, rows=kept[seal.rows]) for seal, holdout in zip(seals, named, strict=True)
    )


def _seal(project: Project, seals: Sequence[NewSeal], known: Account, *, actor: str, at: datetime) -> None:
    """Append what is sealed, unless somebody has sealed since: then `Busy`."""
    if not seals:
        return
    home, model = project.home, project.model
    with sealing(home):
        events = home.ledger.events(model)
        if account_of(home).n_named != known.n_named:
            raise Busy(f"holdouts of {model} were sealed meanwhile", remedy="Look again.")
        acts = [(Act.HOLDOUT_SEALED, _body(_kept(project, seal))) for seal in seals]
        home.ledger.extend(model, acts, actor=actor, at=at, expect_seq=events[-1].seq if events else 0)


def _kept(project: Project, seal: NewSeal) -> Holdout:
    holdout = msgspec.structs.replace(seal.holdout, model=project.model)
    return put_seal(project.home, holdout, SealedKeys(seal.members, seal.taught, seal.rows, seal.apart))


def _body(holdout: Holdout) -> dict[str, object]:
    body: dict[str, object] = msgspec.to_builtins(holdout)
    return {name: value for name, value in body.items() if name not in {"sealed_at", "model"}}
