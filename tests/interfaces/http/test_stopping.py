"""Stopping under load: every request on an open connection is answered, and every answer is journalled once."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.interfaces.http.homes import ROW, new_home
from tests.interfaces.http.services import Options, read_reply, serving, stop, until
from tests.interfaces.http.spools import journalled

from mainstay.interfaces.http.orderly import LINGER_S

DECIDE = "/v1/models/credit/decide"


class Loyal:
    """Callers that keep their connections for as long as they are let, and note how each request ended."""

    def __init__(self, port: int, *, n: int = 4) -> None:
        self.answered: list[str] = []
        self.lost: list[str] = []  # sent on a connection that had just been answered on, and not answered
        self.refused = 0  # no connection to be had
        self.closings = 0  # answers that asked for another connection
        self._port = port
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(who,)) for who in range(n)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _call(self, who: int) -> None:
        connection, answered_at = HTTPConnection("127.0.0.1", self._port, timeout=30), 0.0
        for i in range(1_000_000):
            if self._done.is_set():
                break
            own_id = f"{who}-{i}"
            fresh = connection.sock is None
            if fresh:
                try:
                    connection.connect()
                except OSError:
                    self.refused += 1
                    time.sleep(0.01)
                    continue
            is_late = not fresh and time.monotonic() - answered_at > LINGER_S / 2  # idle: it may be closed any time
            try:
                connection.request("POST", DECIDE, json.dumps({"rows": [ROW], "ids": [own_id]}))
                reply = connection.getresponse()
                reply.read()
            except (OSError, HTTPException):
                connection.close()
                if not is_late:
                    self.lost.append(own_id)
                continue
            answered_at = time.monotonic()
            assert reply.status == 200
            self.answered.append(own_id)
            self.closings += reply.getheader("connection") == "close"
        connection.close()


def test_workers_and_then_the_service_stop_under_load_and_no_request_is_left_without_its_answer(tmp_path: Path) -> None:
    new_home(tmp_path)
    with serving(tmp_path, Options(workers=2)) as running:
        callers = Loyal(running.port)
        callers.start()
        try:
            for _ in range(2):
                before = running.children()
                n_answered = len(callers.answered)
                until(lambda n=n_answered: len(callers.answered) > n + 50)  # type: ignore[misc]
                os.kill(before[0], signal.SIGTERM)
                until(lambda old=before: len(running.children()) == 2 and old[0] not in running.children())  # type: ignore[misc]
            n_answered = len(callers.answered)
            until(lambda: len(callers.answered) > n_answered + 50)
            assert (callers.lost, callers.refused) == ([], 0), "while one worker stops, the other answers"
            assert callers.closings > 0
            running.process.send_signal(signal.SIGTERM)
            until(lambda: callers.refused > 0)
        finally:
            callers.end()
        assert stop(running.process) == 0
    assert callers.lost == []
    kept = Counter(journalled(tmp_path))
    assert set(kept.values()) == {1}
    assert set(callers.answered) == kept.keys()
    assert not [line for line in running.logged if "Traceback" in line or "did not stop" in line]


def test_what_waits_to_be_accepted_is_answered_too(tmp_path: Path) -> None:
    """A worker that is busy for a moment, with callers in the queue, is told to stop."""
    new_home(tmp_path)
    body = json.dumps({"rows": [ROW]}).encode()
    head = f"POST {DECIDE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with serving(tmp_path) as running:
        (worker,) = running.children()
        os.kill(worker, signal.SIGSTOP)
        waiting = [running.connect() for _ in range(20)]
        for connection in waiting:
            connection.sendall(head + body)
        os.kill(worker, signal.SIGTERM)
        os.kill(worker, signal.SIGCONT)
        for connection in waiting:
            status, _ = read_reply(connection)
            assert status == 200
            connection.close()
    assert len(journalled(tmp_path)) == 20


def test_an_idle_connection_has_one_more_answer_and_is_then_closed(tmp_path: Path) -> None:
    new_home(tmp_path)
    asks = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serving(tmp_path) as running:
        with running.connect() as used, running.connect() as idle:
            for connection in (used, idle):
                connection.sendall(asks)
                assert read_reply(connection)[0] == 200
            running.process.send_signal(signal.SIGTERM)
            replies = [_exchange(used, asks)]
            while b"connection: close" not in replies[-1]:  # told to stop, but not yet stopping
                replies.append(_exchange(used, asks))
            assert _ended(used)
            assert _ended(idle)
        assert stop(running.process) == 0


def _exchange(connection: socket.socket, asks: bytes) -> bytes:
    connection.sendall(asks)
    data = b""
    while not data.endswith(b'{"alive":true}'):
        more = connection.recv(65_536)
        assert more, "closed without an answer, or without having said so"
        data += more
    return data


def _ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True
