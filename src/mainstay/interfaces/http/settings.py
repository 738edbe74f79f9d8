"""How the service was started: what the supervisor tells its workers."""

from __future__ import annotations

from ipaddress import ip_address

import msgspec

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"  # where workers keep their counters, so that any of them can add them up


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
