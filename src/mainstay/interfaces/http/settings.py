"""How the service was started: what the supervisor and its workers agree on."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from mainstay.domain.errors import Asked
from mainstay.domain.limits import LIMITS, Limits

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"  # where workers keep their counters, so that any of them can add them up

GRACE_S = 10  # seconds that requests being answered get when the service stops


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """How the service meets its callers, and tells of them.

    `insecure_host` lets it answer beyond this machine without keys; pages of these `origins` may call it; `tls_cert`
    and `tls_key` are files ("": none).
    """

    insecure_host: bool = False
    origins: tuple[str, ...] = ()
    tls_cert: str = ""
    tls_key: str = ""
    log_format: str = "text"
    access_log: bool = False
    limits: Limits = LIMITS


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker needs to know.

    `folder` is the project's, `socket` the descriptor of the listening socket, `parent` the process that started us,
    `rates` the file of all keys' buckets ("": none is shared).
    """

    folder: str
    socket: int = -1
    parent: int = 0
    loopback: bool = True
    rates: str = ""
    front: Front = Front()


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


def parse_origin(text: str) -> str:
    """Read an origin as a browser sends it; raises `Asked`.

    >>> parse_origin("HTTPS://Shop.Example/")
    'https://shop.example'
    """
    try:
        parts = urlsplit(text.strip().lower().removesuffix("/"))
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or parts.path or parts.query or parts.fragment or parts.username is not None or "*" in text:
        remedy = "Name each one whole, such as https://shop.example or http://localhost:3000."
        raise Asked(f"{text[:80]!r} is no origin of a page", remedy=remedy)
    return f"{parts.scheme}://{parts.netloc}"
