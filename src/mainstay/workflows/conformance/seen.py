"""What a rule saw: a verdict with its reason and, where there is one, its number."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.domain.finding import Verdict


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule saw; `measured` and `limit` share the unit named in `because`; `remedy` is better than the rule's."""

    verdict: Verdict
    because: str
    measured: float | None = None
    limit: float | None = None
    remedy: str = ""


def kept(because: str, measured: float | None = None, limit: float | None = None) -> Seen:
    """Return that a rule is kept."""
    return Seen(Verdict.PASS, because, measured, limit)


def broken(because: str, measured: float | None = None, limit: float | None = None) -> Seen:
    """Return that a rule is broken."""
    return Seen(Verdict.FAIL, because, measured, limit)


def remarked(because: str, measured: float | None = None, limit: float | None = None, *, remedy: str = "") -> Seen:
    """Return that it can live here, at a cost that should be known."""
    return Seen(Verdict.WARN, because, measured, limit, remedy)


def same(off: float, what: str, *, limit: float = 0.0) -> Seen:
    """Return whether scores that differ by so much are the same.

    >>> same(0.0, "two fits").because
    'two fits give the same scores'
    """
    if off <= limit:
        return kept(f"{what} give the same scores", off, limit)
    return broken(f"{what} give scores that differ by up to {off:.2g}", off, limit)
