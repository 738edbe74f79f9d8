"""A picture as it stands in a page: drawn twice (for desks and for phones), with the sentence that replaces it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import altair as alt
from markupsafe import Markup

from mainstay.report.pictures import bare, finding, subtitle, to_svg
from mainstay.report.theme import NARROW, SMALL, WIDE

ID = re.compile(r' id="([^"]+)"')
Drawing: TypeAlias = alt.LayerChart


@dataclass(frozen=True, slots=True)
class Figure:
    """`finding` is what the picture found, `shows` what it draws, `alt` both for who cannot see it.

    `chart` is the picture itself, with its titles and for desks.
    """

    name: str
    finding: str
    shows: str
    alt: str
    wide: Markup
    narrow: Markup
    chart: Drawing = field(repr=False, compare=False)


def figure(name: str, draw: Callable[[int], alt.LayerChart]) -> Figure:
    """Draw a picture at both widths; `draw` takes the width of the plot in pixels."""
    return _drawn(name, draw(WIDE), draw(NARROW))


def small_figure(name: str, draw: Callable[[int], alt.LayerChart]) -> Figure:
    """The same for one of several small pictures, two of which stand side by side on desks."""
    return _drawn(name, draw(SMALL), draw(NARROW))


def _drawn(name: str, wide: alt.LayerChart, narrow: alt.LayerChart) -> Figure:
    found, shows = finding(wide), subtitle(wide)
    return Figure(
        name=name,
        finding=found,
        shows=shows,
        alt=f"{found}. {shows}.",
        wide=_inline(wide, f"{name}-wide"),
        narrow=_inline(narrow, f"{name}-narrow"),
        chart=wide,
    )


def _inline(chart: alt.LayerChart, prefix: str) -> Markup:
    """The picture's SVG with ids of its own: several stand in one page, and the drawer counts on from page to page.

    Its texts are escaped by the drawer.
    """
    svg = to_svg(bare(chart))
    for i, name in enumerate(dict.fromkeys(ID.findall(svg))):
        svg = svg.replace(f' id="{name}"', f' id="{prefix}-{i}"').replace(f"url(#{name})", f"url(#{prefix}-{i})")
    return Markup(svg)  # noqa: S704  (made by the renderer from marks, never from text of ours)
