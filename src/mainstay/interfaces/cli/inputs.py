"""The view `mainstay signals --inputs`: what callers send that is not as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mainstay.domain.moments import iso
from mainstay.interfaces.cli.show import answer, next_step, table
from mainstay.workflows.inputs import OddInput

MOST_SHOWN = 50
HEADINGS = ("field", "code", "what became of it", "caller", "first", "last", "how often")


def show_inputs(found: Sequence[OddInput], *, since: datetime, n_waiting: int) -> None:
    """Show odd inputs to people, the most frequent first; before them, how many rows wait to be looked at."""
    if n_waiting:
        them = "row waits" if n_waiting == 1 else "rows wait"
        answer(f"{n_waiting:,} {them} in the spool, not looked at yet: mainstay watch --once reads them.")
    if not found:
        answer(f"Nothing odd has reached the journal since {iso(since)[:10]}.")
    else:
        table(HEADINGS, [_row(each) for each in found[:MOST_SHOWN]], left=len(HEADINGS) - 1)
    if len(found) > MOST_SHOWN:
        answer(f"{len(found) - MOST_SHOWN} rarer kinds are not shown; --json has all.")
    if n_waiting:
        next_step("mainstay watch --once, then mainstay signals --inputs again.")
    else:
        next_step("mainstay watch, to look again now. What the codes mean stands in /docs.")


def input_json(each: OddInput) -> dict[str, Any]:
    """Return an odd input as scripts see it."""
    return {
        "key": each.key,
        "field": each.field,
        "code": each.code,
        "refused": each.refused,
        "count": each.count,
        "first": iso(each.first),
        "last": iso(each.last),
        "versions": list(each.versions),
    }


def _row(each: OddInput) -> tuple[str, ...]:
    became = "refused" if each.refused else "answered"
    first, last = (iso(at)[:16].replace("T", " ") for at in (each.first, each.last))
    return (each.field or "–", each.code, became, each.key or "–", first, last, f"{each.count:,}")
