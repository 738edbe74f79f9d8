"""Keys that a brief may hold and that nothing judges or acts on yet, so that no promise is read into them."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.domain.brief.model import Brief
from mainstay.domain.finding import Finding, Verdict

UNJUDGED = (
    "costs.review_minute",
    "lifecycle.autonomy",
    "lifecycle.retrain",
    "lifecycle.minutes_per_week",
    "store.artifacts",
    "store.journal",
    "store.retention",
)
KEPT = {"lifecycle.autonomy": ("observe", "recommend")}  # what is done today, beside the value left out


def unjudged(brief: Brief) -> tuple[str, ...]:
    """Return the keys that the brief sets to more than what is done anyway, and that nothing judges yet.

    >>> from mainstay.domain.brief import parse_brief
    >>> unjudged(parse_brief('[model]\\nname = "m"\\n[data]\\ntarget = "t"\\n[costs]\\nreview_minute = 1'))
    ('costs.review_minute',)
    """
    return tuple(key for path in UNJUDGED for key in _set(brief, path))


def unjudged_findings(brief: Brief) -> tuple[Finding, ...]:
    """Return one finding of an unknown verdict for each such key (`F01-not-judged-yet`)."""
    return tuple(
        Finding(
            code="F01-not-judged-yet",
            verdict=Verdict.UNKNOWN,
            because=f"{key} is set, and this version does not judge it yet",
            subjects=(key,),
            remedy="Judge it by hand before you sign.",
        )
        for key in unjudged(brief)
    )


def _set(brief: Brief, path: str) -> Iterator[str]:
    if path.startswith("fields."):
        named = path.rpartition(".")[2]
        yield from (f"fields.{name}.{named}" for name, part in brief.fields.items() if getattr(part, named) is not None)
        return
    table, _, name = path.partition(".")
    part = getattr(brief, table)
    said = getattr(part, name) if name else part
    left_out = type(part).model_fields[name].default if name else type(part)()
    if said not in (left_out, *KEPT.get(path, ())) and said not in ((), {}):
        yield path
