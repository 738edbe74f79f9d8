"""Taking a snapshot: the rows a training read, kept so that one can be forgotten and the rest still proven."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from mainstay.data.snapshot import SALT_BYTES, leaves, merkle_root
from mainstay.domain.event import Act
from mainstay.store.project import Project


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot that lies in the store."""

    id: str
    n_rows: int


def take_snapshot(project: Project, table: pl.DataFrame, *, actor: str, at: datetime) -> Taken:
    """Keep the rows of a table."""
    salts = [secrets.token_bytes(SALT_BYTES) for _ in range(table.height)]
    root = merkle_root(leaves(table, salts))
    body = {"snapshot": root, "rows": table.height, "columns": table.width, "source": project.brief.data.source}
    project.home.ledger.append(project.model, Act.SNAPSHOT_TAKEN, body, actor=actor, at=at)
    return Taken(root, table.height)
