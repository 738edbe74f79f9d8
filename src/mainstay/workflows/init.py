"""From a table to a drafted brief."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mainstay.data.draft import draft_of, see
from mainstay.data.draft_said import Settled, settled
from mainstay.data.question import Question
from mainstay.data.toml import literal
from mainstay.domain.address import holds_password, is_address
from mainstay.domain.brief import parse_brief
from mainstay.domain.brief.read import brief_digest
from mainstay.domain.errors import Asked
from mainstay.domain.event import Act
from mainstay.store.home import open_home
from mainstay.store.project import open_project, write_brief
from mainstay.store.source import Encoded, Query, Source
from mainstay.store.sources import read_table

ELSEWHERE = ("http", "https", "ftp", "s3", "s3a", "gs", "abfss", "az", "hdfs", "file")  # what no table is read from


@dataclass(frozen=True, slots=True)
class Drafted:
    """A drafted brief: what it settled without being asked, and what to ask before training on it."""

    path: Path
    n_rows: int
    n_columns: int
    questions: tuple[Question, ...]
    settled: tuple[Settled, ...] = ()


def draft(
    folder: Path,
    *,
    data: Source,
    columns: Mapping[str, str | None],
    actor: str,
    at: datetime,
    ledger: str | None = None,
) -> Drafted:
    """Read a table, find what can be found, and write `mainstay.toml` into `folder`.

    `data` is what `read_table` reads: a path, a query or a frame (whose brief then names no source). `columns` names
    `target`, and `time` and `positive` where they are known; `ledger` the database that keeps the history, where it is
    not a file. An existing brief is never overwritten, and none is written where the database cannot be had.
    """
    table = read_table(data)
    sight = see(table, target=str(columns["target"]), time=columns.get("time"), positive=columns.get("positive"))
    text = _sourced(draft_of(sight, source=_named(folder, data), name=model_name(folder.absolute().name)), data)
    text += "" if ledger is None else f"\n[store]\nledger = {literal(ledger)}\n"
    brief = parse_brief(text)
    if ledger is not None:
        open_home(folder, ledger=ledger)
    path = write_brief(folder, text)
    body = {"brief_digest": brief_digest(brief), "source": brief.data.source}
    open_project(folder).home.ledger.append(brief.model.name, Act.INITIALISED, body, actor=actor, at=at)
    return Drafted(path, table.height, table.width, sight.asked, settled(sight))


def source_meant(text: str, *, query: str | None, encoding: str | None, folder: Path) -> Source:
    """Return the source that a person names on the command line; raises `Asked` for what does not go together."""
    if holds_password(text):
        remedy = (
            "Write a variable in its place, postgresql://user:${PGPASSWORD}@host/db, and set it in the environment."
        )
        raise Asked("the address of --data holds a password, which would stand in the brief", remedy=remedy)
    kind = text.partition("://")[0].lower()
    if kind in ELSEWHERE:
        remedy = "Bring it to this machine, as a file or a folder, and name that."
        raise Asked(f"--data names something at {kind}://, and tables are read from here and databases", remedy=remedy)
    if is_address(text) != (query is not None):
        remedy = "mainstay init FOLDER --data postgresql://host/db --query 'select …' --target COLUMN"
        raise Asked("a database's address and --query need each other", remedy=remedy)
    if query is not None:
        return Query(text, query, folder)
    return Encoded(Path(text), encoding) if encoding is not None else Path(text)


def _named(folder: Path, data: Source) -> str:
    place = data.path if isinstance(data, Encoded) else data
    return source_from(folder, place) if isinstance(place, Path) else ""


def _sourced(text: str, data: Source) -> str:
    """Put what reading the source again needs beside its name, or in its place."""
    source = next((line for line in text.splitlines() if line.startswith("source = ")), "")
    if isinstance(data, Query):
        return text.replace(source, f"source = {literal(data.address)}\nquery = {literal(data.sql)}", 1)
    return (
        text.replace(source, f"{source}\nencoding = {literal(data.encoding)}", 1) if isinstance(data, Encoded) else text
    )


def model_name(text: str) -> str:
    """Return a folder's name as the name of a model.

    >>> model_name("Card Limits (2026)")
    'card-limits-2026'
    """
    return re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-._")[:63] or "model"


def source_from(folder: Path, data: Path) -> str:
    """Return how a brief in `folder` names the table: relative to it, so that both can move together.

    Absolute only where no relative way leads there, such as to another drive.
    """
    place, table = folder.resolve(), data.absolute()
    try:
        return Path(os.path.relpath(table.parent.resolve() / table.name, place)).as_posix()
    except ValueError:
        return table.as_posix()
