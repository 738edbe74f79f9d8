"""What the doctor looks at: a folder, the brief and the home it holds if any, and the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mainstay.domain.errors import MainstayError
from mainstay.domain.finding import Finding, Verdict
from mainstay.store.home import FOLDER, Home
from mainstay.store.project import BRIEF


@dataclass(frozen=True, slots=True)
class Site:
    """Where the doctor looks. `folder` holds a brief or a home, or is where somebody stood when there is neither."""

    folder: Path
    at: datetime

    @property
    def has_brief(self) -> bool:
        """Whether there is a brief."""
        return (self.folder / BRIEF).is_file()

    @property
    def has_home(self) -> bool:
        """Whether there is a home."""
        return self.root.is_dir()

    @property
    def root(self) -> Path:
        """The folder of the home, there or not."""
        return self.folder / FOLDER


EnvironmentCheck = Callable[[], Iterable[Finding]]
SiteCheck = Callable[[Site], Iterable[Finding]]
HomeCheck = Callable[[Home, Site], Iterable[Finding]]


def site_of(start: Path, *, at: datetime) -> Site:
    """Return the nearest folder, from `start` upwards, that holds a brief or a home; `start` if there is none."""
    start = start.absolute()
    for folder in (start, *start.parents):
        site = Site(folder, at)
        if site.has_brief or site.has_home:
            return site
    return Site(start, at)


def spoken(code: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Give what a check finds; what it could not bear to look at is a finding too."""
    try:
        yield from check()
    except MainstayError as error:
        yield Finding(code=code, verdict=Verdict.FAIL, because=f"{sentence(error.what)}", remedy=error.remedy)


def sentence(text: str) -> str:
    """Write an error's words as a sentence.

    >>> sentence("the disk is full")
    'The disk is full.'
    """
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"
