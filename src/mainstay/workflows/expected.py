"""What is expected of every version, or why that cannot be read: a file that is broken ends no exam."""

from __future__ import annotations

from pathlib import Path

from mainstay.domain.errors import MainstayError
from mainstay.domain.expectation import Expectation
from mainstay.store.project import read_expectations


def expected(folder: Path) -> tuple[tuple[Expectation, ...], str]:
    """Return the expectations of a folder, and in words what is wrong with them; one of the two is empty."""
    try:
        return read_expectations(folder), ""
    except MainstayError as error:
        what = error.what.replace(f"{folder}/", "")  # a report shows it: nobody else has that folder
        first, *more = what.splitlines()
        return (), f"{first}; and {len(more)} more like it" if more else first
