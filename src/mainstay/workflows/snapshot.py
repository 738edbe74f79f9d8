"""Taking a snapshot: the rows a training read, kept so that one can be forgotten and the rest still proven."""

from __future__ import annotations

import secrets
from datetime import datetime

import polars as pl

from mainstay.data.snapshot import SALT_BYTES, leaves, merkle_root
from mainstay.domain.errors import StoreError
from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Verdict
from mainstay.store.project import Project
from mainstay.store.snapshots import OR_TRAIN, Snapshot, Snapshots, identity_of

CODE = "F14-snapshot-damaged"
CHECK_DISK = "Check the disk: mainstay doctor, and mainstay history --verify."
RESTORE = "Versions made from it can be examined again once it is restored from a backup."


def take_snapshot(project: Project, table: pl.DataFrame, *, actor: str, at: datetime) -> Snapshot:
    """Keep the rows of a table; rows that were kept before and are whole are found again, and nothing is written."""
    snapshots = Snapshots(project.home)
    known = snapshots.find(snapshots.fingerprint(table))
    if known is not None:
        return known
    salts = secrets.token_bytes(SALT_BYTES * table.height)
    root = merkle_root(leaves(table, salts))
    taken = snapshots.put(table, root=root, salts=salts, source=project.brief.data.source, at=at)
    body = {"snapshot": taken.root, "rows": table.height, "columns": table.width, "source": taken.source}
    project.home.ledger.append(project.model, Act.SNAPSHOT_TAKEN, body, actor=actor, at=at)
    return taken


def mend_snapshots(project: Project, table: pl.DataFrame, *, actor: str, at: datetime) -> tuple[Finding, ...]:
    """Write damaged rows of this table's snapshots again, where the salts still prove that they are those rows.

    Versions that were made from them can then be examined again. Nothing is done where a whole snapshot is there.
    """
    snapshots = Snapshots(project.home)
    if not snapshots.all():
        return ()
    known = snapshots.same(snapshots.fingerprint(table))
    damaged = [] if any(map(snapshots.is_whole, known)) else known
    return tuple(_mended(project, each, table, actor=actor, at=at) for each in damaged)


def _mended(project: Project, damaged: Snapshot, table: pl.DataFrame, *, actor: str, at: datetime) -> Finding:
    snapshots = Snapshots(project.home)
    what = f"the rows that were kept of this table (snapshot {damaged.id}) were damaged on the disk"
    if not _proves(snapshots, damaged, table):
        because = f"{what}, and so was what proves them: they are kept anew under another root"
        return Finding(code=CODE, verdict=Verdict.WARN, because=because, remedy=f"{CHECK_DISK} {RESTORE}")
    snapshots.put_rows_anew(damaged, table)
    body = {"snapshot": damaged.root, "rows": table.height, "columns": table.width, "source": damaged.source}
    project.home.ledger.append(project.model, Act.SNAPSHOT_TAKEN, body | {"mended": True}, actor=actor, at=at)
    because = f"{what}; the source still holds the same rows, and they were written anew"
    return Finding(code=CODE, verdict=Verdict.WARN, because=because, remedy=CHECK_DISK)


def _proves(snapshots: Snapshots, known: Snapshot, table: pl.DataFrame) -> bool:
    """Whether the salts that are there and these rows give the root."""
    try:
        salts = snapshots.salts(known.id)
    except StoreError:
        return False
    return len(salts) == SALT_BYTES * table.height and merkle_root(leaves(table, salts)) == known.root


def proven_rows(project: Project, root: str) -> pl.DataFrame:
    """Return the rows of a snapshot; raises `StoreError` where they are not those that were kept under this root.

    The fingerprint is quick and recognises them nearly always; the root decides where a new library reads other types.
    """
    snapshots, identity = Snapshots(project.home), identity_of(root)
    kept, table = snapshots.get(identity), snapshots.rows(identity)
    if kept.root == root and snapshots.fingerprint(table) == kept.fingerprint:
        return table
    salts = snapshots.salts(identity)
    if len(salts) != SALT_BYTES * table.height or merkle_root(leaves(table, salts)) != root:
        what = f"the rows of snapshot {identity} were changed: they are not those that the version was made from"
        raise StoreError(what, remedy=f"Restore them from a backup: mainstay restore FILE FOLDER. {OR_TRAIN}")
    return table
