"""What the watch knows as numbers, and the dashboard and the rules that ask for them: each asks for what is there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.interfaces.http.homes import ROW
from tests.interfaces.http.inside import Inside, running
from tests.workflows.lives import raise_signal

from mainstay.domain.event import Act
from mainstay.domain.finding import Verdict
from mainstay.domain.last_look import PROMISED, REALISED, LastLook, Money
from mainstay.domain.moments import iso
from mainstay.domain.notice import Notice, Outbox, Topic
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.clock import now
from mainstay.store.home import open_home
from mainstay.store.last_looks import write_last_look
from mainstay.store.outbox import sending, write_outbox

Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def inside(folder: Path) -> Iterator[Inside]:
    """A service of a model with three signals (one muted), a look an hour ago, and a message that failed."""
    home, at = open_home(folder), now()
    for id_, verdict in (("1", Verdict.FAIL), ("2", Verdict.WARN), ("3", Verdict.WARN)):
        raise_signal(home, id_, verdict=verdict, at=at - 2 * HOUR)
    for id_, until in (("2", at + HOUR), ("3", at - HOUR)):
        body = {"kind": "signal", "name": id_, "why": "known", "until": iso(until)}
        home.ledger.append("credit", Act.MUTED, body, actor="anna", at=at - 2 * HOUR)
    hour_ago = iso(at - HOUR)
    value = {PROMISED: Money(12.0, 11.0, 13.0), REALISED: Money(9.5, 7.0, 12.0)}
    look = LastLook(
        at=hour_ago, counted_at=hour_ago, version=1, judged_through=hour_ago, due=200, came=150, value=value
    )
    write_last_look(home, "credit", look)
    times = {"made_at": hour_ago, "due_at": hour_ago}
    notice = Notice(id="credit.1.3", target="ops", signal="1", topic=Topic.OPENED, attempts=2, **times)
    with sending(home, "credit"):
        write_outbox(home, "credit", Outbox(notices=(notice,)))
    with running(folder) as app:
        app.ask("POST", "/v1/models/credit/decide", [json.dumps({"rows": [ROW]}).encode()])
        yield app


@pytest.fixture(scope="module")
def numbers(inside: Inside) -> Samples:
    found: Samples = {}
    for family in text_string_to_metric_families(inside.ask("GET", "/metrics", [b""]).body.decode()):
        found.setdefault(family.name + ("_total" if family.type == "counter" else ""), {})
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def of(numbers: Samples, name: str, **labels: str) -> float:
    return numbers[name][tuple(sorted(({"model": "credit"} | labels).items()))]


def test_signals_are_counted_as_they_stand(numbers: Samples) -> None:
    """A mute that ran out an hour ago holds no more, though nothing was written since."""
    drift = {"code": "F29-input-drift"}
    assert of(numbers, "mainstay_open_signals", severity="fail", state="open", **drift) == 1
    assert of(numbers, "mainstay_open_signals", severity="warn", state="muted", **drift) == 1
    assert of(numbers, "mainstay_open_signals", severity="warn", state="open", **drift) == 1


def test_what_the_last_look_knew_is_told_with_its_age(numbers: Samples) -> None:
    assert 3600 <= of(numbers, "mainstay_watch_age_seconds") < 7200
    assert 3600 <= of(numbers, "mainstay_judged_age_seconds") < 7200
    assert (of(numbers, "mainstay_outcomes_due"), of(numbers, "mainstay_outcomes_came")) == (200, 150)
    assert of(numbers, "mainstay_value_per_decision", kind="realised") == 9.5
    assert of(numbers, "mainstay_value_per_decision_low", kind="realised") == 7
    assert of(numbers, "mainstay_value_per_decision_high", kind="promised") == 13
    assert of(numbers, "mainstay_notices_waiting", to="ops", failed="true") == 1


def test_a_look_that_cannot_be_read_stops_no_scrape(inside: Inside, folder: Path) -> None:
    file = open_home(folder).root / "looks" / "credit.json"
    whole = file.read_bytes()
    file.write_bytes(whole[:20])
    try:
        answer = inside.ask("GET", "/metrics", [b""])
    finally:
        file.write_bytes(whole)
    assert answer.status == 200
    assert b"mainstay_watch_age_seconds{" not in answer.body
    assert b"mainstay_open_signals{" in answer.body


def written(tmp_path: Path, *arguments: str) -> str:
    file = tmp_path / "written"
    assert run(mainstay, ["export", *arguments, str(file)]) == 0
    return file.read_text()


def asked_for(expressions: str, numbers: Samples) -> None:
    """Every metric that expressions name is there, with the labels that they ask for."""
    names = set(re.findall(r"\bmainstay_\w+", expressions))
    assert names
    assert names <= numbers.keys()
    for name, labels in re.findall(r"(mainstay_\w+)\{([^}]*)\}", expressions):
        wanted = set(re.findall(r"(\w+)(?:=|!=|=~)\"", labels))
        known = {label for key in numbers[name] for label, _ in key}
        assert wanted <= (known or wanted), name


def test_the_dashboard_shows_what_is_there(numbers: Samples, tmp_path: Path) -> None:
    board = json.loads(written(tmp_path, "--grafana"))
    assert [each["name"] for each in board["templating"]["list"]] == ["source", "model"]
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked_for("\n".join([*expressions, board["templating"]["list"][1]["definition"]]), numbers)
    places = [panel["gridPos"] for panel in board["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    cells = [(place["y"], x) for place in places for x in range(place["x"], place["x"] + place["w"])]
    assert len(cells) == len(set(cells)), "no panel lies on another"
    shown = set(re.findall(r"\bmainstay_\w+", " ".join(expressions)))
    assert {name for name in numbers if name.startswith(("mainstay_open", "mainstay_watch", "mainstay_value"))} <= shown


def test_rules_alert_on_what_is_there(numbers: Samples, tmp_path: Path) -> None:
    rules = written(tmp_path, "--alerts")
    asked_for(rules, numbers)
    if shutil.which("promtool") is None:
        pytest.skip("no promtool on PATH, the rules were not read by Prometheus: install Debian's prometheus package")
    checked = subprocess.run(
        ["promtool", "check", "rules", str(tmp_path / "written")], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_an_export_says_what_it_can_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["export"]) == 2
    assert "--onnx FILE, --grafana FILE or --alerts FILE" in capsys.readouterr().err
    assert run(mainstay, ["export", "credit/1", "--grafana", "x.json"]) == 2
