"""What surrounds a body on the wire: trailers, chunk extensions, offers of other protocols, heads that never come."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import uvicorn
from tests.interfaces.http.homes import ROW, new_home
from tests.interfaces.http.services import PATIENCE_S, Running, raw, read_reply, serving, until

from mainstay.domain.limits import Limits
from mainstay.interfaces.http.at_once import Whole
from mainstay.interfaces.http.protocol import BoundedProtocol, bounded
from mainstay.interfaces.http.reply import Receive, Scope, Send
from mainstay.interfaces.http.request import Target

BUSY = b"POST /v1/models/credit/decide HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = BUSY + b"Transfer-Encoding: chunked\r\n"
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
BODY = json.dumps({"rows": [ROW]}).encode()
WHOLE = b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
IN_CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
HEAD_S = 0.5


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("home")
    new_home(folder)
    with serving(folder) as running:
        yield running


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (b"2\r\n{}\r\n0\r\n", b"X1: 1\r\n" * 1000),
        (b"2\r\n{}\r\n0\r\nX1: ", b"1" * 7000),
        (b"2;a=", b"b" * 7000),
        (b"", (b"1;" + b"a" * 1000 + b"\r\n \r\n") * 7),
    ],
)
def test_what_surrounds_the_chunks_without_an_end_is_refused(service: Running, start: bytes, more: bytes) -> None:
    with service.connect() as connection:
        connection.sendall(CHUNKED + b"\r\n" + start)
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            connection.sendall(more * 10_000)


def test_the_refusal_says_why(service: Running) -> None:
    with service.connect() as connection:
        connection.sendall(CHUNKED + b"\r\n2\r\n{}\r\n0\r\n")
        time.sleep(0.2)  # what comes in one piece with the head is not counted
        connection.sendall(b"X1: 1234567890\r\n" * 4000)
        time.sleep(0.2)
        connection.sendall(b"X1: 1234567890\r\n" * 200)  # all is read: what is not would cut the refusal off
        assert read_reply(connection) == (431, b"")
        assert connection.recv(1) == b""


def test_trailers_are_read_and_change_nothing(service: Running) -> None:
    trailers = b"0\r\nOrigin: http://elsewhere\r\nContent-Encoding: gzip\r\n\r\n"
    assert raw(service, BUSY + IN_CHUNKS.removesuffix(b"0\r\n\r\n") + trailers)[0] == 200


def test_a_body_in_many_small_chunks_is_read(service: Running) -> None:
    padded = BODY + b" " * 200_000  # twenty times the bound in framing
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in padded)
    assert raw(service, CHUNKED + b"\r\n" + chunks + b"0\r\n\r\n")[0] == 200


@pytest.mark.parametrize("body", [WHOLE, IN_CHUNKS])
def test_an_offer_of_another_protocol_is_passed_over(service: Running, body: bytes) -> None:
    assert raw(service, BUSY + H2C + body)[0] == 200
    with service.connect() as connection:
        for piece in (BUSY + H2C[:40], H2C[40:] + body[:60], body[60:], BUSY + WHOLE, BUSY + H2C + body):
            connection.sendall(piece)
            time.sleep(0.05)
        assert _statuses(connection, 3) == [200, 200, 200]


def test_offers_are_passed_over_in_one_piece_too(service: Running) -> None:
    with service.connect() as connection:
        connection.sendall((BUSY + H2C + WHOLE + BUSY + WHOLE + BUSY + H2C + IN_CHUNKS) * 3)
        assert _statuses(connection, 9) == [200] * 9
    assert raw(service, b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n" + H2C + b"\r\n")[0] == 200


@pytest.mark.parametrize(
    "wish", [b"", b"Content-Type: text/csv\r\n", b"Origin: http://elsewhere\r\n", b"Connection: close\r\n"]
)
def test_what_comes_whole_and_what_comes_in_pieces_is_answered_alike(service: Running, wish: bytes) -> None:
    replies = []
    for cut in (len(BUSY + wish + WHOLE), len(BUSY + wish + WHOLE) - 9):
        with service.connect() as connection:
            request = BUSY + wish + b"X-Request-Id: r-1\r\n" + WHOLE
            connection.sendall(request[:cut])
            time.sleep(0.05)
            connection.sendall(request[cut:])
            head, _, body = _all_of(connection).partition(b"\r\n\r\n")
        told = json.loads(body)
        for decision in told.get("decisions", []):
            decision.pop("id")
        alike = (line for line in head.split(b"\r\n") if not line.startswith((b"date:", b"content-length:")))
        replies.append((sorted(alike), told))
    assert replies[0] == replies[1]


def _all_of(connection: socket.socket) -> bytes:
    data = b""
    while not (length := re.search(rb"content-length: (\d+)\r\n", data)) or len(data.partition(b"\r\n\r\n")[2]) < int(
        length[1]
    ):
        more = connection.recv(65_536)
        assert more, f"the connection ended after {data!r}"
        data += more
    return data


class Noting:
    """Answers at once with an empty object, and notes what was asked; what holds a `?` goes the long way."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def target(self, url: bytes) -> Target | None:
        return Target("decide", "m") if url == b"/now" else None

    def at_once(self, url: bytes, target: Target, given: object, body: bytes) -> Whole | None:
        self.bodies.append(body)
        return None if b"?" in body else Whole(200, [(b"content-length", b"%d" % SIZE)], b"n" * SIZE)


SIZE = 50_000
NOW = b"POST /now HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n"


def test_only_what_has_come_whole_and_can_be_answered_is_answered_at_once() -> None:
    answers = Noting()
    with _running(bounded(Limits(), answers)) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        whole, cut, odd = [NOW + b"one!"], [NOW, b"late"], [NOW + b"why?"]
        for pieces, at_once in ((whole, True), (cut, False), (odd, False), (whole, True)):
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(0.05)
            assert (len(read_reply(connection)[1]) == SIZE) is at_once
    assert answers.bodies == [b"one!", b"why?", b"one!"]


def test_who_does_not_read_the_answers_is_not_answered_without_end() -> None:
    answers = Noting()
    with _running(bounded(Limits(), answers)) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setblocking(False)
        with suppress(BlockingIOError):
            for _ in range(20_000):
                connection.send((NOW + b"one!") * 50)
        until(lambda: len(answers.bodies) > 10)
        time.sleep(0.3)
        assert len(answers.bodies) < 2_000  # a hundred megabytes; it would be millions


def _statuses(connection: socket.socket, n: int) -> list[int]:
    data = b""
    while data.count(b'"version":1') < n:
        more = connection.recv(65_536)
        assert more, f"the connection ended after {data!r}"
        data += more
    return [int(part[:3]) for part in data.split(b"HTTP/1.1 ")[1:]]


async def _late(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer after heads have become late."""
    await asyncio.sleep(0 if scope["path"] == "/" else 3 * HEAD_S)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def hasty() -> Iterator[int]:
    """The port of a server in this process that waits for heads for half a second only."""
    with _listening(Limits(head_s=HEAD_S)) as port:
        yield port


@contextmanager
def _listening(limits: Limits) -> Iterator[int]:
    with _running(bounded(limits)) as port:
        yield port


@contextmanager
def _running(protocol: type[BoundedProtocol]) -> Iterator[int]:
    config = uvicorn.Config(_late, http=protocol, lifespan="off", ws="none", timeout_keep_alive=75)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        until(lambda: server.started)
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("pieces", [[b""], [b"\r\n"], [GET[:-2]], [GET, b"\r\n"], [GET, GET[:-2]], [GET + GET[:-2]]])
def test_a_head_that_never_comes_is_not_waited_for(hasty: int, pieces: list[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", hasty), timeout=PATIENCE_S) as connection:
        for piece in pieces:
            connection.sendall(piece)
            if piece.startswith(GET):
                assert read_reply(connection) == (200, b"")
        assert connection.recv(1) == b""


def test_callers_between_requests_and_those_who_wait_for_an_answer_are_left_alone(hasty: int) -> None:
    with socket.create_connection(("127.0.0.1", hasty), timeout=PATIENCE_S) as connection:
        for request in (GET, GET.replace(b"/", b"/late", 1), GET):
            connection.sendall(request)
            assert read_reply(connection) == (200, b"")
            time.sleep(2 * HEAD_S)
        connection.sendall(GET.replace(b"/", b"/late", 1) + GET)
        assert read_reply(connection)[0] == 200


def test_of_too_many_connections_the_newest_is_told_to_come_again() -> None:
    with _listening(Limits(connections=2)) as port:
        address = ("127.0.0.1", port)
        first, second = (socket.create_connection(address, timeout=PATIENCE_S) for _ in range(2))
        with first, second:
            for connection in (first, second):
                connection.sendall(GET)
                assert read_reply(connection) == (200, b"")
            with socket.create_connection(address, timeout=PATIENCE_S) as third:
                status, body = read_reply(third)
                assert (status, json.loads(body)["error"]["code"]) == (429, "too-busy")
                assert third.recv(1) == b""
            second.close()
            until(lambda: _is_answered(address))


def _is_answered(address: tuple[str, int]) -> bool:
    with suppress(ConnectionError), socket.create_connection(address, timeout=PATIENCE_S) as connection:
        connection.sendall(GET)
        return read_reply(connection)[0] == 200
    return False
