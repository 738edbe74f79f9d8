"""Taking a snapshot: the rows a training read, kept so that one can be forgotten and the rest still proven."""

from __future__ import annotations

import secrets
from datetime import datetime

import polars as pl

from mainstay.data.snapshot import SALT_BYTES, leaves, merkle_root
from mainstay.domain.errors import StoreError
from mainstay.domain.event import Act
from mainstay.store.project import Project
from mainstay.store.snapshots import Snapshot, Snapshots, identity_of


def take_snapshot(project: Project, table: pl.DataFrame, *, actor: str, at: datetime) -> Snapshot:
    """Keep the rows of a table; rows that were kept before are found again, and nothing is written."""
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
        raise StoreError(what, remedy="Restore them from a backup: mainstay restore FILE FOLDER.")
    return table
