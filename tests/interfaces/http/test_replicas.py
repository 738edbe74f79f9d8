"""Two services over one home, its ledger in a real PostgreSQL: what one is told the other knows, and each row once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.interfaces.http.homes import ROW, add, deploy, new_home, shifted
from tests.interfaces.http.services import get, post, serving, until, until_ready

from mainstay.store.home import Home, open_home

pytest.importorskip("psycopg", reason="no psycopg here: services did not share a ledger")
DECIDE = "/v1/models/credit/decide"


@pytest.fixture
def home(tmp_path: Path, database: str) -> Home:
    """A home on shared storage with one version live, its ledger in PostgreSQL."""
    open_home(tmp_path, ledger=database)
    return new_home(tmp_path)


def test_it_serves(home: Home, tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        until_ready(running.url)
        r = post(f"{running.url}{DECIDE}", {"rows": [ROW]})
        assert r.status_code == 200
        deploy(home, add(home, plan=shifted(0.5)))
        until(lambda: get(f"{running.url}/readyz").json()["live"] == {"credit": 2})
