"""Webhooks: a letter as a CloudEvent 1.0 (structured, JSON), signed as Standard Webhooks says; standard library only.

The signature is the HMAC-SHA256 of `ID.TIMESTAMP.BODY` under the key that both sides know, in base64, behind `v1,`. A
receiver compares it, refuses what is older than five minutes, and takes each id once: docs/notifying.md shows how.
Sources: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md,
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import ssl
from datetime import datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from mainstay.domain.errors import Undelivered
from mainstay.domain.finding import signal_json
from mainstay.domain.notice import Letter, Told, Topic

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
TIMEOUT_S = 10.0
KEY_PREFIX = "whsec_"  # what follows is base64, as libraries of Standard Webhooks write keys
KINDS = {Topic.DIGEST: "mainstay.signals.digest", Topic.TEST: "mainstay.test"}


def cloud_event(letter: Letter) -> dict[str, Any]:
    """Return a letter as a CloudEvent; scripts may rely on its keys.

    Of one signal `data` is its JSON form with `topic` and `version`; of a digest `data.signals` is a list of those.
    """
    told = [_told_json(each, letter) for each in letter.about]
    event = {
        "specversion": "1.0",
        "id": letter.id,
        "source": f"/mainstay/models/{quote(letter.model)}",
        "type": KINDS.get(letter.topic, f"mainstay.signal.{letter.topic.value}"),
        "time": letter.about[0].at if len(letter.about) == 1 else letter.at,
        "datacontenttype": "application/json",
    }
    match letter.topic:
        case Topic.TEST:
            return event | {"data": {"model": letter.model, "version": letter.version}}
        case Topic.DIGEST:
            return event | {"data": {"model": letter.model, "version": letter.version, "signals": told}}
    return event | {"subject": letter.about[0].standing.signal.id, "data": told[0]}


def signature(key: str, *, id_: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a message, as its header holds it. Raises `Undelivered` for a key that is no base64.

    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", id_="msg_p5jXN8AQM9LWM0D4loKWxJek",
    ...           timestamp="1614265330", body=b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = b".".join((id_.encode(), timestamp.encode(), body))
    made = hmac.new(_key_bytes(key), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def post(address: str, letter: Letter, *, key: str | None) -> None:
    """Post a letter and return once it was taken: any answer of 200 to 299. Raises `Undelivered` otherwise.

    No redirect is followed: the message and its signature are for this address alone.
    """
    body = json.dumps(cloud_event(letter), ensure_ascii=False, allow_nan=False).encode()
    headers = {"Content-Type": CONTENT_TYPE, "User-Agent": "mainstay", "webhook-id": letter.id}
    if key is not None:
        timestamp = str(int(datetime.fromisoformat(letter.at).timestamp()))
        headers |= {
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(key, id_=letter.id, timestamp=timestamp, body=body),
        }
    url, login, place = _parted(address)
    request = Request(url, data=body, headers=headers | login, method="POST")  # noqa: S310 - http(s) alone
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as reply:
            reply.read(1)
    except HTTPError as error:
        with error:
            raise Undelivered(f"{place} answered {error.code}", remedy=_remedy(error.code)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Undelivered(f"{place} cannot be reached: {_why(error)}", remedy="See that it runs, from here.") from None


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nowhere: the answer is an error then."""


def _told_json(told: Told, letter: Letter) -> dict[str, Any]:
    standing = told.standing
    signal = signal_json(standing.signal) | {"status": standing.state.value}
    return {"model": letter.model, "version": letter.version, "topic": told.topic.value, "notice": told.id, **signal}


def _key_bytes(key: str) -> bytes:
    if not key.startswith(KEY_PREFIX):
        return key.encode()
    try:
        return base64.b64decode(key.removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        what = f"the key begins with {KEY_PREFIX} and what follows is no base64"
        raise Undelivered(what, remedy=f"Make one: echo {KEY_PREFIX}$(openssl rand -base64 32)") from error


def _parted(address: str) -> tuple[str, dict[str, str], str]:
    """Return an address without user and password, the header that says those, and its host for people."""
    try:
        parts = urlsplit(address)
        host, user = parts.hostname or "", parts.username
        netloc = parts.netloc.rpartition("@")[2]
    except ValueError:
        host = ""
    if not host:
        raise Undelivered("the address of the webhook names no host", remedy="Write it such as https://host/path.")
    login = {}
    if user is not None:
        said = f"{unquote(user)}:{unquote(parts.password or '')}".encode()
        login = {"Authorization": f"Basic {base64.b64encode(said).decode()}"}
    return parts._replace(netloc=netloc, fragment="").geturl(), login, host


def _why(error: Exception) -> str:
    """Say what failed, without the address."""
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return f"no answer within {TIMEOUT_S:g} s"
    if isinstance(reason, ssl.SSLError):
        return f"its certificate does not hold ({reason.reason or 'TLS'})"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return type(reason).__name__


def _remedy(status: int) -> str:
    if 300 <= status < 400:
        return "It sends elsewhere: let the variable hold the address where it sends to."
    if status in (401, 403):
        return "See that the address and the key are those that the receiver knows."
    if status in (404, 410):
        return "See that the address is still the receiver's."
    return "It is tried again, later every time."
