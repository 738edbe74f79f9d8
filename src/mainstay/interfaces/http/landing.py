"""A small page that lists what can be called, with a request to copy; nothing is loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape

from mainstay.interfaces.http.documents import example_row, paths_of
from mainstay.workflows.serve import Routes, Service

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code, pre { font: 14px/1.5 ui-monospace, monospace; }
pre { padding: .8rem 1rem; overflow-x: auto; border: 1px solid #8884; border-radius: .4rem; }
dt { font-weight: 600; margin-top: .6rem; } dd { margin: 0; }
"""
STYLE_POLICY = (
    f"default-src 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)


def landing(routes: Routes, base: str) -> str:
    """Return the page as HTML; `base` is the address under which the service was called."""
    parts = ["<h1>Decisions</h1><p>The whole contract: <a href='/openapi.json'>/openapi.json</a></p>"]
    parts += [_model(service, base) for service in routes.services.values()]
    if not routes.services:
        parts.append("<p>No version is deployed yet: <code>mainstay deploy MODEL/N</code></p>")
    entries = (
        f"<dt><code>{escape(verb.upper())} {escape(path)}</code></dt><dd>{escape(what['summary'])}</dd>"
        for path, verbs in paths_of(routes).items()
        for verb, what in verbs.items()
    )
    parts.append(f"<h2>Everything that can be called</h2><dl>{''.join(entries)}</dl>")
    return f"<!doctype html><html lang='en'><meta charset='utf-8'>{_head()}<body>{''.join(parts)}</body></html>"


def _head() -> str:
    return f"<meta name='viewport' content='width=device-width'><title>Mainstay</title><style>{STYLE}</style>"


def _model(service: Service, base: str) -> str:
    body = json.dumps({"rows": [example_row(service)]}, ensure_ascii=False)
    quoted = body.replace("'", "'\\''")
    call = f"curl {base}/v1/models/{service.model}/decide \\\n  -H 'content-type: application/json' \\\n  -d '{quoted}'"
    purpose = f"<p>{escape(service.words.model.purpose)}</p>" if service.words.model.purpose else ""
    title = escape(f"{service.model}/{service.version}")
    return f"<h2>{title}</h2>{purpose}<pre>{escape(call)}</pre>"
