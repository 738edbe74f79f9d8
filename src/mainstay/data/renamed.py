"""Columns that a source calls otherwise than the brief: read under their aliases, and guessed where none is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import polars as pl

from mainstay.data.roles import named_columns
from mainstay.data.toml import array, key
from mainstay.domain.brief import Brief


def under_names(table: pl.DataFrame, brief: Brief) -> pl.DataFrame:
    """Return a table whose columns bear the names of the brief's fields, where it has them under an alias alone.

    >>> from mainstay.domain.brief import parse_brief
    >>> brief = parse_brief('[model]\\nname = "m"\\n[data]\\ntarget = "t"\\n[fields.age]\\naliases = ["years"]')
    >>> under_names(pl.DataFrame({"years": [3], "t": [1]}), brief).columns
    ['age', 't']
    """
    called: dict[str, str] = {}
    for name, part in brief.fields.items():
        there = next((alias for alias in part.aliases if alias in table.columns), None)
        if name not in table.columns and there is not None and there not in called:
            called[there] = name
    return table.rename(called) if called else table


def healing_lines(columns: Sequence[str], brief: Brief, renamed: Mapping[str, str]) -> str:
    """Return the lines of a brief that name, for each column it names in vain, what it is likely called now.

    `renamed` is what comparing with earlier rows has told; else a similar name counts. Empty where nothing is likely.
    """
    named = {name for _, name in named_columns(brief)}
    free = {name.lower(): name for name in columns if name not in named}
    lines = []
    for name in dict.fromkeys(name for _, name in named_columns(brief) if name not in columns):
        near = get_close_matches(name.lower(), free, n=1)
        now = renamed.get(name) or (free[near[0]] if near else None)
        if now is not None:
            said = brief.fields[name].aliases if name in brief.fields else ()
            lines += [f"[fields.{key(name)}]", f"aliases = {array([*said, now])}"]
    return "\n".join(lines)
