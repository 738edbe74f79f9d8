"""The application without a server: requests as ASGI messages, for what would take too long over a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mainstay.interfaces.http.app import App
from mainstay.interfaces.http.reply import Message
from mainstay.interfaces.http.settings import Front, Settings

PLAIN = Front()


@dataclass(frozen=True)
class Got:
    """A reply as a caller would see it; status 0 is no reply."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Inside:
    """A running application; `ask` sends one request to it."""

    app: App
    runner: asyncio.Runner

    def ask(self, method: str, path: str, pieces: list[bytes], headers: Mapping[str, str] | None = None) -> Got:
        return self.runner.run(ask(self.app, method, path, pieces, headers or {}))


@contextmanager
def running(folder: Path, front: Front = PLAIN) -> Iterator[Inside]:
    """Run the application over the home in a folder."""
    app = App(Settings(folder=str(folder), front=front))
    told: asyncio.Queue[Message] = asyncio.Queue()
    said: asyncio.Queue[Message] = asyncio.Queue()
    with asyncio.Runner() as runner:

        async def start() -> asyncio.Future[None]:
            living = asyncio.ensure_future(app({"type": "lifespan"}, told.get, said.put))
            await told.put({"type": "lifespan.startup"})
            assert (await said.get())["type"] == "lifespan.startup.complete"
            return living

        async def end() -> None:
            await told.put({"type": "lifespan.shutdown"})
            assert (await said.get())["type"] == "lifespan.shutdown.complete"
            await living

        living = runner.run(start())
        yield Inside(app, runner)
        runner.run(end())


def scope_of(method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """A request as a server would tell of it."""
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 9999),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }


async def ask(app: App, method: str, path: str, pieces: list[bytes], headers: Mapping[str, str]) -> Got:
    scope = scope_of(method, path, headers)
    coming = [
        {"type": "http.request", "body": piece, "more_body": i < len(pieces) - 1} for i, piece in enumerate(pieces)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    if not sent:
        return Got(0, {}, b"")
    body = b"".join(message.get("body", b"") for message in sent[1:])
    headers_back = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Got(sent[0]["status"], headers_back, body)
