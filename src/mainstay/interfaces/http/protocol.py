"""uvicorn's reading of HTTP, with bounds on all that is not a body: in size, and for a head in time.

A head or trailers without an end would fill memory, a head that never comes would hold a connection for ever.
An upgrade to another protocol is not offered: such a request is read as if it had not asked for one.

A POST that has come whole once the piece that it begins in is read, and that nothing is to be waited for, is answered
there and then: neither a task nor a body's queue is made for it.
"""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle
from collections.abc import Sequence
from typing import Protocol

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mainstay.domain.limits import LIMITS, Limits
from mainstay.interfaces.http.at_once import Whole
from mainstay.interfaces.http.orderly import Stopping
from mainstay.interfaces.http.request import Target

MAX_OUTSIDE = 65_536  # bytes of trailers and chunk extensions in one request
FRAMING = 20  # bytes that each chunk may take without being counted: its length and two ends of line
CLOSING = (b"connection", b"close")
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
FULL = b'{"error":{"code":"too-busy","what":"too many connections at once","remedy":"Try again in a second."}}'
TOO_MANY = (
    b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\nconnection: close\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(FULL), FULL)
)


class Answers(Protocol):
    """What answers whole requests at once."""

    def target(self, url: bytes, /) -> Target | None:
        """Return what a POST to an address asks for; None where it has to be read with care."""
        ...

    def at_once(self, url: bytes, target: Target, given: Sequence[tuple[bytes, bytes]], body: bytes, /) -> Whole | None:
        """Answer; None, with nothing done, where it has to be read with care after all."""
        ...


class BoundedProtocol(HttpToolsProtocol):
    """One connection. What goes on beyond a bound is refused, and the connection closed."""

    limits = LIMITS
    answers: Answers | None = None
    asked: Target | None = None  # of the request being read, while it may be answered at once
    pieces: list[bytes]  # of its body
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
        self.asked, self.pieces = None if last else self._asked_at_once(), []
        if self.asked is None:
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
        if self.asked is None:
            super().on_body(body)
        else:
            self.pieces.append(body)

    def on_message_complete(self) -> None:
        """Stop counting."""
        self.in_body = self.counts = False
        if self.asked is not None and self._answered_at_once(self.asked):
            return
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
        if self.asked is not None and not self.transport.is_closing():
            self._go_the_long_way()
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

    def _asked_at_once(self) -> Target | None:
        """Return what is asked for, where it may be answered as soon as the body has come."""
        if self.answers is None or self.parser.get_method() != b"POST" or self.expect_100_continue:
            return None
        plain = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
        if not plain or not self._is_answered() or self.flow.write_paused or self.transport.is_closing():
            return None
        return self.answers.target(self.url)

    def _answered_at_once(self, target: Target) -> bool:
        """Answer, where that can be done at once."""
        assert self.answers is not None
        whole = self.answers.at_once(self.url, target, self.headers, b"".join(self.pieces))
        if whole is None:
            self._go_the_long_way()
            return False
        self.asked = None
        lines = [STATUS_LINE[whole.status]]
        for name, value in (*self.server_state.default_headers, *whole.headers):
            lines += (name, b": ", value, b"\r\n")
        self.transport.write(b"".join((*lines, b"\r\n", whole.body)))
        if CLOSING in whole.headers:
            self.transport.close()
        self.on_response_complete()
        return True

    def _go_the_long_way(self) -> None:
        """Begin what is not to be answered at once, with what has come of its body."""
        self.asked = None
        super().on_headers_complete()
        for piece in self.pieces:
            super().on_body(piece)

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


def bounded(limits: Limits, answers: Answers | None = None) -> type[BoundedProtocol]:
    """Return the protocol with limits of its own, and what answers whole requests at once."""
    return type("BoundedProtocol", (BoundedProtocol,), {"limits": limits, "answers": answers})
