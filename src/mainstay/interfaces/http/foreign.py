"""What is quiet of other protocols: the Open Inference Protocol's health and metadata, MLflow's ping."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mainstay.interfaces.http.reply import json_reply
from mainstay.workflows.infer import metadata, served_version
from mainstay.workflows.serve import Desk, Service

VERSION = version("mainstay")
SERVER: dict[str, Any] = {"name": "mainstay", "version": VERSION, "extensions": ["binary_tensor_data"]}


def foreign_routes(desk: Desk, readiness: Callable[[], Awaitable[Response]]) -> list[Route]:
    """Return the quiet routes of other protocols; `readiness` is what `/readyz` answers."""

    async def server(request: Request) -> Response:
        return _json(200, SERVER)

    async def live(request: Request) -> Response:
        return _json(200, {"live": True})

    async def ready(request: Request) -> Response:
        status = (await readiness()).status_code
        return _json(status, {"ready": status == 200})

    async def model_metadata(request: Request) -> Response:
        return _json(200, metadata(_named(desk, request)))

    async def model_ready(request: Request) -> Response:
        return _json(200, {"name": _named(desk, request).model, "ready": True})

    async def ping(request: Request) -> Response:
        return PlainTextResponse("\n", (await readiness()).status_code)

    async def told_version(request: Request) -> Response:
        return PlainTextResponse(VERSION)

    model = "/v2/models/{name}"
    answers = {
        "/v2": server,
        "/v2/health/live": live,
        "/v2/health/ready": ready,
        model: model_metadata,
        f"{model}/ready": model_ready,
        f"{model}/versions/{{version}}": model_metadata,
        f"{model}/versions/{{version}}/ready": model_ready,
        "/ping": ping,
        "/health": ping,
        "/version": told_version,
    }
    return [Route(path, answer) for path, answer in answers.items()]


def _named(desk: Desk, request: Request) -> Service:
    return served_version(desk, request.path_params["name"], request.path_params.get("version"))


def _json(status: int, content: object) -> Response:
    return Response(json_reply(status, content).body, status, media_type="application/json")
