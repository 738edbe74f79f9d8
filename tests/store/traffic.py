"""Decisions, outcomes and actions to write into a spool."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from mainstay.domain.traffic import Action, Decision, InputFault, Outcome, Value

AT = datetime(2026, 3, 1, tzinfo=UTC)
AT_US = int(AT.timestamp()) * 1_000_000
DAY_US = 86_400_000_000


def decision(
    name: str,
    *,
    at_us: int = AT_US,
    key: str = "",
    row: str = "r",
    used: dict[str, Value] | None = None,
    own_id: bool = False,
) -> Decision:
    return Decision(
        id=name,
        key=key,
        own_id=own_id,
        row_digest="sha256:" + row,
        at_us=at_us,
        version=1,
        arm="champion",
        assignment_share=1.0,
        score=0.25,
        threshold=0.5,
        decision="approve",
        warnings=(),
        used={"age": 41.0, "region": "EU", "income": None} if used is None else used,
        received='{"age":41,"region":"EU"}',
        entity=name,
        latency_us=150,
    )


def outcome(name: str, value: str | float = 1.0, *, happened_us: int = AT_US, learned_us: int = AT_US) -> Outcome:
    return Outcome(id=name, key="", outcome=value, happened_us=happened_us, learned_us=learned_us)


def action(name: str, done: str = "declined", *, at_us: int = AT_US, learned_us: int = AT_US) -> Action:
    return Action(id=name, key="", action=done, by="anna", at_us=at_us, learned_us=learned_us)


def fault(code: str = "unseen-level") -> InputFault:
    return InputFault(at_us=AT_US, key="", version=1, field="region", code=code, n=2, refused=False)


def lines(rows: Iterable[msgspec.Struct]) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
