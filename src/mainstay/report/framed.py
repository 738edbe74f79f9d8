"""A page within another page, such as a notebook: whole, scripts and all, and unable to reach what is around it."""

from __future__ import annotations

from markupsafe import escape

HEIGHT = 720  # pixels: what a notebook shows without scrolling itself


def framed(page: str, title: str) -> str:
    """A whole page as an `iframe` that needs no file: it may run its own scripts, and nothing else.

    >>> framed("<p>&</p>", 'a "b"')[:44]
    '<iframe title="a &#34;b&#34;" srcdoc="&lt;p&'
    """
    style = f"width:100%;height:{HEIGHT}px;border:0"
    return f'<iframe title="{escape(title)}" srcdoc="{escape(page)}" sandbox="allow-scripts" style="{style}"></iframe>'
