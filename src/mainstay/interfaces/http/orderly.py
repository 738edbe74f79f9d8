"""Stopping in good order: what was accepted is answered, and who holds a connection open is told to take another.

uvicorn closes idle connections at once when it stops, also those on which a request is just arriving, and leaves what
waits to be accepted to be reset. Here the last are accepted, every answer from then on says `connection: close`, and
connections that stay idle are closed only after a while.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import uvicorn
from uvicorn.server import ServerState

LINGER_S = 1.0  # how long an idle connection may bring one more request; callers in need of another come sooner
LOOK_S = 0.02
MOST_WAITING = 4096  # connections accepted at the end; no queue of a listening socket is longer here


class Stopping(ServerState):
    """What the connections of a worker share; once it `is_stopping` each of them has one more answer to give."""

    is_stopping = False


class OrderlyServer(uvicorn.Server):
    """uvicorn's server, stopping in good order."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.server_state: Stopping = Stopping()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: accept the last, answer what comes, let go."""
        self.server_state.is_stopping = True
        waiting = self._close_listeners(sockets or [])
        for each in waiting:
            with suppress(OSError):  # it has gone again
                await self._take(each)
        for _ in range(round(LINGER_S / LOOK_S)):  # turns, not time: on a busy machine what has come is read first
            if not self.server_state.connections:
                break
            await asyncio.sleep(LOOK_S)
        await super().shutdown([])

    def _close_listeners(self, sockets: list[socket.socket]) -> list[socket.socket]:
        """Stop listening, and return the connections that were waiting to be accepted."""
        kept = [listener.dup() for listener in sockets]  # closing the server closes its own
        for server in self.servers:
            server.close()
        for listener in sockets:
            listener.close()
        waiting: list[socket.socket] = []
        for listener in kept:
            listener.setblocking(False)
            with suppress(OSError):  # none is left
                while len(waiting) < MOST_WAITING:
                    waiting.append(listener.accept()[0])
            listener.close()
        return waiting

    async def _take(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        connection.setblocking(False)

        def protocol() -> asyncio.Protocol:
            made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
                config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=loop
            )
            return made

        await loop.connect_accepted_socket(protocol, connection, ssl=self.config.ssl)
