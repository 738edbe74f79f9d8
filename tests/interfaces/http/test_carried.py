"""What a reply carries beside its answer: ids, a caller's trace, the leave for a page of another origin, TLS."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from tests.interfaces.http.homes import ROW, new_home
from tests.interfaces.http.inside import Got, Inside, running
from tests.interfaces.http.services import Options, serving

from mainstay.domain.errors import Asked
from mainstay.interfaces.http.server import serve
from mainstay.interfaces.http.settings import Front, parse_origin
from mainstay.interfaces.http.trace import continued

DECIDE = "/v1/models/credit/decide"
BODY = json.dumps({"rows": [ROW]}).encode()
SHOP = "https://shop.example"
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    folder = tmp_path_factory.mktemp("home")
    new_home(folder)
    with running(folder, Front(origins=(SHOP,))) as app:
        yield app


def decide(inside: Inside, **headers: str) -> Got:
    return inside.ask("POST", DECIDE, [BODY], {name.replace("_", "-"): value for name, value in headers.items()})


def test_a_trace_goes_on_with_a_span_of_ours(inside: Inside) -> None:
    spans = set()
    for path, method in ((DECIDE, "POST"), ("/healthz", "GET"), ("/nowhere", "GET")):
        got = inside.ask(method, path, [BODY], {"traceparent": f"00-{TRACE}-{SPAN}-01"})
        told = re.fullmatch(rf"00-{TRACE}-([0-9a-f]{{16}})-01", got.headers["traceparent"])
        assert told
        spans.add(told[1])
    assert len(spans) == 3
    assert SPAN not in spans
    assert "traceparent" not in decide(inside).headers


@pytest.mark.parametrize(
    ("sent", "goes_on"),
    [
        (f"00-{TRACE}-{SPAN}-00", True),
        (f"cc-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-01-what-comes-later", True),
        (f"00-{TRACE}-{SPAN}-01-what-comes-later", False),
        (f"cc-{TRACE}-{SPAN}-01.what", False),
        (f"ff-{TRACE}-{SPAN}-01", False),
        (f"00-{'0' * 32}-{SPAN}-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"00-{TRACE.upper()}-{SPAN}-01", False),
        (f"00-{TRACE}-{SPAN}", False),
        ("anna@example.com", False),
    ],
)
def test_what_is_no_trace_is_dropped(sent: str, goes_on: bool) -> None:
    assert bool(continued(sent.encode())) is goes_on


@given(st.binary(max_size=80))
def test_no_header_breaks_the_reading_of_traces(sent: bytes) -> None:
    told = continued(sent)
    assert told == b"" or continued(told)


def test_pages_of_an_allowed_origin_may_call_and_browsers_are_told_so_first(inside: Inside) -> None:
    asks = {"origin": SHOP, "access-control-request-method": "POST"}
    first = inside.ask("OPTIONS", DECIDE, [b""], asks)
    assert first.status == 200
    assert first.headers["access-control-allow-origin"] == SHOP
    assert {"authorization", "content-type"} <= set(first.headers["access-control-allow-headers"].split(", "))
    assert "POST" in first.headers["access-control-allow-methods"]
    then = decide(inside, origin=SHOP)
    assert (then.status, then.headers["access-control-allow-origin"], then.headers["vary"]) == (200, SHOP, "origin")
    wrong = inside.ask("POST", DECIDE, [b"{"], {"origin": SHOP})
    assert (wrong.status, wrong.headers["access-control-allow-origin"]) == (400, SHOP), "a page may read why"
    assert "access-control-allow-origin" not in decide(inside).headers


@pytest.mark.parametrize("origin", ["https://shop.example.evil", "http://shop.example", "https://SHOP.example", "null"])
def test_pages_of_other_origins_may_not(inside: Inside, origin: str) -> None:
    for method in ("OPTIONS", "POST"):
        got = inside.ask(method, DECIDE, [BODY], {"origin": origin, "access-control-request-method": "POST"})
        assert got.status in (403, 405)
        assert not [name for name in got.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "text", ["*", "shop.example", "https://*.example", "https://shop.example/till", "", "file://x"]
)
def test_origins_are_named_whole(text: str) -> None:
    with pytest.raises(Asked, match="no origin"):
        parse_origin(text)


def test_it_answers_over_tls_and_tells_browsers_to_stay_with_it(tmp_path: Path) -> None:
    new_home(tmp_path)
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.private_key_pem.write_to_path(str(key))
    for pem in issued.cert_chain_pems:
        pem.write_to_path(str(cert), append=True)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with serving(tmp_path, Options(front={"tls_cert": str(cert), "tls_key": str(key)})) as service:
        assert service.url.startswith("https://127.0.0.1:")
        with httpx.Client(base_url=service.url, verify=trusting, timeout=30) as client:
            for _ in range(3):
                reply = client.post(DECIDE, content=BODY)
                assert reply.status_code == 200
                assert reply.headers["strict-transport-security"] == "max-age=31536000"
    with pytest.raises(Asked, match="come together"):
        serve(tmp_path, port=0, front=Front(tls_cert=str(cert)))
    for wrong in (str(key), str(tmp_path / "nothing.pem")):
        with pytest.raises(Asked, match="no certificate and key that can be used"):
            serve(tmp_path, port=0, front=Front(tls_cert=wrong, tls_key=str(cert)))
