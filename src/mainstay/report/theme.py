"""One look for every picture and page: colours by role, light and dark, and the type that charts are set in."""

from __future__ import annotations

from typing import Any

import altair as alt

FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
WIDE = 640  # the plot's width on paper and desks, in pixels; with its axis it fits a line of 72 characters
SMALL = 284  # the same where two stand side by side
NARROW = 272  # the same on a phone of 390 pixels, so that labels keep their size there

# Pictures are drawn in the light colours; pages map each to its variable, so that they follow the system's mode.
LIGHT = {
    "ink": "#1b1f24",
    "paper": "#fbfaf7",
    "ours": "#0b6e74",
    "other": "#8f6414",
    "grey": "#6a707a",
    "hair": "#dedbd3",
    "pass": "#2a7047",
    "warn": "#8a5a12",
    "fail": "#b23b3b",
    "unknown": "#6b7280",
}
DARK = {
    "ink": "#e8e6e1",
    "paper": "#15171a",
    "ours": "#4fb3b9",
    "other": "#d9a94a",
    "grey": "#9aa0aa",
    "hair": "#33373d",
    "pass": "#6cc08f",
    "warn": "#e0a94f",
    "fail": "#e58080",
    "unknown": "#a3a9b3",
}

AXIS = {
    "labelColor": LIGHT["grey"],
    "labelFontSize": 12,
    "labelPadding": 6,
    "labelSeparation": 8,
    "titleColor": LIGHT["grey"],
    "titleFontSize": 12,
    "titleFontWeight": "normal",
    "domain": False,
    "ticks": False,
    "gridColor": LIGHT["hair"],
    "gridWidth": 1,
}
CONFIG: dict[str, Any] = {
    "aria": False,  # one sentence stands beside every picture; a label on each of a thousand marks helps nobody
    "font": FONT,
    "background": LIGHT["paper"],
    "padding": {"left": 4, "top": 8, "right": 8, "bottom": 4},
    "view": {"stroke": None},
    "axis": AXIS,
    "title": {
        "anchor": "start",
        "frame": "group",
        "offset": 16,
        "color": LIGHT["ink"],
        "fontSize": 15,
        "fontWeight": 600,
        "subtitleColor": LIGHT["grey"],
        "subtitleFontSize": 13,
        "subtitlePadding": 4,
    },
    "text": {"fontSize": 12, "color": LIGHT["ink"]},
}
THEME = alt.Config.from_dict(CONFIG)


def themed(chart: alt.LayerChart) -> alt.LayerChart:
    """The chart in our look; the one it came from stays as it was."""
    dressed = chart.copy()
    dressed.config = THEME
    return dressed


def style_of_colours() -> str:
    """The colours as style sheet variables, dark ones where the system is dark, and pictures mapped to them.

    >>> "--ours:#0b6e74" in style_of_colours()
    True
    """
    light, dark = (";".join(f"--{role}:{colour}" for role, colour in mode.items()) for mode in (LIGHT, DARK))
    mapped = "".join(
        f'.picture [{part}="{colour}"]{{{part}:var(--{role})}}'
        for role, colour in LIGHT.items()
        for part in ("fill", "stroke")
    )
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{mapped}\n"
