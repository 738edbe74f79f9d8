"""Whether the brief can be read, its source is there, and the home is one's own."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator

from mainstay.domain.address import is_address
from mainstay.domain.finding import Finding, Verdict
from mainstay.store.home import open_home
from mainstay.store.machine import access_mode
from mainstay.store.project import BRIEF, read_brief
from mainstay.workflows.doctor.site import Site

PRIVATE = 0o600


def brief(site: Site) -> Iterator[Finding]:
    """Whether there is a brief that can be read."""
    if site.has_brief:
        _, read = read_brief(site.folder)
        yield Finding(code="doctor-brief", verdict=Verdict.PASS, because=f"The brief of {read.model.name} can be read.")
        return
    yield Finding(
        code="doctor-brief",
        verdict=Verdict.UNKNOWN,
        because=f"There is no {BRIEF} in {site.folder}: what is kept here can be served and watched, but not trained."
        if site.has_home
        else f"There is no project in {site.folder} or above it: only the environment was examined.",
        remedy="mainstay init FOLDER --data FILE --target COLUMN",
    )


def source(site: Site) -> Iterator[Finding]:
    """Whether the table that the brief names is there and may be read; a served model can live without it."""
    if not site.has_brief:
        return
    _, read = read_brief(site.folder)
    named = read.data.source
    if not named:
        because, remedy = "The brief names no table to train on.", f"Write source = … under [data] in {BRIEF}."
    elif is_address(named):
        because = "The source is a database, which is asked at training only."
        yield Finding(code="doctor-source", verdict=Verdict.PASS, because=because)
        return
    elif not (site.folder / named).exists():
        because, remedy = (
            f"The table {named} is not there: what is live can be served, but nothing can be trained.",
            (f"Bring {named}, or mend source = … under [data] in {BRIEF}."),
        )
    elif not os.access(site.folder / named, os.R_OK):
        because, remedy = f"The table {named} may not be read.", f"chmod u+r {shlex.quote(str(site.folder / named))}"
    else:
        yield Finding(code="doctor-source", verdict=Verdict.PASS, because=f"The table {named} is there.")
        return
    yield Finding(code="doctor-source", verdict=Verdict.WARN, because=because, remedy=remedy)


def home(site: Site) -> Iterator[Finding]:
    """Whether the home opens, and whether others may read what makes it one's own."""
    if not site.has_home:
        if site.has_brief:
            yield Finding(
                code="doctor-home",
                verdict=Verdict.UNKNOWN,
                because="Nothing is kept here yet.",
                remedy="mainstay train",
            )
        return
    opened = open_home(site.folder, create=False)
    secret = opened.root / "secret"
    mode = access_mode(secret)
    is_private = not mode & ~PRIVATE
    yield Finding(
        code="doctor-secret",
        verdict=Verdict.PASS if is_private else Verdict.FAIL,
        because="Only its owner may read the secret."
        if is_private
        else f"Others than its owner may read the secret (mode {mode:o}): with it the history could be rewritten.",
        remedy="" if is_private else f"chmod 600 {shlex.quote(str(secret))}",
    )


PROJECT = (("doctor-brief", brief), ("doctor-source", source), ("doctor-home", home))
