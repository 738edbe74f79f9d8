"""W3C trace context: a caller's trace goes on through the service, which adds a span of its own."""

from __future__ import annotations

import os
import re

# version, trace, the caller's span, flags; a later version than 00 may bring more after a hyphen
TRACEPARENT = re.compile(rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?")
TRACE = slice(3, 35)  # where the trace's id is in what `continued` returns


def continued(traceparent: bytes) -> bytes:
    """Return the `traceparent` of our part of a caller's trace, with a new span; b"" where the caller's is none.

    >>> continued(b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")[:36]
    b'00-0af7651916cd43dd8448eb211c80319c-'
    >>> continued(b"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")
    b''
    """
    match = TRACEPARENT.fullmatch(traceparent)
    if match is None or (match[1] == b"00" and match[4] is not None):
        return b""
    return b"00-%s-%s-%02x" % (match[2], os.urandom(8).hex().encode(), int(match[3], 16) & 1)
