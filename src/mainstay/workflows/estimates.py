"""What a version is thought to be worth before its outcomes are known, and how right such estimates proved."""

from __future__ import annotations

from datetime import datetime

from mainstay.domain.estimates import Estimates
from mainstay.domain.evaluation import Estimate, read_summary
from mainstay.domain.life import Life
from mainstay.domain.version import VersionName
from mainstay.monitoring.estimated import estimates
from mainstay.store.home import Home
from mainstay.store.journal import Journal
from mainstay.workflows.counting import Watched


def estimates_of(home: Home, model: str, *, at: datetime) -> Estimates | None:
    """Return the estimates of the live version as known at a moment, or None where nothing is live.

    Reads what the watch has counted, and writes nothing.
    """
    return estimated(Watched(home, model, Journal(home, model)), home.ledger.life(model, at=at), at=at)


def estimated(watched: Watched, life: Life, *, at: datetime) -> Estimates | None:
    """As `estimates_of`, for a watch that is open."""
    if life.live is None:
        return None
    kept = watched.kept(life.live)
    return estimates(
        kept.measure,
        watched.journal.plain_cells(life.live, known_at=at),
        brief=kept.brief,
        promised=promised(life),
        version=str(VersionName(life.model, life.live)),
        at=at,
    )


def promised(life: Life) -> dict[str, Estimate]:
    """Return what the live version's holdout showed, by name; `value` is money per decision."""
    known = life.version(life.live) if life.live is not None else None
    if known is None:
        return {}
    summary = read_summary(known.summary)
    return summary.metrics | ({"value": summary.value} if summary.value is not None else {})
