"""`mainstay report --watch` as people and scripts use it, over a home with a version that is live."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.workflows.lives import AT, BRIEF, DAY, add, decide, deploy, learn

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.home import Home, open_home
from mainstay.workflows.watch import open_watch, tick

LATER = AT + 50 * DAY
ASKED = ["report", "--watch", "--since", "60d", "--at", LATER.isoformat()]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    monkeypatch.chdir(tmp_path)
    return open_home(tmp_path)


def live(home: Home) -> None:
    """Two hundred decisions over ten days, half of them with an outcome."""
    add(home)
    deploy(home, 1, at=AT)
    for day in range(10):
        ids = [f"{day}-{i}" for i in range(20)]
        decide(home, ids, at=AT + day * DAY)
        told = {each: str(int(i % 4 == 1)) for i, each in enumerate(ids) if i % 2}
        learn(home, told, at=AT + (day + 3) * DAY)
    tick(open_watch(home, "credit"), at=LATER)


def test_where_nothing_is_live_it_says_so_and_what_to_do(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ASKED) == 2
    assert "mainstay train" in capsys.readouterr().err
    add(home)
    assert run(mainstay, ASKED) == 2
    said = capsys.readouterr().err
    assert "nothing of credit is live" in said
    assert "mainstay deploy" in said
    assert not Path("watch.html").exists()


def test_the_page_and_its_figures_come_from_one_gathering(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    live(home)
    assert run(mainstay, ASKED) == 0
    assert "Wrote watch.html" in capsys.readouterr().out
    assert run(mainstay, [*ASKED, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert sum(found["traffic"]["decisions"]) == 200
    assert (found["arrival"]["decided"], found["arrival"]["came"]) == (200, 100)
    assert found["arrival"]["half_days"] == pytest.approx(4)
    page = Path("watch.html").read_text()
    assert "100 outcomes of 200 decisions are known" in page
    assert "credit/1 under watch" in page


def test_what_belongs_to_the_watch_is_refused_without_it(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    add(home)
    assert run(mainstay, ["report", "--since", "3d"]) == 2
    assert run(mainstay, ["report", "credit/1", "--watch"]) == 2
    assert run(mainstay, [*ASKED, "--out", "card.md"]) == 2
    assert "--watch" in capsys.readouterr().err
