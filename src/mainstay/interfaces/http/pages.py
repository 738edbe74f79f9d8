"""The quiet endpoints: health, readiness, metrics, the models and what they want."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mainstay.domain.errors import MainstayError, NotFound
from mainstay.interfaces.http.access import GONE
from mainstay.interfaces.http.callers import may_read
from mainstay.interfaces.http.dialects import dialect_of, translated
from mainstay.interfaces.http.documents import QUIET, document, model_card
from mainstay.interfaces.http.faults import own_fault
from mainstay.interfaces.http.foreign import foreign_routes
from mainstay.interfaces.http.landing import STYLE_POLICY, landing
from mainstay.interfaces.http.measures import Measures
from mainstay.interfaces.http.reply import SAFE, Message, Receive, Reply, Scope, Send, json_reply, problem
from mainstay.workflows.serve import Desk, Routes, disk_problem, model_states, served, ticks_us

PROBE_EVERY_US = 2_000_000  # the disk is tried at most every two seconds, however often readiness is asked
HEAD, CALLER, CARRIED = (
    "mainstay.head",
    "mainstay.caller",
    "mainstay.carried",
)  # where the application leaves what it has read, in the scope
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

App = Callable[[Scope, Receive, Send], Awaitable[None]]
Pages = Callable[[Scope, Receive, Send], Awaitable[int]]  # tells the status of the reply


class Probed:
    """What the last try of the disk said, and when."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self.at_us: int | None = None


def make_pages(desk: Desk, measures: Measures) -> Pages:
    """Return the application for everything but the busy endpoints."""
    probed = Probed()

    async def healthz(request: Request) -> Response:
        return _json(200, {"alive": True})

    async def readyz(request: Request) -> Response:
        return await _readiness(desk, probed, tells=may_read(desk, request.scope[HEAD]))

    async def metrics(request: Request) -> Response:
        return Response(await asyncio.to_thread(measures.text), media_type=METRICS_TYPE)

    async def openapi(request: Request) -> Response:
        return _json(200, document(_seen(desk, request), keys=desk.keyring.required, limits=desk.limits))

    async def docs(request: Request) -> Response:
        seen, base = _seen(desk, request), str(request.base_url).rstrip("/")
        page = landing(seen, base, keys=desk.keyring.required, limits=desk.limits)
        return HTMLResponse(page, headers={"content-security-policy": STYLE_POLICY})

    async def models(request: Request) -> Response:
        seen = _seen(desk, request)
        cards = [model_card(service, seen) for service in seen.services.values()]
        return _json(200, {"models": cards})

    async def model(request: Request) -> Response:
        return _json(200, model_card(served(desk, request.path_params["name"]), desk.routes, fields=True))

    endpoints = (healthz, readyz, metrics, openapi, docs, models, model)
    routes = [Route(path, endpoint) for path, endpoint in zip(QUIET, endpoints, strict=True)]
    routes += foreign_routes(desk, lambda: _readiness(desk, probed, tells=False))
    app = Starlette(
        routes=routes, exception_handlers={HTTPException: _refused, MainstayError: _unknown, Exception: _failed}
    )
    app.router.redirect_slashes = False
    return _with_headers(app)


def _seen(desk: Desk, request: Request) -> Routes:
    """Return the routes that a caller may know of: all of them, or those of the models that the key opens."""
    models = request.scope[CALLER].models
    if not models:
        return desk.routes
    services = {name: service for name, service in desk.routes.services.items() if name in models}
    known = tuple(name for name in desk.routes.models if name in models)
    return replace(desk.routes, services=services, models=known)


def resting(routes: Routes) -> list[str]:
    """Say which packed models are not asked for now: the brief's fallback answers meanwhile."""
    states = model_states(routes).items()
    return [f"the model of {m}/{routes.services[m].version} {state}" for m, state in states if state != "works"]


async def _readiness(desk: Desk, probed: Probed, *, tells: bool) -> Response:
    """Say whether we are ready; which versions answer, and what is wrong, only where it `tells`."""
    if probed.at_us is None or ticks_us() - probed.at_us > PROBE_EVERY_US:
        probed.problem, probed.at_us = await asyncio.to_thread(disk_problem, desk.home), ticks_us()
    routes = desk.routes
    problems = [
        *routes.problems.values(),
        *resting(routes),
        *[p for p in (probed.problem, desk.ledger_problem) if p],
    ]
    if not routes.services:
        problems.append("no version is deployed: mainstay deploy MODEL/N")
    ready = bool(routes.services) and probed.problem is None
    live = {name: service.version for name, service in routes.services.items()}
    document = {"ready": ready, "live": live if tells else {}, "problems": problems if tells else []}
    return _json(200 if ready else 503, document)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 405:
        allow = (error.headers or {}).get("allow", (error.headers or {}).get("Allow", "GET, HEAD"))
        what = f"{request.method[:20]} is not what {request.url.path[:100]} answers to"
        return _problem(request, 405, "method", what, remedy=f"Use {allow}.", headers={"allow": allow})
    paths = [route.path for route in request.app.routes if isinstance(route, Route)]
    near = get_close_matches(request.url.path[:100], paths, n=1)
    remedy = f"Did you mean {near[0]}?" if near else "What there is: /openapi.json, /docs."
    return _problem(request, error.status_code, "unknown-path", f"there is no {request.url.path[:100]}", remedy=remedy)


async def _unknown(request: Request, error: Exception) -> Response:
    if not isinstance(error, MainstayError):
        raise error
    status, code = (404, "unknown-model") if isinstance(error, NotFound) else (503, "not-deployed")
    return _problem(request, status, code, error.what, remedy=error.remedy)


async def _failed(request: Request, error: Exception) -> Response:
    return _translated(request, own_fault(error, request.scope[HEAD]))


def _json(status: int, content: object) -> Response:
    return Response(json_reply(status, content).body, status, media_type="application/json")


def _problem(
    request: Request, status: int, code: str, what: str, *, remedy: str, headers: Mapping[str, str] | None = None
) -> Response:
    return _translated(request, problem(status, code, what, remedy=remedy), headers)


def _translated(request: Request, reply: Reply, headers: Mapping[str, str] | None = None) -> Response:
    said = translated(reply, dialect_of(request.url.path))
    return Response(said.body, said.status, headers, media_type="application/json")


def _with_headers(app: App) -> Pages:
    """Give every reply the headers that all replies carry, where it has not set them itself, and tell its status."""

    async def with_headers(scope: Scope, receive: Receive, send: Send) -> int:
        statuses = []

        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name for name, _ in message["headers"]}
                more = [(name, value) for name, value in SAFE if name not in there]
                message["headers"] = [*message["headers"], *more, *scope[CARRIED]]
                statuses.append(message["status"])
            await send(message)

        with suppress(Exception):  # it was answered and noted by `_failed`; the server need not hear of it
            await app(scope, receive, send_more)
        return statuses[-1] if statuses else GONE

    return with_headers
