"""The demo: one whole life of an upsell model, from a simulator whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mainstay.domain.evaluation import Summary
from mainstay.domain.version import VersionName, parse_version
from mainstay.simulation.change import Change
from mainstay.simulation.upsell import brief_text, upsell
from mainstay.store.project import Project, fresh_folder, open_project, write_brief
from mainstay.store.throwaway import write_table
from mainstay.workflows.live import deploy
from mainstay.workflows.past import before, timeline
from mainstay.workflows.replay import record, replay
from mainstay.workflows.replayed import Replayed
from mainstay.workflows.report import write_report
from mainstay.workflows.train import train

OnProgress = Callable[[str, float], None]
LIVE_FROM = datetime(2025, 1, 1, tzinfo=UTC)  # a year of history, three months of it still without outcomes
MARK = ".mainstay-demo"  # a folder with this file is the demo's own and may be made anew
HISTORY, ALL = "signups-2024.csv", "signups.csv"


@dataclass(frozen=True, slots=True)
class Laid:
    """The demo's project, the truth of its story, and three sign-ups to ask about (the last with a new event type)."""

    project: Project
    truth: tuple[Change, ...]
    n_rows: int
    n_known: int
    examples: tuple[dict[str, Any], ...]


def lay(folder: Path, *, seed: int, n_rows: int) -> Laid:
    """Write two years of simulated sign-ups, what was known of them on the day of going live, and the brief.

    A folder that an earlier demo made is made anew; any other that is not empty is `Refused`.
    """
    told = upsell(seed=seed, n_rows=n_rows)
    fresh_folder(folder, mark=MARK)
    write_brief(folder, brief_text(source=HISTORY))
    project = open_project(folder)
    known = before(timeline(told.rows, project.brief), LIVE_FROM, project.brief)
    write_table(told.rows, folder / ALL)
    write_table(known, folder / HISTORY)
    return Laid(project, told.truth, told.rows.height, known.height, _examples())


def make(laid: Laid, *, seed: int, actor: str, at: datetime, on_progress: OnProgress) -> Summary:
    """Train the demo's version, write its report and make it live."""
    summary = train(laid.project, seed=seed, actor=actor, at=at, on_progress=on_progress)
    version = parse_version(summary.version)
    home, folder = laid.project.home, laid.project.folder
    write_report(home, version, folder / "report.html", n_buckets=10, actor=actor, at=at)
    deploy(home, version, actor=actor, at=at, override=bool(_held(laid, version)), why="the demo goes on either way")
    return summary


def live_on(laid: Laid, *, seed: int, actor: str, at: datetime, on_progress: OnProgress) -> Replayed:
    """Live through the year after, and write down in the ledger that it was a replay."""
    table = laid.project.folder / ALL
    replayed = replay(laid.project, table, train_until=LIVE_FROM, seed=seed, on_progress=on_progress)
    record(laid.project, replayed, actor=actor, at=at)
    return replayed


def _held(laid: Laid, version: VersionName) -> tuple[str, ...]:
    known = laid.project.home.ledger.life(version.model).version(version.number)
    return known.failed_gates if known else ()


def _examples() -> tuple[dict[str, Any], ...]:
    """Three rows as a caller would send them: as expected, with a gap, and with an event type nobody has seen."""
    row = {
        "region": "europe",
        "company_size": "51-200",
        "industry": "software",
        "plan": "free",
        "channel": "partner",
        "email_domain": "company",
        "expected_seats": 24,
        "price_shown": 15.0,
        "event_type": "webinar",
        "events_hosted": 3,
        "minutes_hosted": 90,
        "mean_participants": 14.0,
        "hours_to_first_event": 2.5,
        "seats_invited": 12,
        "calendar_connected": 1,
        "website_visits": 9,
    }
    gap = {name: value for name, value in row.items() if name != "price_shown"} | {"seats_invited": "3"}
    return (row, gap, row | {"event_type": "festival", "mean_participants": 48.0})
