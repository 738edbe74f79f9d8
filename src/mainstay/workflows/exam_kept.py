"""The exams that are kept: read by whoever shows one, without the checks that asked it."""

from __future__ import annotations

import msgspec

from mainstay.domain.canonical import digest
from mainstay.domain.errors import BundleError
from mainstay.domain.event import Act
from mainstay.domain.finding import Finding
from mainstay.domain.shown import read_shown
from mainstay.domain.taken import Taken, read_answers
from mainstay.domain.version import VersionName
from mainstay.store.home import Home
from mainstay.store.project import Project


def kept_exam(project: Project, version: VersionName) -> tuple[Finding, ...] | None:
    """Return the findings of a version's newest whole exam; None where it was never examined."""
    taken = exam_taken(project.home, version)
    return None if taken is None else taken.findings


def exam_taken(home: Home, version: VersionName) -> Taken | None:
    """Return a version's newest whole exam with its questions; None where it was never examined.

    Raises `BundleError` where the file was changed after the ledger told its digest.
    """
    events = home.ledger.events(version.model)
    of_it = [each for each in events if each.act == Act.EXAMINED and each.body["version"] == version.number]
    if not of_it:
        return None
    event = of_it[-1]
    try:
        answers = read_answers(_proven(home, version, event.body["artifact"], event.body["digest"]))
        shown = event.body.get("shown")
        kept = None if shown is None else read_shown(_proven(home, version, shown, event.body["shown_digest"]))
    except msgspec.DecodeError as error:
        raise _changed(event.body["artifact"], version) from error
    return Taken(at=event.at, answers=answers, shown=kept)


def _proven(home: Home, version: VersionName, name: str, told: str) -> bytes:
    raw = home.artifacts.artifact(version.model, version.number, name)
    if digest(raw) != told:
        raise _changed(name, version)
    return raw


def _changed(name: str, version: VersionName) -> BundleError:
    what = f"{name} of {version} was changed: its digest is not the one the ledger tells"
    return BundleError(what, remedy=f"Restore it from a backup, or examine it again: mainstay check {version}")
