"""The names of other ways of deciding, in the brief's words."""

from __future__ import annotations

from mainstay.domain.brief import Brief
from mainstay.domain.estimates import VALUE_OF_RULE
from mainstay.domain.task import Task
from mainstay.report.actions import words_of


def way_of(name: str, brief: Brief) -> str:
    """What another way of deciding is called.

    >>> from mainstay.domain.brief import parse_brief
    >>> said = '[model]\\nname="m"\\n[data]\\ntarget="t"\\n[decision]\\nwhen_low="approve"'
    >>> way_of("value_of_never", parse_brief(said))
    'approving every case'
    """
    if name == VALUE_OF_RULE:
        return "today's rule"
    return words_of(brief).low.always if brief.value.task in (None, Task.BINARY) else "never having deployed"
