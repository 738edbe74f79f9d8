"""From a table to a drafted brief."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mainstay.data.draft import draft_of, see
from mainstay.data.question import Question
from mainstay.domain.brief import parse_brief
from mainstay.domain.brief.read import brief_digest
from mainstay.domain.event import Act
from mainstay.store.project import open_project, write_brief
from mainstay.store.sources import read_table


@dataclass(frozen=True, slots=True)
class Drafted:
    """A drafted brief, and what to ask before training on it."""

    path: Path
    n_rows: int
    n_columns: int
    questions: tuple[Question, ...]


def draft(folder: Path, *, data: Path, columns: Mapping[str, str | None], actor: str, at: datetime) -> Drafted:
    """Read a table, find what can be found, and write `mainstay.toml` into `folder`.

    `columns` names `target`, and `time` and `positive` where they are known. An existing brief is never overwritten.
    """
    table = read_table(data)
    sight = see(table, target=str(columns["target"]), time=columns.get("time"), positive=columns.get("positive"))
    text = draft_of(sight, source=source_from(folder, data), name=model_name(folder.absolute().name))
    brief = parse_brief(text)
    path = write_brief(folder, text)
    body = {"brief_digest": brief_digest(brief), "source": brief.data.source}
    open_project(folder).home.ledger.append(brief.model.name, Act.INITIALISED, body, actor=actor, at=at)
    return Drafted(path, table.height, table.width, sight.asked)


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
