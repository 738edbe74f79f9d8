"""The route follows the ledger, and only to versions that prove themselves."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest
from tests.interfaces.http.homes import AT, add, bundle, deploy, new_home, shifted

from mainstay.bundle.golden import Golden
from mainstay.domain.errors import BundleError, NotFound
from mainstay.domain.event import Act
from mainstay.domain.version import VersionName
from mainstay.workflows.route import NO_ROUTES, follow, load_service, prove


def test_the_route_goes_where_the_ledger_says_and_back(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    routes = follow(home, NO_ROUTES)
    first = routes.services["credit"]
    deploy(home, add(home, plan=shifted(2.0)))
    routes = follow(home, routes)
    assert (routes.services["credit"].version, routes.problems) == (2, {})
    body = {"version": 1, "from_version": 2, "steps": 1, "why": ""}
    home.ledger.append("credit", Act.ROLLED_BACK, body, actor="test", at=AT)
    assert follow(home, routes).services["credit"].version == 1
    assert first.version == 1


def test_what_is_loaded_is_not_loaded_again(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    routes = follow(home, NO_ROUTES)
    assert follow(home, routes).services["credit"] is routes.services["credit"]


@pytest.mark.parametrize("damage", ["changed", "missing", "another"])
def test_a_bundle_that_is_not_what_was_trained_does_not_go_live(tmp_path: Path, damage: str) -> None:
    home = new_home(tmp_path)
    number = add(home, plan=shifted(2.0))
    folder = home.artifacts.bundle_folder("credit", number)
    if damage == "changed":
        (folder / "schema.json").write_bytes((folder / "schema.json").read_bytes().replace(b"99", b"98"))
    elif damage == "missing":
        (folder / "golden.json").unlink()
    else:
        for name, content in bundle(shifted(3.0), number).items():
            (folder / name).write_bytes(content)
    deploy(home, number)
    for before in (NO_ROUTES, follow(home, NO_ROUTES)):
        routes = follow(home, before)
        assert routes.services["credit"].version == 1
        assert "credit/2 does not answer" in routes.problems["credit"]
    with pytest.raises(BundleError):
        load_service(home, VersionName("credit", number))
    with pytest.raises(NotFound):
        load_service(home, VersionName("credit", 99))


def test_the_first_version_broken_leaves_nothing_to_answer(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    (home.artifacts.bundle_folder("credit", 1) / "plan.json").write_bytes(b"{}")
    routes = follow(home, NO_ROUTES)
    assert (dict(routes.services), routes.models) == ({}, ("credit",))
    assert "plan.json was changed" in routes.problems["credit"]


def test_a_version_that_scores_otherwise_than_packed_is_refused(tmp_path: Path) -> None:
    service = follow(new_home(tmp_path), NO_ROUTES).services["credit"]
    row = {"age": 40.0, "region": "EU"}
    right = Golden(row, service.scorer.score_row(row), "wait")
    prove(service, (right,))
    beside = math.nextafter(right.score, 1.0)
    for wrong in (msgspec.structs.replace(right, score=beside), msgspec.structs.replace(right, decision="call")):
        with pytest.raises(BundleError, match="golden row 1"):
            prove(service, (right, wrong))
