"""What one task gives the report that no other does: the page asks for nothing else of a task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mainstay.report.answer import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A task's part of the report.

    `first` is the template beside the answer, `body` that of its sections, `sections` their ids and names, `no_money`
    what a brief without money is shown and `unpriced` what it should say. `decides` says what is decided, `accepted`
    what is accepted by signing; `terms` are the task's own lines of the small print, `context` is what its templates
    read, `data` what its scripts read, by the element's name.
    """

    first: str
    body: str
    no_money: str
    sections: tuple[tuple[str, str], ...]
    sentences: list[str]
    facts: tuple[Fact, ...]
    decides: str
    accepted: str
    unpriced: str
    has_money: bool
    terms: tuple[tuple[str, str], ...]
    context: dict[str, Any]
    scripts: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
