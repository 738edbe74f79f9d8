"""uvicorn's reading of HTTP, with a bound on what comes before the body: a head without an end would fill memory."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 65_536  # bytes of request line and headers; proxies allow 8 to 32 kB
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """One connection. A head that goes on beyond the bound is refused, and the connection closed."""

    in_head = False
    n_head_bytes = 0

    def on_message_begin(self) -> None:
        """Begin to count."""
        self.in_head, self.n_head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop counting: the body has bounds of its own."""
        self.in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read what came, unless the head was going on for too long already."""
        if self.in_head:
            self.n_head_bytes += len(data)
            if self.n_head_bytes > MAX_HEAD:
                self.transport.write(TOO_LARGE)
                self.transport.close()
                return
        super().data_received(data)
