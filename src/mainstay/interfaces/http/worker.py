"""One worker, which the supervisor starts and watches."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

import uvicorn

from mainstay.interfaces.http.app import App
from mainstay.interfaces.http.orderly import OrderlyServer
from mainstay.interfaces.http.protocol import bounded
from mainstay.interfaces.http.settings import GRACE_S, Settings
from mainstay.interfaces.logs import begin_logging

KEEP_ALIVE_S = 75  # longer than callers' pools keep a connection: they should be the ones to close it


def run(settings: Settings) -> None:
    """Answer on the socket that the supervisor opened, until told to stop."""
    begin_logging(settings.front.log_format)
    os.set_blocking(1, False)  # a supervisor that has stopped reading must not stop us
    app = App(settings, beat=_beat)
    config = uvicorn.Config(
        app,
        http=bounded(settings.front.limits, app),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=settings.front.tls_cert or None,
        ssl_keyfile=settings.front.tls_key or None,
    )
    OrderlyServer(config).run(sockets=[socket.socket(fileno=settings.socket)])


def _beat() -> None:
    with suppress(OSError):  # nobody listens, or not now
        os.write(1, b".")
