"""Callers that give ids, send again what was not answered, and remember every answer they got."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

Row = dict[str, Any]
PATH = "/v1/models/credit/decide"
MOST_ROWS = 5
AGAIN_SHARE = 0.02  # of what was answered is sent once more, as a caller does whose own disk failed
PAUSE_S = 0.02
AGAIN_S = 0.1
PATIENCE_S = 120.0  # no harm lasts longer; a body unanswered for so long is lost


@dataclass
class Heard:
    """What all callers heard: of each acknowledged id its score and decision, and counts of all else."""

    answers: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    n_unreached: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


@contextmanager
def calling(port: int, rows: Sequence[Row], *, n_callers: int, seed: int) -> Iterator[Heard]:
    """Call from some threads for as long as this lasts; each finishes what it has begun."""
    heard, stopping = Heard(), threading.Event()
    args = [(port, rows, random.Random(seed + n), f"caller-{n}", heard, stopping) for n in range(n_callers)]
    threads = [threading.Thread(target=_call, args=each) for each in args]
    for thread in threads:
        thread.start()
    try:
        yield heard
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _call(
    port: int, rows: Sequence[Row], chance: random.Random, name: str, heard: Heard, stopping: threading.Event
) -> None:
    connection, n = HTTPConnection("127.0.0.1", port, timeout=30), 0
    while not stopping.is_set():
        some = chance.choices(rows, k=chance.randint(1, MOST_ROWS))
        ids = [f"{name}-{n + place}" for place in range(len(some))]
        n += len(some)
        for _ in range(2 if chance.random() < AGAIN_SHARE else 1):
            _until_answered(connection, some, ids, heard)
            time.sleep(PAUSE_S)


def _until_answered(connection: HTTPConnection, rows: Sequence[Row], ids: Sequence[str], heard: Heard) -> None:
    body, until = json.dumps({"rows": rows, "ids": ids}), time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            connection.request("POST", PATH, body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            text = reply.read()
        except (OSError, HTTPException):
            connection.close()
            with heard.lock:
                heard.n_unreached += 1
            time.sleep(AGAIN_S)
            continue
        with heard.lock:
            heard.statuses[reply.status] += 1
            if reply.status == 200:
                _remember(text, ids, heard)
        if reply.status not in (429, 503):
            return
        time.sleep(AGAIN_S)
    with heard.lock:
        heard.wrong["requests were never answered"] += 1


def _remember(text: bytes, ids: Sequence[str], heard: Heard) -> None:
    entries = json.loads(text)["decisions"]
    if [entry["id"] for entry in entries] != list(ids):
        heard.wrong["replies have other entries than rows"] += 1
    for entry in entries:
        if "decision" not in entry:
            heard.wrong[f"rows were refused ({entry['error']['code']})"] += 1
            continue
        said = entry["score"], entry["decision"]
        if heard.answers.setdefault(entry["id"], said) != said:
            heard.wrong["ids were answered twice, and differently"] += 1
