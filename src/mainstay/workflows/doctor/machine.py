"""Whether there is room on the disk, the clocks agree, and nothing half-written is left."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta

from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.moments import span
from mainstay.store.home import Home
from mainstay.store.machine import disk_clock_ahead_s, left_by_the_dead, room
from mainstay.workflows.doctor.site import Site

LEAST_BYTES = 1 << 30  # a training and its compaction want this much beside what is kept
LEAST_SHARE = 0.05  # file systems slow down and keep some for root below this
CLOCKS_APART_S = 5.0  # more than any disk rounds a moment; less than any period that is watched
SHOWN = 5


def disk(site: Site) -> Iterator[Finding]:
    """Whether there is room left on the disk."""
    has = room(site.folder)
    free_gb, share = has.free / 1e9, has.free_share
    tight = has.free < LEAST_BYTES or share < LEAST_SHARE
    where = site.root if site.has_home else site.folder
    yield Finding(
        code="doctor-disk",
        verdict=Verdict.WARN if tight else Verdict.PASS,
        because=f"{free_gb:,.1f} GB of the disk are free ({100 * share:.0f}%).",
        measured=free_gb,
        limit=max(LEAST_BYTES, LEAST_SHARE * has.total) / 1e9,
        remedy=f"Free some space. What takes most here: du -xsh {shlex.quote(str(where))}/*" if tight else "",
    )


def leftovers(home: Home, site: Site) -> Iterator[Finding]:
    """Whether killed processes left anything half-written; nobody ever reads such files."""
    left = left_by_the_dead(home.root)
    names = [str(path.relative_to(site.folder)) for path in left]
    more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
    said = f"A killed process left {len(left)} half-written: {', '.join(names[:SHOWN])}{more}. Nobody reads them."
    cure = "rm -r " + " ".join(shlex.quote(str(path)) for path in left[:SHOWN])
    yield Finding(
        code="doctor-leftovers",
        verdict=Verdict.WARN if left else Verdict.PASS,
        because=said if left else "Nothing half-written is left.",
        measured=float(len(left)),
        limit=0.0,
        remedy=cure if left else "",
    )


def disk_clock(home: Home, site: Site) -> Iterator[Finding]:
    """Whether the home can be written, and the disk's clock is ours."""
    ahead_s = disk_clock_ahead_s(home.root)
    apart = abs(ahead_s) > CLOCKS_APART_S
    yield Finding(
        code="doctor-disk-clock",
        verdict=Verdict.WARN if apart else Verdict.PASS,
        because=f"A file written now is dated {abs(ahead_s):,.0f} s {'later' if ahead_s > 0 else 'earlier'}: "
        "the disk is another machine's, and the two clocks differ."
        if apart
        else "The home can be written, and its disk has our time.",
        measured=ahead_s,
        limit=CLOCKS_APART_S,
        remedy="Let both machines keep time: timedatectl set-ntp true" if apart else "",
    )


def clock(home: Home, site: Site) -> Iterator[Finding]:
    """Whether the clock was stepped back since the last event."""
    last = max((home.ledger.events(model)[-1] for model in home.ledger.models()), key=lambda e: e.at, default=None)
    ahead = datetime.fromisoformat(last.at) - site.at if last is not None else timedelta()
    if last is None or ahead.total_seconds() <= CLOCKS_APART_S:
        yield Finding(code="doctor-clock", verdict=Verdict.PASS, because="No event lies in the future.")
        return
    yield Finding(
        code="doctor-clock",
        verdict=Verdict.FAIL,
        because=f"The last event of {last.model} ({last.act}) is dated {last.at}, {span(ahead)} from now: "
        "the clock was stepped back, or was wrong then. Until it has caught up, events keep that moment.",
        measured=ahead.total_seconds(),
        limit=CLOCKS_APART_S,
        subjects=(last.model,),
        remedy="Set the clock right and let the machine keep time: timedatectl set-ntp true",
    )


MACHINE = (("doctor-disk", disk),)
HOME_MACHINE = (("doctor-leftovers", leftovers), ("doctor-disk-clock", disk_clock), ("doctor-clock", clock))
