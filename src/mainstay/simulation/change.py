"""What a simulated world changed, and when: the truth that a watch is held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["jump", "creep", "scale", "unseen_level", "missing", "relation", "concept", "prior"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that the world did: `kind` of change, begun at `at` (aware UTC, the start of a day).

    `columns` are the columns whose recorded values move, the one that causes it first; empty when no input moves and
    only the outcome does. `size` is in the unit of its kind (see `streams.with_change`). `says` is the sentence that
    people read.
    """

    at: datetime
    kind: Kind
    columns: tuple[str, ...]
    size: float
    says: str
