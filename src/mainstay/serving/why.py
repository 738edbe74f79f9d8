"""What an answer says of itself where that is asked for: why its score is what it is, and what would change it."""

from __future__ import annotations

import msgspec

Shown = float | str | bool | None


class Reason(msgspec.Struct, frozen=True):
    """What one field (or two that act together) added to the raw score, beside what is usual."""

    fields: tuple[str, ...]
    meaning: str
    values: tuple[Shown, ...]
    contribution: float
    direction: str


class Reasons(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a row has its score: `usual`, the contributions of `top` and `others` add up to `raw`.

    All four are on the raw scale, in `unit`; `follows` says how the score that is answered comes from `raw`, and
    `usual_score` is the score of `usual`. `of` is the class that is explained, where there are several. Where there are
    no reasons, `none_because` says why, and nothing else is there.
    """

    unit: str | None = None
    usual: float | None = None
    top: tuple[Reason, ...] = ()
    others: float | None = None
    raw: float | None = None
    usual_score: float | None = None
    follows: str | None = None
    of: str | None = None
    none_because: str | None = None


class Changed(msgspec.Struct, frozen=True):
    """One field of what would have to change."""

    field: str
    meaning: str
    was: Shown
    to: Shown


class Instead(msgspec.Struct, frozen=True, omit_defaults=True):
    """What would have to change for another decision: `changes`, all together, and what is then answered.

    Without changes, `none_because` says why; `tried` counts the rows that were scored.
    """

    changes: tuple[Changed, ...] = ()
    decision: str | None = None
    score: float | dict[str, float] | None = None
    none_because: str | None = None
    tried: int = 0
