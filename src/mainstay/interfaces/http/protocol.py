"""uvicorn's reading of HTTP, with bounds on all that is not a body: in size, and for a head in time.

A head or trailers without an end would fill memory, a head that never comes would hold a connection for ever.
An upgrade to another protocol is not offered: such a request is read as if it had not asked for one.
"""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mainstay.domain.limits import LIMITS, Limits
from mainstay.interfaces.http.orderly import Stopping

MAX_OUTSIDE = 65_536  # bytes of trailers and chunk extensions in one request
FRAMING = 20  # bytes that each chunk may take without being counted: its length and two ends of line
CLOSING = (b"connection", b"close")
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
FULL = b'{"error":{"code":"too-busy","what":"too many connections at once","remedy":"Try again in a second."}}'
TOO_MANY = (
    b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\nconnection: close\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(FULL), FULL)
)


class BoundedProtocol(HttpToolsProtocol):
    """One connection. What goes on beyond a bound is refused, and the connection closed."""

    limits = LIMITS
    in_head = False
    in_body = False
    n_head_bytes = 0
    n_outside = 0
    counts = False  # the piece that is being read began within the body that it goes on with
    head_timer: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Expect a first head soon; of too many connections the newest is told to come again."""
        super().connection_made(transport)  # type: ignore[arg-type]
        if len(self.connections) > self.limits.connections:
            self.transport.write(TOO_MANY)
            self.transport.close()
        else:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._stop_expecting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to count."""
        self.in_head, self.in_body, self.counts = True, False, False
        self.n_head_bytes = self.n_outside = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; trailers, which come after the body, are nobody's business here."""
        if self.in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop counting the head: the body has bounds of its own."""
        self.in_head, self.in_body = False, True
        self._stop_expecting()
        if self._is_upgrade():
            return
        last = isinstance(self.server_state, Stopping) and self.server_state.is_stopping
        if last:
            self.headers.append(CLOSING)  # older versions of uvicorn say so only to who has asked for it
        super().on_headers_complete()
        if last:
            self.cycle.keep_alive = False

    def on_chunk_header(self) -> None:
        """Do not count what every chunk needs."""
        if self.counts:
            self.n_outside -= FRAMING

    def on_body(self, body: bytes) -> None:
        """Do not count the body."""
        if self.counts:
            self.n_outside -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop counting."""
        self.in_body = self.counts = False
        if not self._is_upgrade():
            super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Read what came, unless the head was going on for too long already."""
        if self.in_head:
            self.n_head_bytes += len(data)
            if self.n_head_bytes > self.limits.head_bytes:
                self._refuse()
                return
        self.counts = self.in_body
        self.n_outside += len(data) if self.counts else 0
        self._read(data)
        if self.in_body and self.n_outside > MAX_OUTSIDE:
            self._refuse()
        elif self.in_head or (not self.in_body and self._is_answered() and self.timeout_keep_alive_task is None):
            self._expect_head()

    def _read(self, data: bytes) -> None:
        """Parse; a request that asks for an upgrade is parsed again without the asking."""
        self._unset_keepalive_if_required()
        left = memoryview(data)
        try:
            while left:
                try:
                    self.parser.feed_data(left)
                    return
                except httptools.HttpParserUpgrade as upgrade:
                    if not self._is_upgrade():
                        return  # CONNECT: what follows is for nobody
                    left = left[upgrade.args[0] :]
                    self._begin_without_upgrade()
        except httptools.HttpParserError:
            self.logger.warning("Invalid HTTP request received.")
            self.send_400_response("Invalid HTTP request received.")

    def _is_upgrade(self) -> bool:
        """Say whether the parser takes the body of this request for another protocol's bytes."""
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

    def _begin_without_upgrade(self) -> None:
        """Give the head just read to a new parser, without its upgrade; the body is read by that one."""
        line = b"%s %s HTTP/%s\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        kept = [b"%s: %s\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self.parser.feed_data(b"".join((line, *kept, b"\r\n")))

    def _is_answered(self) -> bool:
        """Say whether nothing is left to answer."""
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self) -> None:
        """Close; say why, where that cannot be taken for the answer to another request, or a part of one."""
        unanswered = self.in_body and not self.cycle.response_started and not self.pipeline
        if not self.transport.is_closing() and (unanswered or (self.in_head and self._is_answered())):
            self.transport.write(TOO_LARGE)
        self.transport.close()

    def _expect_head(self) -> None:
        if self.head_timer is None and not self.transport.is_closing():
            self.head_timer = self.loop.call_later(self.limits.head_s, self._head_is_late)

    def _stop_expecting(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    def _head_is_late(self) -> None:
        """Close, unless an answer is under way: until it has gone, nothing more is read."""
        self.head_timer = None
        if self._is_answered():
            self.transport.close()
        else:
            self._expect_head()


def bounded(limits: Limits) -> type[BoundedProtocol]:
    """Return the protocol with limits of its own."""
    return type("BoundedProtocol", (BoundedProtocol,), {"limits": limits})
