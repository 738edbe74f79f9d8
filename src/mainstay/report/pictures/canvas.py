"""From marks to a picture: titles that fit, data that needs no file, and the way to SVG and PNG without a network."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt
import vl_convert

from mainstay.report.theme import CONFIG, LIGHT, themed

TITLE_EM, SUBTITLE_EM = 8.0, 6.6  # the mean width of a letter at 15 and 13 pixels, a little generous
LONGEST = 46  # letters of a text in a picture
INSET = 6  # pixels from the left edge to a name, whose halo would break an axis there
NOT_DRAWN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # source: XML 1.0, 'Char'
CONTROL_PICTURES, SPACE = 0x2400, 0x20  # what stands for a control sign, a picture of its own for each
PNG_SCALE = 2.0  # for paper and dense screens


def points(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    """Rows as the chart's own data, so that nothing is looked up elsewhere."""
    return alt.InlineData(values=[dict(row) for row in rows])


def layered(*layers: alt.Chart, says: str, shows: str, width: int, height: int) -> alt.LayerChart:
    """Marks over each other as one picture: its title says the finding, its subtitle what is drawn."""
    title = alt.TitleParams(
        text=textwrap.wrap(says, max(int(width / TITLE_EM), 12)) or [""],
        subtitle=textwrap.wrap(shows, max(int(width / SUBTITLE_EM), 12)),
    )
    told = {"finding": says, "subtitle": shows}
    return themed(alt.LayerChart(layer=list(layers), width=width, height=height, title=title, usermeta=told))


def share_axis(**more: Any) -> alt.Axis:
    """An axis of shares, written as percentages."""
    return alt.Axis(format=".0%", tickCount=6, **more)


def label(rows: Iterable[Mapping[str, Any]], *, role: str = "ink", **mark: Any) -> alt.Chart:
    """Texts in one of the theme's colours: every row has a `text`, which is cut where a phone could not show it."""
    shown = [{**row, "text": shortened(row["text"])} for row in rows]
    texts: alt.Chart = alt.Chart(points(shown)).mark_text(color=LIGHT[role], **mark).encode(text=alt.Text("text:N"))
    return texts


def shortened(text: str) -> str:
    """A text cut to what a phone can show. Left to itself the renderer cuts emoji in two, and fails.

    >>> len(shortened("a" * 300))
    46
    """
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def ended(name: str, end: str) -> str:
    """A name with what stands behind it, a number above all: where a phone could not show both, the name is cut.

    >>> ended("a" * 300, ": 12")[-6:], ended("age", ": 12")
    ('a…: 12', 'age: 12')
    """
    room = max(LONGEST - len(end), 2)
    return (name if len(name) <= room else name[: room - 1] + "…") + end


def haloed(texts: alt.Chart) -> tuple[alt.Chart, alt.Chart]:
    """Texts that stay readable on top of lines: an edge in the paper's colour beneath them."""
    edge = texts.copy()
    edge.mark = {**texts.mark.to_dict(), "stroke": LIGHT["paper"], "strokeWidth": 4, "strokeJoin": "round"}
    return edge, texts


def finding(chart: alt.LayerChart) -> str:
    """What a picture found: its title as one text."""
    return str(chart.usermeta["finding"])


def subtitle(chart: alt.LayerChart) -> str:
    """What a picture draws: its subtitle as one text."""
    return str(chart.usermeta["subtitle"])


def bare(chart: alt.LayerChart) -> alt.LayerChart:
    """The picture without its titles, for a page that sets them as text."""
    copy = chart.copy()
    copy.title = alt.Undefined
    return copy


def to_svg(chart: alt.LayerChart) -> str:
    """The picture as SVG text; it can hold no script and loads nothing."""
    svg: str = vl_convert.vegalite_to_svg(_spec(chart), vl_version=_edition(), allowed_base_urls=[])
    return svg


def to_png(chart: alt.LayerChart) -> bytes:
    """The picture as PNG bytes, at twice its size in pixels."""
    png: bytes = vl_convert.vegalite_to_png(_spec(chart), vl_version=_edition(), scale=PNG_SCALE, allowed_base_urls=[])
    return png


def _spec(chart: alt.LayerChart) -> dict[str, Any]:
    """The whole chart with its configuration, which Altair's own defaults must not touch."""
    whole: dict[str, Any] = _drawable({**chart.to_dict(validate=False), "config": CONFIG})
    return whole


def _drawable(part: Any) -> Any:
    """A part of a chart whose texts hold only what SVG can: at any other sign the renderer ends the whole process."""
    if isinstance(part, str):
        return NOT_DRAWN.sub(_sign, part)
    if isinstance(part, dict):
        return {name: _drawable(each) for name, each in part.items()}
    return [_drawable(each) for each in part] if isinstance(part, list | tuple) else part


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(CONTROL_PICTURES + code) if code < SPACE else "\ufffd"


def _edition() -> str:
    return "_".join(alt.SCHEMA_VERSION.split(".")[:2])
