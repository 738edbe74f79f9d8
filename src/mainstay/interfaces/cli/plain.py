"""Texts as a terminal may have them: names come from tables, and a terminal obeys what some signs say."""

from __future__ import annotations

import re

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # controls, and turns of direction


def plain(text: str) -> str:
    r"""Return a text in which signs that a terminal would obey, but for tabs and ends of lines, are dots.

    >>> plain("a\x1b[2Jb\u202ec")
    'a·[2Jb·c'
    """
    return OBEYED.sub("·", text)
