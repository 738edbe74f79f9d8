"""The examination: every check once, each answer a finding with its cure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from mainstay.domain.errors import MainstayError
from mainstay.domain.finding import Finding
from mainstay.store.home import Home, open_home
from mainstay.workflows.doctor.environment import ENVIRONMENT
from mainstay.workflows.doctor.keys import KEYS
from mainstay.workflows.doctor.machine import HOME_MACHINE, MACHINE
from mainstay.workflows.doctor.project import PROJECT
from mainstay.workflows.doctor.records import RECORDS
from mainstay.workflows.doctor.site import Site, site_of, spoken
from mainstay.workflows.doctor.traffic import TRAFFIC

SITE = PROJECT + MACHINE
HOME = RECORDS + KEYS + TRAFFIC + HOME_MACHINE


def examine(start: Path, *, at: datetime) -> tuple[Finding, ...]:
    """Examine the environment, and the project and home at or above `start` if there is one.

    Nothing is mended and nothing is made. What cannot be looked at is a finding, never an error.
    """
    site = site_of(start, at=at)
    return tuple(_said_once(_findings(site)))


def _said_once(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Leave out what an earlier check has said in the same words: a torn ledger stops several."""
    said: set[str] = set()
    for finding in findings:
        if finding.because not in said:
            said.add(finding.because)
            yield finding


def _findings(site: Site) -> Iterator[Finding]:
    for code, look in ENVIRONMENT:
        yield from spoken(code, look)
    for code, check in SITE:
        yield from spoken(code, partial(check, site))
    home = _home(site)
    if home is not None:
        for code, at_home in HOME:
            yield from spoken(code, partial(at_home, home, site))


def _home(site: Site) -> Home | None:
    try:
        return open_home(site.folder, create=False) if site.has_home else None
    except MainstayError:  # the check of the home has said so
        return None
