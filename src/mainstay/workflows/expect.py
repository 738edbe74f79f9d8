"""Proposing what to expect of every version: a file beside the brief, drafted from the data and a version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from mainstay.checks.proposed import Proposal, proposed
from mainstay.data.toml import literal
from mainstay.domain.errors import Refused
from mainstay.domain.version import VersionName
from mainstay.store.files import put_file_once
from mainstay.store.project import EXPECTATIONS, Project
from mainstay.workflows.examined import examined
from mainstay.workflows.footprint import footprint

HEAD = """\
# What is expected of every version of {model}: `mainstay check` asks for each (F19-expectation).
# Proposed from the data and {version}. Keep what must hold, strike out what only happens to; numbers are yours to mend.
# More kinds: rows that must be decided so ([[decided]]), and other slices that must be good enough ([[slice]]).
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is proposed for a version, and the text of a file that says so."""

    version: VersionName
    proposals: tuple[Proposal, ...]
    text: str


def expect(project: Project, version: VersionName, *, at: datetime) -> Expected:
    """Return expectations that data and version show, invariance to protected columns, and failures; writes nothing."""
    found = tuple(proposed(examined(project, version, at=at, measure=partial(footprint, project, version))))
    head = HEAD.format(model=version.model, version=version)
    return Expected(version, found, "\n".join([head, *(_written(each) for each in found)]))


def keep(project: Project, expected: Expected) -> str:
    """Write the file beside the brief and return its name; raises `Refused` where there is one already."""
    path = project.folder / EXPECTATIONS
    if not put_file_once(path, expected.text.encode()):
        raise Refused(f"{path} is there already", remedy="Leave --write away, and take over what you want by hand.")
    return str(path)


def _written(proposal: Proposal) -> str:
    seen = "holds now" if proposal.holds else "does NOT hold now"
    because = proposal.because.removeprefix(f"{proposal.expectation.name}: ")  # its name stands two lines below
    return "\n".join([f"# {seen}: {_one_line(because)}", *_lines(proposal), ""])


def _lines(proposal: Proposal) -> Iterator[str]:
    said = proposal.expectation
    yield f"[[{type(said).__name__.lower()}]]"
    for key, value in said.model_dump(exclude_defaults=True).items():
        yield f"{key} = {literal(value)}"


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
