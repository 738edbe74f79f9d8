"""Every picture of a page as files of its own: the same drawings, once as SVG and once as PNG."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from markupsafe import escape

from mainstay.report.figure import Figure
from mainstay.report.pictures import to_png, to_svg

T = TypeVar("T")


def figures_in(told: Any) -> tuple[Figure, ...]:
    """Every picture within what a page tells, in the order in which it is told, each name once."""
    return tuple({drawn.name: drawn for drawn in found_in(told, Figure)}.values())


def picture_files(told: Any) -> dict[str, bytes]:
    """The files of all pictures by name: `NAME.svg` with its words for who cannot see it, and `NAME.png`."""
    files = {}
    for drawn in figures_in(told):
        files[f"{drawn.name}.svg"] = _spoken(to_svg(drawn.chart), drawn.alt).encode()
        files[f"{drawn.name}.png"] = to_png(drawn.chart)
    return files


def _spoken(svg: str, words: str) -> str:
    """The picture with its words inside, where readers of screens look for them."""
    start, rest = svg.split(">", 1)
    return f'{start} role="img"><title>{escape(words)}</title>{rest}'


def found_in(told: Any, kind: type[T]) -> Iterator[T]:
    """Everything of a kind within what a page tells, however deep, in the order in which it is told."""
    if isinstance(told, kind):
        yield told
    elif isinstance(told, Mapping):
        yield from (each for value in told.values() for each in found_in(value, kind))
    elif isinstance(told, list | tuple):
        yield from (each for value in told for each in found_in(value, kind))
    elif dataclasses.is_dataclass(told) and not isinstance(told, type):
        yield from (each for part in dataclasses.fields(told) for each in found_in(getattr(told, part.name), kind))
