"""A shadow is scored once on what the live version decided, in nobody's way, and is told of apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import polars as pl
import pytest
from tests.interfaces.http.homes import ROW, add, new_home, shifted
from tests.interfaces.http.services import Options, get, post, serving, until, until_ready

from mainstay.domain.errors import Refused
from mainstay.domain.version import VersionName
from mainstay.store.home import Home
from mainstay.store.ingest import ingest
from mainstay.store.journal import Journal
from mainstay.workflows.live import deploy, rollback
from mainstay.workflows.serve import Desk, answer, open_desk, read_routes
from mainstay.workflows.shadow import deploy_shadow, end_shadow, score_shadow, shadowed

NOW = datetime.now(UTC)
SECOND = timedelta(seconds=1)
TWO, THREE = VersionName("credit", 2), VersionName("credit", 3)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose live version 1 decides to wait, and whose version 2 decides to call."""
    made = new_home(tmp_path)
    add(made, plan=shifted(3.0))
    return made


@pytest.fixture
def desk(home: Home, tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def decide(desk: Desk, home: Home, *ids: str, **odd: object) -> None:
    """Decide a row for each id, and journal it."""
    answer(desk, "credit", msgspec.json.encode({"rows": [ROW | odd] * len(ids), "ids": ids}))
    ingest(home, "credit", at=NOW)


def shadow(home: Home, name: VersionName = TWO, *, at: datetime = NOW - SECOND) -> None:
    deploy_shadow(home, name, actor="bo", at=at)


def test_what_the_live_version_decided_is_scored_once(home: Home, desk: Desk) -> None:
    shadow(home)
    decide(desk, home, "a", "b")
    decide(desk, home, "c", region="US")
    assert score_shadow(home, "credit", at=NOW) == 3
    assert score_shadow(home, "credit", at=NOW) == 0
    decide(desk, home, "a", "d")  # a is a repeat
    assert score_shadow(home, "credit", at=NOW) == 1
    rows = Journal(home, "credit").shadows(2)
    assert rows["id"].to_list() == ["a", "b", "c", "d"]
    assert rows["decision"].to_list() == ["call"] * 4
    assert rows["live_decision"].to_list() == ["wait", "wait", "call", "wait"]
    assert rows["live_version"].unique().to_list() == [1]
    assert (rows["score"] > rows["live_score"]).all()


def test_decisions_from_before_it_began_are_not_its(home: Home, desk: Desk) -> None:
    decide(desk, home, "a")
    shadow(home, at=datetime.now(UTC))
    decide(desk, home, "b")
    assert score_shadow(home, "credit", at=NOW) == 1
    assert Journal(home, "credit").shadows(2)["id"].to_list() == ["b"]


def test_a_row_that_it_cannot_answer_is_a_fault_of_its_own(home: Home, desk: Desk) -> None:
    shadow(home)
    decide(desk, home, "a", region="festival")
    assert score_shadow(home, "credit", at=NOW) == 1
    (row,) = Journal(home, "credit").shadows(2).rows(named=True)
    assert "unseen-level" in row["warnings"]
    assert row["fault"] == ""


def test_what_others_scored_meanwhile_is_left_to_them(home: Home, desk: Desk) -> None:
    shadow(home)
    decide(desk, home, "a")
    mine, theirs = Journal(home, "credit"), Journal(home, "credit")
    since, batch = mine.shadowed_through(2), mine.last_batch("decisions")
    score_shadow(home, "credit", at=NOW)
    rows = theirs.shadows(2)
    columns = rows.with_columns(month=pl.lit("2026-11"))
    assert not mine.append_shadows(columns, version=2, since=since, through=batch, at=NOW)
    assert Journal(home, "credit").shadows(2).height == 1


def test_nothing_of_it_is_among_what_is_counted_of_the_live_version(home: Home, desk: Desk) -> None:
    shadow(home)
    decide(desk, home, "a", "b")
    before = Journal(home, "credit").decisions()
    score_shadow(home, "credit", at=NOW)
    after = Journal(home, "credit")
    assert after.decisions().equals(before)
    assert after.decisions()["version"].unique().to_list() == [1]
    assert after.repeats().is_empty()


def test_a_worker_knows_of_it_and_loads_nothing(home: Home, desk: Desk) -> None:
    shadow(home)
    desk.routes = read_routes(home, desk.routes)
    assert desk.routes.shadows == {"credit": 2}
    assert [service.version for service in desk.routes.services.values()] == [1]


class TestLife:
    """A shadow begins and ends by an event, and says nothing of what is live."""

    def test_it_begins_beside_what_is_live_and_status_tells_of_it(self, home: Home, desk: Desk) -> None:
        shadow(home)
        decide(desk, home, "a")
        life = home.ledger.life("credit")
        assert (life.live, life.shadow, life.status(2)) == (1, 2, "shadow")
        assert (told := shadowed(home, life)) is not None
        assert (told.scored, told.waiting, told.agreeing) == (0, 1, None)
        score_shadow(home, "credit", at=NOW)
        seen = shadowed(home, life)
        assert seen is not None
        assert (seen.version, seen.scored, seen.waiting, seen.agreeing, seen.failed) == (2, 1, 0, 0.0, 0)

    def test_it_ends_and_what_it_said_stays(self, home: Home, desk: Desk) -> None:
        shadow(home)
        decide(desk, home, "a")
        score_shadow(home, "credit", at=NOW)
        assert end_shadow(home, "credit", actor="bo", at=NOW) == 2
        assert home.ledger.life("credit").shadow is None
        assert score_shadow(home, "credit", at=NOW) == 0
        assert Journal(home, "credit").shadows(2).height == 1
        with pytest.raises(Refused, match="has no shadow"):
            end_shadow(home, "credit", actor="bo", at=NOW)
        assert home.ledger.verify() == ()

    def test_it_ends_where_it_goes_live(self, home: Home) -> None:
        shadow(home)
        deploy(home, TWO, actor="bo", at=NOW)
        assert home.ledger.life("credit").shadow is None
        rollback(home, "credit", actor="bo", at=NOW)
        life = home.ledger.life("credit")
        assert (life.live, life.shadow) == (1, None)

    def test_another_takes_its_place(self, home: Home) -> None:
        add(home, plan=shifted(4.0))
        shadow(home)
        shadow(home, THREE)
        assert home.ledger.life("credit").shadow == 3
        before = home.ledger.events("credit")
        shadow(home, THREE)
        assert home.ledger.events("credit") == before

    def test_what_is_live_is_no_shadow_nor_is_anything_where_nothing_is(self, home: Home, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="credit/1 is live"):
            deploy_shadow(home, VersionName("credit", 1), actor="bo", at=NOW)
        idle = new_home(tmp_path / "idle", live=False)
        with pytest.raises(Refused, match="nothing is live"):
            deploy_shadow(idle, VersionName("credit", 1), actor="bo", at=NOW)


def test_a_service_scores_it_beside_its_answers(home: Home, tmp_path: Path) -> None:
    shadow(home)
    with serving(tmp_path, Options(ingest_every_s=0.5)) as running:
        until_ready(running.url)
        reply = post(f"{running.url}/v1/models/credit/decide", {"rows": [ROW], "ids": ["a"]})
        assert reply.status_code == 200
        until(lambda: Journal(home, "credit").shadows(2).height == 1, seconds=120.0)
        assert 'mainstay_shadow_version{model="credit"} 2.0' in get(f"{running.url}/metrics").text
