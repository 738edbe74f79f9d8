"""A project's own checks: what passes to and from the process that they run in.

They are somebody's code, as a recipe is: whatever one does (hang, print, fork, exit, fill the memory) is seen and said
of that check, and the others go on.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from mainstay.domain.finding import Finding
from mainstay.domain.recipe import Trouble


class Read(msgspec.Struct, frozen=True, tag="read"):
    """Read the file and say what it asks."""

    text: str


class Take(msgspec.Struct, frozen=True, tag="take"):
    """Take what is examined: the version, and the folder in which its rows lie."""

    rows: str
    project: str
    model: str
    number: int
    at: datetime


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """Ask one of them; `said` is what the checks before it found."""

    name: str
    said: tuple[Finding, ...] = ()


Request = Read | Take | Ask


class Question(msgspec.Struct, frozen=True):
    """A function of the file: its name, and the first line of its docstring."""

    name: str
    asks: str


class Questions(msgspec.Struct, frozen=True, tag="questions"):
    """What the file asks, in its order."""

    every: tuple[Question, ...]


class Taken(msgspec.Struct, frozen=True, tag="taken"):
    """What is examined is at hand."""


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """What one of them found."""

    name: str
    found: tuple[Finding, ...]


Reply = Questions | Taken | Answered | Trouble
