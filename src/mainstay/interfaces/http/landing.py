"""A small page that lists what can be called, with a request to copy; nothing is loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from html import escape

from mainstay.domain.limits import LIMITS, Limits
from mainstay.interfaces.http.codes import FAULTS, IDS, PROBLEMS, TOLD_WARNINGS, WARNINGS, about
from mainstay.interfaces.http.documents import example_row, field_schema, paths_of, told_examples
from mainstay.workflows.serve import Routes, Service

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code, pre { font: 14px/1.5 ui-monospace, monospace; }
pre { padding: .8rem 1rem; overflow-x: auto; border: 1px solid #8884; border-radius: .4rem; }
dt { font-weight: 600; margin-top: .6rem; } dd { margin: 0; }
h3 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
table { border-collapse: collapse; font-size: .9rem; } th { text-align: left; }
th, td { padding: .25rem .8rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
"""
STYLE_POLICY = (
    f"default-src 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)

CODES = {
    "Warnings: the row was answered": WARNINGS,
    "Warnings about outcomes and actions: taken": TOLD_WARNINGS,
    "Faults: the row was refused": FAULTS,
    "Problems: the request was refused": PROBLEMS,
}


def landing(routes: Routes, base: str, *, keys: bool = False, limits: Limits = LIMITS) -> str:
    """Return the page as HTML; `base` is the address under which the service was called.

    With `keys` the requests to copy say where a key goes.
    """
    parts = ["<h1>Decisions</h1><p>The whole contract: <a href='/openapi.json'>/openapi.json</a></p>"]
    parts += [f"<p>{escape(text.replace('`', ''))}</p>" for text in (about(limits), IDS)]
    parts += [_model(service, base, keys=keys) for service in routes.services.values()]
    if not routes.services:
        parts.append("<p>No version is deployed yet: <code>mainstay deploy MODEL/N</code></p>")
    parts.append("<h2>What the codes mean</h2>")
    parts += [_table(title, ("code", "what it means"), codes.items()) for title, codes in CODES.items()]
    entries = (
        f"<dt><code>{escape(verb.upper())} {escape(path)}</code></dt><dd>{escape(what['summary'])}</dd>"
        for path, verbs in paths_of(routes).items()
        for verb, what in verbs.items()
    )
    parts.append(f"<h2>Everything that can be called</h2><dl>{''.join(entries)}</dl>")
    return f"<!doctype html><html lang='en'><meta charset='utf-8'>{_head()}<body>{''.join(parts)}</body></html>"


def _head() -> str:
    return f"<meta name='viewport' content='width=device-width'><title>Mainstay</title><style>{STYLE}</style>"


def _model(service: Service, base: str, *, keys: bool) -> str:
    address = f"{base}/v1/models/{service.model}"
    call = _curl(f"{address}/decide", {"rows": [example_row(service)], "ids": ["a-1"]}, keys=keys)
    purpose = f"<p>{escape(service.words.model.purpose)}</p>" if service.words.model.purpose else ""
    title = escape(f"{service.model}/{service.version}")
    fields = ((field.name, str(field_schema(field)["description"])) for field in service.schema.admitted)
    told = [
        _shown(f"Say what was learned later ({what})", _curl(f"{address}/{what}", bodies[0], keys=keys))
        for what, bodies in told_examples(service).items()
    ]
    parts = [
        f"<h2>{title}</h2>{purpose}{_shown('A request to copy', call)}",
        _shown("What an answer looks like (200; its numbers are made up)", _json(_sample_answer(service))),
        _shown("What a refused row looks like, in the place of its answer", _json(_sample_fault(service))),
        *told,
        _table("What a row holds", ("field", "what it is"), fields),
    ]
    return "".join(parts)


def _sample_answer(service: Service) -> dict[str, object]:
    score, decision = _sample_decision(service)
    warned = {"field": service.schema.fields[0].name, "code": "absent", "got": None, "used": None}
    answer = {
        "id": "a-1",
        "score": score,
        "threshold": service.plan.threshold,
        "decision": decision,
        "arm": "champion",
        "warnings": [warned],
    }
    return {"model": service.model, "version": service.version, "decisions": [answer]}


def _sample_decision(service: Service) -> tuple[object, str | None]:
    if service.several:
        even = round(1 / len(service.plan.classes), 3)
        return dict.fromkeys(service.plan.classes, even), service.decides[0]
    threshold, score = service.plan.threshold, 12.5 if service.foretells_amounts else 0.42
    return score, None if threshold is None else service.when_high if threshold <= score else service.when_low


def _sample_fault(service: Service) -> dict[str, object]:
    field = service.schema.fields[0]
    wanted = "what the field holds, in words"
    error = {"row": 0, "field": field.name, "code": "wrong-type", "got": "a list of 2", "wanted": wanted}
    return {"id": "a-1", "error": error | {"example": example_row(service)[field.name]}}


def _curl(address: str, body: object, *, keys: bool) -> str:
    quoted = json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
    key = "  -H 'authorization: Bearer KEY' \\\n" if keys else ""
    return f"curl {address} \\\n{key}  -H 'content-type: application/json' \\\n  -d '{quoted}'"


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _shown(title: str, text: str) -> str:
    return f"<h3>{escape(title)}</h3><pre>{escape(text)}</pre>"


def _table(title: str, heads: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr><td><code>{escape(a)}</code></td><td>{escape(b.replace('`', ''))}</td></tr>" for a, b in rows)
    return f"<h3>{escape(title)}</h3><table><tr>{head}</tr>{body}</table>"
