"""Who may call: every endpoint with no key, with wrong ones and the right one; what is never told to whom."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.interfaces.http.homes import ROW, new_home
from tests.interfaces.http.inside import Got, Inside, running
from tests.interfaces.http.services import Options, get, serving, until
from tests.interfaces.http.spools import lines

from mainstay.domain.errors import Refused
from mainstay.domain.key import Scope
from mainstay.interfaces.http import following
from mainstay.interfaces.http.callers import OPEN
from mainstay.interfaces.http.documents import QUIET
from mainstay.interfaces.http.server import serve
from mainstay.store.clock import now
from mainstay.store.home import Home, open_home
from mainstay.workflows.keys import Wanted, add_key, list_keys, revoke_keys
from mainstay.workflows.serve import Routes, read_routes

DECIDE = "/v1/models/credit/decide"
OUTCOMES = "/v1/models/credit/outcomes"
BODY = json.dumps({"rows": [ROW]}).encode()
ALL = tuple(Scope)


def make(folder: Path, caller: str, *scopes: Scope, ago: timedelta = timedelta(), **more: object) -> str:
    wanted = Wanted(scopes=scopes or ALL, **more)  # type: ignore[arg-type]
    return add_key(open_home(folder), caller, wanted, actor="test", at=now() - ago).text


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Inside, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("home")
    new_home(folder)
    made = {
        "all": make(folder, "shop"),
        "decide": make(folder, "till", Scope.DECIDE),
        "metrics": make(folder, "prometheus", Scope.METRICS),
        "late": make(folder, "late", ago=timedelta(days=2), lasts=timedelta(days=1)),
        "gone": make(folder, "gone"),
    }
    revoke_keys(open_home(folder), "gone", actor="test", at=now())
    with running(folder) as inside:
        yield inside, made


def ask(inside: Inside, path: str, key: str = "", *, body: bytes = BODY, **headers: str) -> Got:
    sent = {"content-length": str(len(body))} | ({"authorization": f"Bearer {key}"} if key else {}) | headers
    busy = path.rsplit("/", 1)[1] in ("decide", "outcomes", "actions")
    return inside.ask("POST" if busy else "GET", path, [body if busy else b""], sent)


def code(got: Got) -> tuple[int, str]:
    return got.status, got.json()["error"]["code"]


def test_everything_but_health_wants_a_key(keys: tuple[Inside, dict[str, str]]) -> None:
    inside, made = keys
    quiet = [path.replace("{name}", "credit") for path in QUIET]
    for path in [*quiet, "/nowhere", DECIDE, OUTCOMES, "/v1/models/credit/actions", "/v1/models/none/decide"]:
        got = ask(inside, path)
        if path in OPEN:
            assert got.status == 200
        else:
            assert code(got) == (401, "no-key")
            assert got.headers["www-authenticate"].startswith("Bearer ")
            assert "x-request-id" in got.headers
            assert "connection" not in got.headers, "a small body that was not read does not cost the connection"
    assert [ask(inside, path, made["all"]).status for path in quiet] == [200] * len(quiet)


def test_strangers_are_told_whether_it_is_ready_and_no_more(keys: tuple[Inside, dict[str, str]]) -> None:
    inside, made = keys
    for key in ("", "mk_wrong", made["gone"], made["decide"]):
        assert ask(inside, "/readyz", key).json() == {"ready": True, "live": {}, "problems": []}
    assert ask(inside, "/readyz", made["all"]).json() == {"ready": True, "live": {"credit": 1}, "problems": []}


@pytest.mark.parametrize(
    ("which", "path", "expected"),
    [
        ("late", DECIDE, (401, "expired-key")),
        ("gone", DECIDE, (401, "revoked-key")),
        ("decide", OUTCOMES, (403, "wrong-scope")),
        ("decide", "/metrics", (403, "wrong-scope")),
        ("decide", "/openapi.json", (403, "wrong-scope")),
        ("metrics", DECIDE, (403, "wrong-scope")),
    ],
)
def test_keys_that_do_not_open_this(
    keys: tuple[Inside, dict[str, str]], which: str, path: str, expected: tuple[int, str]
) -> None:
    inside, made = keys
    got = ask(inside, path, made[which])
    assert code(got) == expected
    assert made[which].encode() not in got.body
    assert got.json()["error"]["remedy"]


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer mk_wrong"},
        {"authorization": "Bearer " + "x" * 5000},
        {"authorization": "bearer \u00e9\u00e8"},
        {"x-api-key": "mk_wrong"},
    ],
)
def test_what_was_never_a_key_is_unknown_and_not_repeated(
    keys: tuple[Inside, dict[str, str]], headers: dict[str, str]
) -> None:
    got = ask(keys[0], DECIDE, **headers)
    assert code(got) == (401, "unknown-key")
    assert b"wrong" not in got.body
    assert b"xxx" not in got.body


def test_a_key_comes_in_either_header_and_only_as_bearer(keys: tuple[Inside, dict[str, str]]) -> None:
    inside, made = keys
    for headers in ({"authorization": f"bearer  {made['all']} "}, {"x-api-key": made["all"]}):
        assert ask(inside, DECIDE, **headers).status == 200
    assert code(ask(inside, DECIDE, authorization=f"Basic {made['all']}")) == (401, "no-key")


def test_a_body_without_bounds_is_not_read_for_a_stranger(keys: tuple[Inside, dict[str, str]]) -> None:
    for headers in ({"transfer-encoding": "chunked"}, {"content-length": "10000000000"}):
        got = keys[0].ask("POST", DECIDE, [b"{", b"}"], headers)
        assert code(got) == (401, "no-key")
        assert got.headers["connection"] == "close"


def test_ids_are_kept_apart_by_caller_and_shared_by_the_keys_of_one(tmp_path: Path) -> None:
    new_home(tmp_path)
    shop, till = make(tmp_path, "shop"), make(tmp_path, "till")
    newer = make(tmp_path, "shop")
    other = json.dumps({"rows": [ROW | {"age": 20}], "ids": ["a-1"]}).encode()
    with running(tmp_path) as inside:
        assert ask(inside, DECIDE, shop, body=json.dumps({"rows": [ROW], "ids": ["a-1"]}).encode()).status == 200
        assert code(ask(inside, DECIDE, newer, body=other)) == (409, "id-conflict")
        assert ask(inside, DECIDE, till, body=other).status == 200, "another caller's id is another id"
        told = json.dumps({"outcomes": [{"id": "a-1", "outcome": True}]}).encode()
        assert ask(inside, OUTCOMES, newer, body=told).status == 200
    used = {each.key.id: each.used_at is not None for each in list_keys(open_home(tmp_path), at=now())}
    assert used == {"shop.1": True, "till.1": True, "shop.2": True}
    assert sorted(line["key"] for line in lines(tmp_path)) == ["shop", "till"]
    assert [line["key"] for line in lines(tmp_path, "outcomes")] == ["shop"]


@pytest.mark.parametrize("path", ["/v2/models/credit/infer", "/invocations", "/v1/models/credit/explain"])
def test_other_ways_to_ask_want_a_key_too_and_their_decisions_are_the_callers(tmp_path: Path, path: str) -> None:
    new_home(tmp_path)
    key = make(tmp_path, "shop")
    number = {"shape": [1], "datatype": "FP64"}
    tensors = [{"name": name, "data": [value], **number} for name, value in ROW.items() if isinstance(value, float)]
    bodies = {"infer": {"inputs": tensors}, "invocations": {"dataframe_records": [ROW]}, "explain": {"rows": [ROW]}}
    body = json.dumps(bodies[path.rsplit("/", 1)[1]]).encode()
    with running(tmp_path) as inside:
        assert inside.ask("POST", path, [body], {"content-length": str(len(body))}).status == 401
        sent = {"authorization": f"Bearer {key}", "content-length": str(len(body))}
        assert inside.ask("POST", path, [body], sent).status == 200
    assert {line["key"] for line in lines(tmp_path)} <= {"shop"}
    assert lines(tmp_path) or path.endswith("explain")


def test_keys_are_followed_also_while_a_version_is_being_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_home(tmp_path)
    make(tmp_path, "shop")
    go_on = threading.Event()

    def slow(home: Home, before: Routes) -> Routes:
        go_on.wait(60)
        return read_routes(home, before)

    monkeypatch.setattr(following, "read_routes", slow)
    with running(tmp_path) as inside:
        for _ in range(3):
            key = make(tmp_path, "shop")
            until(lambda key=key: _status_soon(inside, key) == 200)  # type: ignore[misc]
        go_on.set()


def _status_soon(inside: Inside, key: str) -> int:
    inside.runner.run(asyncio.sleep(0.05))  # the application lives on only while something is run
    return ask(inside, DECIDE, key).status


def test_the_page_for_people_says_where_a_key_goes(keys: tuple[Inside, dict[str, str]], tmp_path: Path) -> None:
    inside, made = keys
    assert b"authorization: Bearer KEY" in ask(inside, "/docs", made["all"]).body
    new_home(tmp_path)
    with running(tmp_path) as open_to_all:
        assert b"Bearer KEY&#x27;" not in ask(open_to_all, "/docs").body


def test_a_key_of_one_model_knows_of_no_other(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    home.ledger.append("secret-plan", "initialised", {"brief_digest": "sha256:0"}, actor="test", at=now())
    key = make(tmp_path, "till", models=("secret-plan",))
    with running(tmp_path) as inside:
        for path in (DECIDE, "/v1/models/credit"):
            got = ask(inside, path, key)
            assert code(got) == (403, "wrong-model")
        assert code(ask(inside, "/v1/models/secret-plan/decide", key)) == (503, "not-deployed")
        for path in ("/v1/models", "/openapi.json", "/docs"):
            got = ask(inside, path, key)
            assert got.status == 200
            assert b"models/credit" not in got.body
            assert b'"credit"' not in got.body


def test_the_contract_says_how_to_send_a_key(keys: tuple[Inside, dict[str, str]], tmp_path: Path) -> None:
    inside, made = keys
    contract = ask(inside, "/openapi.json", made["all"]).json()
    assert contract["security"] == [{"bearer": []}, {"key": []}]
    assert set(contract["components"]["securitySchemes"]) == {"bearer", "key"}
    for path, verbs in contract["paths"].items():
        (operation,) = verbs.values()
        assert (operation.get("security") == []) is (path in OPEN)
        assert ({"401", "403", "429"} <= operation["responses"].keys()) is (path not in OPEN)
    new_home(tmp_path)
    with running(tmp_path) as open_to_all:
        assert {} in ask(open_to_all, "/openapi.json").json()["security"]


def test_beyond_this_machine_only_with_keys_which_are_followed_while_it_runs(tmp_path: Path) -> None:
    new_home(tmp_path)
    with pytest.raises(Refused, match=r"on this machine only, not on '0\.0\.0\.0'"):
        serve(tmp_path, host="0.0.0.0", port=0)
    first = make(tmp_path, "shop")
    with serving(tmp_path, Options(workers=2, host="0.0.0.0")) as running_:
        url = f"http://127.0.0.1:{running_.port}"

        def status(key: str) -> int:
            headers = {"authorization": f"Bearer {key}", "connection": "close"}
            return httpx.post(url + DECIDE, content=BODY, headers=headers, timeout=30).status_code

        def always(key: str, expected: int) -> bool:
            return all(status(key) == expected for _ in range(8))  # whichever worker is met

        assert get(f"{url}/readyz").status_code == 200
        assert always(first, 200)
        with httpx.Client(timeout=30) as stranger:  # what is sent without a key is dropped, and the connection kept
            assert [stranger.post(url + DECIDE, content=bytes(5_000_000)).status_code for _ in range(3)] == [401] * 3
        second = make(tmp_path, "shop")
        until(lambda: always(second, 200))
        revoke_keys(open_home(tmp_path), "shop", actor="test", at=now(), older=True)
        until(lambda: always(first, 401))
        assert always(second, 200)
    assert not [line for line in running_.logged if first in line or second in line]
