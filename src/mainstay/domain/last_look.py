"""What the watch knew when it last looked: a projection for those who ask often and must not count themselves."""

from __future__ import annotations

import msgspec

PROMISED, ESTIMATED, REALISED = "promised", "estimated", "realised"


class Money(msgspec.Struct, frozen=True):
    """An amount in the brief's currency with its interval (None: it has none)."""

    value: float
    low: float | None = None
    high: float | None = None


class LastLook(msgspec.Struct, frozen=True, kw_only=True):
    """The last look at a model: its moment (ISO), the live version, the end of the last period judged (None: none yet).

    Of the live version's decisions `due` count as ripe, and `came` of those have their outcome. `value` is money per
    decision by kind: what the holdout promised, what scores make expect of the newest decisions (not there where that
    estimate is withdrawn), what ripe outcomes realised. What is counted is of `counted_at`.
    """

    at: str
    counted_at: str
    version: int | None = None
    judged_through: str | None = None
    due: int = 0
    came: int = 0
    value: dict[str, Money] = {}
