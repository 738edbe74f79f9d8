"""Every version with its value and its cost, beside the rule and the manual process of today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mainstay.bundle.inspect import inspect
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.cost import made_for, pays_after, per_decision
from mainstay.domain.errors import BriefError, MainstayError, NotFound
from mainstay.domain.evaluation import CandidateResult, Summary, read_summary
from mainstay.domain.life import Life, VersionLife
from mainstay.store.home import Home
from mainstay.store.project import read_brief
from mainstay.workflows.time_box import TimeBox, time_box

TODAY = "today"


@dataclass(frozen=True, slots=True)
class Valued:
    """A version: what a decision of it is worth, what it cost to make, and how large it is.

    `made_for` is money, None where the brief prices nothing; `pays_after` how many decisions earn it back beside the
    rule of today, None where that is not known or never; `size_bytes` that of its bundle, None where it is gone.
    """

    version: VersionLife
    status: str
    summary: Summary
    made_for: float | None
    pays_after: int | None
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Manual:
    """The manual process as the brief tells of it: how often it agrees with itself, and what a case costs."""

    agreement: float | None
    cost_per_case: float | None


@dataclass(frozen=True, slots=True)
class Beside:
    """The versions of a model beside what is done without them, and how long the way to live took.

    `rule` is today's rule as the live version's training judged it, else the newest's. `each` is what serving one
    decision costs. `currency` is that of all money.
    """

    life: Life
    versions: tuple[Valued, ...]
    rule: CandidateResult | None
    manual: Manual | None
    each: float | None
    currency: str
    time_box: TimeBox | None


def beside(home: Home, model: str, *, brief: Brief | None, at: datetime) -> Beside:
    """Set every version beside the rule and the manual process; `brief` is the project's, or None.

    Without a project's brief that of the newest version counts.
    """
    events = home.ledger.events(model, until=at)
    life = home.ledger.life(model, at=at)
    said = brief or _newest_brief(home, life)

    valued = tuple(_valued(home, life, version, said) for version in life.versions)
    told = next((each for each in valued if each.version.number == life.live), valued[-1] if valued else None)

    return Beside(
        life=life,
        versions=valued,
        rule=_rule(told.summary) if told is not None else None,
        manual=_manual(said),
        each=per_decision(said.costs) if said is not None else None,
        currency=(said.value.currency if said is not None else "") or (told.summary.currency if told else ""),
        time_box=time_box(events, said, at=at),
    )


def project_brief(folder: Path, model: str) -> Brief | None:
    """Return the brief of a folder if there is one and it is the model's; a wrong one hides no version."""
    try:
        _, brief = read_brief(folder)
    except (NotFound, BriefError):
        return None
    return brief if brief.model.name == model else None


def _valued(home: Home, life: Life, version: VersionLife, brief: Brief | None) -> Valued:
    summary = read_summary(version.summary)
    rule = _rule(summary)
    ahead = rule.winner_ahead.value if rule is not None and rule.winner_ahead is not None else None
    after = None
    if summary.cost is not None and brief is not None and ahead is not None:
        after = pays_after(summary.cost, ahead, brief.costs)
    return Valued(
        version=version,
        status=life.status(version.number),
        summary=summary,
        made_for=made_for(summary.cost) if summary.cost is not None else None,
        pays_after=after,
        size_bytes=home.artifacts.bundle_bytes(life.model, version.number),
    )


def _rule(summary: Summary) -> CandidateResult | None:
    return next((candidate for candidate in summary.candidates if candidate.name == TODAY), None)


def _manual(brief: Brief | None) -> Manual | None:
    if brief is None or (brief.today.agreement is None and brief.today.cost_per_case is None):
        return None
    return Manual(brief.today.agreement, brief.today.cost_per_case)


def _newest_brief(home: Home, life: Life) -> Brief | None:
    for version in reversed(life.versions):
        try:
            return parse_brief(inspect(home.artifacts.version_files(life.model, version.number)).brief)
        except MainstayError:
            continue
    return None
