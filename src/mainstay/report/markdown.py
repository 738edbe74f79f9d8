"""Texts and tables as Markdown that says what they say: no name of a column can turn into markup."""

from __future__ import annotations

import re

from mainstay.report.cells import Table

MARKS = re.compile(r"([\\`*_\[\]|#~<>&$])")
SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    r"""A text on one line in which nothing is markup.

    >>> plain("a|b <i>\n_c_")
    'a\\|b \\<i\\> \\_c\\_'
    """
    return MARKS.sub(r"\\\1", SPACES.sub(" ", text).strip())


def table_of(made: Table) -> str:
    """A table in GitHub's Markdown, numbers to the right, ours in bold."""
    heads = [plain(f"{column.heading} ({column.unit})" if column.unit else column.heading) for column in made.columns]
    sides = ["---:" if column.is_number else "---" for column in made.columns]
    rows = [[plain(cell.text) for cell in row] for row in made.rows]
    if made.marked is not None:
        rows[made.marked] = [f"**{text}**" for text in rows[made.marked]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, sides, *rows))


def listed(texts: list[str]) -> str:
    """A list, one line each."""
    return "\n".join(f"- {text}" for text in texts)
