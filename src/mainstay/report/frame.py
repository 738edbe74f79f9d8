"""The frame of every page: templates, one style sheet, scripts pinned by their digest, and no way to the network."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mainstay.report.theme import style_of_colours
from mainstay.report.words import day, first_clauses, sentence

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{pinned}'; base-uri 'none'; form-action 'none'"
)
ENVIRONMENT = Environment(
    loader=PackageLoader("mainstay.report", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters["day"] = day
ENVIRONMENT.filters["sentence"] = sentence
ENVIRONMENT.filters["first_clauses"] = first_clauses


def html_of(template: str, *, title: str, scripts: tuple[str, ...], **context: Any) -> str:
    """A page from a template: every text is escaped, every style and script stands inside it.

    The page's own policy forbids all requests and every script but those pinned here, so that a text which slipped
    through unescaped could still do nothing.
    """
    script = "\n".join(_part(name) for name in scripts)
    pinned = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    html = ENVIRONMENT.get_template(template).render(
        title=title,
        style=Markup(style_of_colours() + _part("look.css")),  # noqa: S704  (files of this package)
        script=Markup(script),  # noqa: S704  (files of this package)
        policy=POLICY.format(pinned=pinned),
        **context,
    )
    return html.encode("utf-8", errors="replace").decode("utf-8")


def _part(name: str) -> str:
    """A style sheet or a script of ours as text, ending in a line break."""
    loader = ENVIRONMENT.loader
    assert loader is not None
    return loader.get_source(ENVIRONMENT, name)[0]
