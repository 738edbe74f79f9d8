"""What changed in a source since the last snapshot, and who is hit: nouns alone."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Change(StrEnum):
    """What happened to a column."""

    NEW = "new"
    LOST = "lost"
    RENAMED = "renamed"  # lost, and a new column holds what it held
    TYPE = "type"
    UNIT = "unit"  # all numbers are larger or smaller by one factor
    LEVELS = "levels"
    MISSING = "missing"
    RANGE = "range"


BREAKING = (Change.LOST, Change.RENAMED, Change.TYPE, Change.UNIT)  # a version that reads the column answers wrongly


class ColumnChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one column: what it was and what it is now, in a few words each; `share` of rows concerned.

    `factor` is by how much the numbers of a changed unit grew. `new_levels` and `lost_levels` name the levels of a
    category that came and went. A renamed column stands under its old name, and `now` is its new one.
    """

    column: str
    change: Change
    was: str = ""
    now: str = ""
    share: float | None = None
    factor: float | None = None
    new_levels: tuple[str, ...] = ()
    lost_levels: tuple[str, ...] = ()


class RowsChange(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows there were and are; those that are new, gone or changed.

    Rows are told apart by `key`, a column that names each; without one a changed row counts as gone and new, and
    `changed` is None. `newest_was` and `newest_now` are ISO moments, None without a time column.
    """

    was: int
    now: int
    new: int
    gone: int
    changed: int | None = None
    key: str | None = None
    newest_was: str | None = None
    newest_now: str | None = None


class Concerned(msgspec.Struct, frozen=True, kw_only=True):
    """Who is concerned by the change of one column: where it comes from, who reads it, and whom to tell.

    `source`, `owner` and `contract` are those of the brief, empty where it does not say. `versions` read the column
    (`credit/3`), `broken` are those of them that can no longer read it as they did. `roles` are the keys of the brief
    that name it, such as `data.time`.
    """

    column: str
    source: str = ""
    owner: str = ""
    contract: str = ""
    versions: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()


class SourceUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """A source beside the last snapshot of it. `proposed` are lines for the brief, which is never written over."""

    model: str
    source: str
    snapshot: str
    taken_at: str
    rows: RowsChange
    changes: tuple[ColumnChange, ...]
    concerned: tuple[Concerned, ...]
    live: str | None
    proposed: str = ""

    @property
    def hits_live(self) -> bool:
        """Whether the live version reads a column that it can no longer read as it did."""
        return self.live is not None and any(self.live in each.broken for each in self.concerned)
