"""How the service was started: what the supervisor and its workers agree on. The supervisor loads little else."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import msgspec

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"  # where workers keep their counters, so that any of them can add them up

GRACE_S = 10  # seconds that requests being answered get when the service stops
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        "mainstay": {"handlers": ["stderr"], "level": "INFO"},
        "uvicorn": {"handlers": ["stderr"], "level": "ERROR"},
    },
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker needs to know.

    `folder` is the project's, `socket` the descriptor of the listening socket, `parent` the process that started us.
    """

    folder: str
    socket: int = -1
    parent: int = 0
    loopback: bool = True


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine only.

    >>> is_loopback("localhost"), is_loopback("127.0.0.2"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
