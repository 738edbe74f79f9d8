"""A typed client of the service, on the standard library alone: copy this file anywhere, or import it.

Every request may be repeated: `decide` gives each row an id where you give none, and the same id with the same row is
one decision. So a lost connection, 429 and 503 are tried again, after as long as the service asks for.

    client = Client("http://127.0.0.1:8080", "credit", key="…")
    for answer in client.decide([{"age": 50}], ids=["a-1"]):
        print(answer.decision if isinstance(answer, Answer) else answer.fault.wanted)
    client.outcomes([{"id": "a-1", "outcome": "yes"}])
"""

from __future__ import annotations

import json
import math
import ssl
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

RETRIED = frozenset({429, 502, 503, 504})
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
MAX_SHOWN = 200  # characters of a reply that is no JSON, shown in an error

Row = Mapping[str, object]
T = TypeVar("T")


@dataclass(frozen=True)
class Warned:
    """Something remarkable in one field of a row that was answered: a stable code, what came, what was used."""

    field: str
    code: str
    got: Any = None
    used: Any = None
    nearest: str | None = None


@dataclass(frozen=True)
class Fault:
    """Why a row, an outcome or an action was refused; `row` is its place in the request, from 0."""

    row: int
    code: str
    wanted: str
    field: str | None = None
    got: Any = None
    example: Any = None
    id: str | None = None
    also: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Answer:
    """One row's answer: act on `decision`, or on `score` where there is none. Keep `id` for outcomes and actions.

    `score` is a probability or an amount, or of several classes the probability of each, by name; None where the model
    could not score the row. `version` is there where another version gave the answer earlier. `reasons` and `instead`
    are as the contract (`/openapi.json`) describes them, where they were asked for.
    """

    id: str | None
    score: float | Mapping[str, float] | None
    threshold: float | None
    decision: str | None
    arm: str
    warnings: tuple[Warned, ...] = ()
    version: int | None = None
    repeated: bool = False
    reasons: Mapping[str, Any] | None = None
    instead: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Unanswered:
    """One row that was refused, in the place of its answer."""

    id: str | None
    fault: Fault


@dataclass(frozen=True)
class Answers:
    """One entry for each row, in order, by the version named."""

    model: str
    version: int
    entries: tuple[Answer | Unanswered, ...]

    def __iter__(self) -> Iterator[Answer | Unanswered]:
        """Go through the entries in order."""
        return iter(self.entries)

    def __len__(self) -> int:
        """How many rows there were."""
        return len(self.entries)


@dataclass(frozen=True)
class Taken:
    """How many outcomes or actions were taken, what was refused and why, and what is remarkable, by place."""

    accepted: int
    refused: int
    errors: tuple[Fault, ...] = ()
    warnings: tuple[Mapping[str, Any], ...] = ()


class CallError(Exception):
    """The service refused the whole request: status, a stable code, what was wrong, what to do next."""

    def __init__(self, status: int, code: str, what: str, *, remedy: str = "", request_id: str = "") -> None:
        super().__init__(f"{what}. {remedy}".strip() + f" ({status} {code}{f', {request_id}' if request_id else ''})")
        self.status, self.code, self.what, self.remedy, self.request_id = status, code, what, remedy, request_id


class Unreachable(CallError):
    """No reply came, however often it was tried. What was sent may have been taken: send the same ids again."""


@dataclass(frozen=True)
class Client:
    """Calls one model of a service. `url` is its address, `key` the key that opens it, where there are keys.

    `attempts` is how often a request is sent at most, `timeout_s` how long a reply is waited for; `tls` is for a
    service with a certificate of one's own. Threads may share a client; each has its own connection.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    attempts: int = 4
    timeout_s: float = 30.0
    tls: ssl.SSLContext | None = None
    _lines: threading.local = field(default_factory=threading.local, init=False, repr=False, compare=False)

    def decide(
        self,
        rows: Sequence[Row],
        *,
        ids: Sequence[str | int | None] | None = None,
        expected_version: int | str | None = None,
        explain: bool = False,
        dry_run: bool = False,
    ) -> Answers:
        """Decide rows. Ids are made where none are given, so that a repeat of the request is no new decision.

        With `expected_version` another version does not answer (`CallError`, 409); with `explain` each answer has its
        reasons; with `dry_run` nothing is kept.
        """
        given = ids if ids is not None else [None] * len(rows)
        own = given if dry_run else [str(uuid.uuid4()) if each is None else each for each in given]
        asked = {"expected_version": expected_version, "explain": explain or None, "dry_run": dry_run or None}
        return self._decided("decide", {"rows": [_plain(row) for row in rows], "ids": own} | _there(asked))

    def explain(self, rows: Sequence[Row]) -> Answers:
        """Say why rows would be decided as they would; nothing is kept."""
        return self._decided("explain", {"rows": [_plain(row) for row in rows]})

    def outcomes(self, items: Sequence[Mapping[str, Any]]) -> Taken:
        """Say what really happened: items with `id`, `outcome` and, where it is not now, `happened_at`."""
        return self._told("outcomes", items)

    def actions(self, items: Sequence[Mapping[str, Any]]) -> Taken:
        """Say what was done: items with `id`, `action` and, where known, `by` and `at`."""
        return self._told("actions", items)

    def card(self) -> Mapping[str, Any]:
        """Return what the service says of the model: version, threshold, decisions, fields, an example."""
        card: Mapping[str, Any] = self._call("GET", "", None)
        return card

    def _decided(self, endpoint: str, body: Mapping[str, Any]) -> Answers:
        said = self._call("POST", f"/{endpoint}", body)
        return Answers(said["model"], said["version"], tuple(_entry(entry) for entry in said["decisions"]))

    def _told(self, endpoint: str, items: Sequence[Mapping[str, Any]]) -> Taken:
        said = self._call("POST", f"/{endpoint}", {endpoint: [_plain(item) for item in items]})
        return Taken(
            said["accepted"], said["refused"], tuple(map(_fault, said["errors"])), tuple(said.get("warnings", ()))
        )

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        """Ask until there is a reply that is not asked to be tried again; return its JSON, or raise `CallError`."""
        sent = None if body is None else json.dumps(body, allow_nan=False).encode()
        where = f"{urlsplit(self.url).path.rstrip('/')}/v1/models/{quote(self.model, safe='')}{path}"
        pause_s = FIRST_PAUSE_S
        for left in reversed(range(max(1, self.attempts))):
            try:
                status, headers, said = self._ask(method, where, sent)
            except (OSError, HTTPException) as error:
                self._hang_up()
                if not left:
                    what = f"{self.url} does not answer: {error or type(error).__name__}"
                    raise Unreachable(
                        0, "unreachable", what, remedy="Send the same again, with the same ids."
                    ) from error
            else:
                if status not in RETRIED or not left or b'"decisions"' in said:
                    return _whole(status, headers, said)
                pause_s = max(pause_s, _seconds(headers.get("retry-after")))
            time.sleep(min(pause_s, LONGEST_PAUSE_S))
            pause_s *= 2
        raise AssertionError("every attempt returns, raises or is followed by another")

    def _ask(self, method: str, where: str, sent: bytes | None) -> tuple[int, Mapping[str, str], bytes]:
        line = getattr(self._lines, "open", None)
        if line is None:
            line = self._lines.open = self._connect()
        headers = {"accept": "application/json", "content-type": "application/json"}
        if self.key is not None:
            headers["authorization"] = f"Bearer {self.key}"
        line.request(method, where, sent, headers)
        reply = line.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()

    def _connect(self) -> HTTPConnection:
        parts = urlsplit(self.url)
        if parts.hostname is None or parts.scheme not in ("http", "https"):
            raise CallError(0, "address", f"{self.url!r} is no address", remedy="Write it as http://HOST:PORT.")
        if parts.scheme == "https":
            context = self.tls or ssl.create_default_context()
            return HTTPSConnection(parts.hostname, parts.port, timeout=self.timeout_s, context=context)
        return HTTPConnection(parts.hostname, parts.port, timeout=self.timeout_s)

    def _hang_up(self) -> None:
        line = getattr(self._lines, "open", None)
        if line is not None:
            line.close()
            self._lines.open = None


def _whole(status: int, headers: Mapping[str, str], said: bytes) -> Any:
    """Return a reply that tells of rows or items, whatever became of them; raise what refuses the request."""
    try:
        document = json.loads(said)
    except ValueError:
        document = {}
    if status == 200 or "decisions" in document or "accepted" in document:
        return document
    error = document.get("error", {})
    what = error.get("what") or said[:MAX_SHOWN].decode(errors="replace")
    request_id = headers.get("x-request-id", "")
    raise CallError(status, error.get("code", "other"), what, remedy=error.get("remedy", ""), request_id=request_id)


def _entry(said: Mapping[str, Any]) -> Answer | Unanswered:
    if "error" in said:
        return Unanswered(said.get("id"), _fault(said["error"]))
    warnings = tuple(_made(Warned, warned) for warned in said.get("warnings", ()))
    return _made(Answer, {**said, "warnings": warnings})


def _fault(said: Mapping[str, Any]) -> Fault:
    return _made(Fault, {**said, "also": tuple(_fault(each) for each in said.get("also", ()))})


def _made(kind: type[T], said: Mapping[str, Any]) -> T:
    """Make a value of what is known of it; newer services may say more."""
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in said.items() if name in known})


def _plain(row: Row) -> dict[str, object]:
    """Return a row as JSON can say it: NaN is missing, moments are ISO texts."""
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _there(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}


def _seconds(text: str | None) -> float:
    return float(text) if text is not None and text.isdigit() else 0.0
