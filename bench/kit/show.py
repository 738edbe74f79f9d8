"""Printing figures as a small table."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; the first column is text, the others are numbers."""
    widths = [max(len(cell) for cell in column) for column in zip(headings, *rows, strict=True)]
    for cells in (headings, ["-" * width for width in widths], *rows):
        numbers = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        print("  ".join([cells[0].ljust(widths[0]), *numbers]).rstrip())


def ratio(ours: float, theirs: float) -> str:
    """Say how many times more theirs is than ours."""
    return f"{theirs / ours:.1f} x" if ours else "-"


def machine() -> str:
    """Say in general words what this was measured on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
