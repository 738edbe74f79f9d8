"""Versions that foretell amounts or several classes live as binary ones do: served, told, watched, replayed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest
from tests.workflows import tasks
from tests.workflows.tasks import DAYS, ROWS_PER_DAY, START, UNTIL

from mainstay.domain.brief import parse_brief
from mainstay.domain.finding import Verdict
from mainstay.domain.version import VersionName, parse_version
from mainstay.interfaces.http.documents import document, model_card
from mainstay.interfaces.http.landing import landing
from mainstay.serving.portable import PortableModel
from mainstay.store.journal import Journal
from mainstay.store.project import Project, open_project, write_brief
from mainstay.store.throwaway import write_table
from mainstay.workflows.imports import OUTCOMES, import_table
from mainstay.workflows.live import deploy
from mainstay.workflows.past import before, timeline
from mainstay.workflows.replay import replay
from mainstay.workflows.replayed import Replayed
from mainstay.workflows.serve import Desk, answer, close_desk, open_desk, tell_actions, tell_outcomes
from mainstay.workflows.status import statuses
from mainstay.workflows.story import tell
from mainstay.workflows.train import train
from mainstay.workflows.watch import open_watch, tick

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """A trained and deployed version of a task, and what it will live through."""

    project: Project
    version: VersionName
    stream: pl.DataFrame


def made(folder: Path, text: str, stream: pl.DataFrame) -> Made:
    write_brief(folder, text)
    write_table(stream, folder / "all.csv")
    project = open_project(folder)
    write_table(before(timeline(stream, project.brief), UNTIL, project.brief), folder / "rows.csv")
    summary = train(project, seed=0, actor="t", at=UNTIL, on_progress=lambda what, share: None)
    version = parse_version(summary.version)
    deploy(project.home, version, actor="t", at=UNTIL, override=True, why="a test")
    return Made(project, version, stream)


@pytest.fixture(scope="module")
def amounts(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("amounts"), tasks.AMOUNTS, tasks.amounts(1))


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("classes"), tasks.CLASSES, tasks.classes(1))


def rows(given: Made, n: int) -> list[dict[str, object]]:
    return given.stream.drop("outcome").tail(n).to_dicts()


def asked(desk: Desk, sent: list[dict[str, object]]) -> list[dict[str, Any]]:
    body = msgspec.json.encode({"rows": sent, "ids": [f"a-{i}" for i in range(len(sent))]})
    told: list[dict[str, Any]] = json.loads(msgspec.json.encode(answer(desk, "stream", body).entries))
    return told


def portable(given: Made, sent: list[dict[str, object]]) -> dict[str, list[Any]]:
    files = given.project.home.artifacts.version_files("stream", given.version.number)
    model = PortableModel(json.loads(files["plan.json"]), json.loads(files["schema.json"]))
    columns: dict[str, list[Any]] = model.predict({name: [row[name] for row in sent] for name in sent[0]})
    return columns


def test_amounts_are_answered_kept_told_and_watched(amounts: Made) -> None:
    desk, sent = open_desk(amounts.project.folder), rows(amounts, 60)
    told = asked(desk, sent)
    elsewhere = portable(amounts, sent)["score"]
    by_arm = {"champion": elsewhere, "control": [20.0] * len(sent)}
    assert {each["arm"] for each in told} == {"champion", "control"}
    assert [each["score"] for each in told] == [by_arm[str(each["arm"])][i] for i, each in enumerate(told)]
    assert {each["decision"] for each in told} == {None} == {each["threshold"] for each in told}

    said = [{"id": f"a-{i}", "outcome": 21.5 if i % 2 else "1,021.5"} for i in range(50)]
    wrong = [{"id": "a-51", "outcome": "many"}, {"id": "a-52", "outcome": True}]
    taken = tell_outcomes(desk, "stream", msgspec.json.encode({"outcomes": [*said, *wrong]}))
    assert [each.outcome for each in taken.taken[:2]] == [1021.5, 21.5]
    assert [fault.code for fault in taken.faults] == ["wrong-type", "wrong-type"]
    tell_actions(desk, "stream", msgspec.json.encode({"actions": [{"id": "a-1", "action": "ordered"}]}))
    close_desk(desk)
    tick(open_watch(amounts.project.home, "stream"), at=LATER)

    journal = Journal(amounts.project.home, "stream")
    kept = journal.decisions()
    assert kept["score"].to_list() == elsewhere
    assert kept["answered"].drop_nulls().unique().to_list() == [20.0]
    assert journal.outcomes()["outcome_number"].to_list()[:2] == [1021.5, 21.5]


def test_classes_are_answered_kept_told_and_watched(classes: Made) -> None:
    desk, sent = open_desk(classes.project.folder), rows(classes, 60)
    told = asked(desk, sent)
    elsewhere = portable(classes, sent)
    names = ("broken", "fine", "worn")
    assert [each["score"] for each in told] == [
        {name: elsewhere[f"score_{name}"][i] for name in names} for i in range(len(sent))
    ]
    for i, each in enumerate(told):
        by_rule = "repair" if float(str(sent[i]["x"])) > 0 else "leave"
        assert each["decision"] == (by_rule if each["arm"] == "control" else elsewhere["decision"][i])
    taken = tell_outcomes(
        desk,
        "stream",
        msgspec.json.encode({"outcomes": [{"id": "a-1", "outcome": " WORN"}, {"id": "a-2", "outcome": "lost"}]}),
    )
    assert [each.outcome for each in taken.taken] == ["worn"]
    assert taken.faults[0].wanted == "one of broken, fine, worn"
    done = tell_actions(desk, "stream", msgspec.json.encode({"actions": [{"id": "a-1", "action": "Repair"}]}))
    assert done.taken[0].action == "repair"
    close_desk(desk)
    tick(open_watch(classes.project.home, "stream"), at=LATER)

    kept = Journal(classes.project.home, "stream").decisions()
    scores = [json.loads(text) for text in kept["scores"]]
    assert [dict(zip(names, each, strict=True)) for each in scores] == [each["score"] for each in told]
    assert kept["score"].to_list() == [max(each) for each in scores]


def test_the_contract_of_a_model_says_what_its_answers_look_like(amounts: Made, classes: Made) -> None:
    for given, score in ((amounts, ["number", "null"]), (classes, ["object", "null"])):
        desk = open_desk(given.project.folder)
        shapes = document(desk.routes)["components"]["schemas"]
        said = shapes["stream.decision"]["allOf"][1]["properties"]
        assert said["score"]["type"] == score
        card = model_card(desk.routes.services["stream"], desk.routes)
        assert card["decisions"] == ([] if given is amounts else ["leave", "repair", "replace"])
        assert card["when_high"] is None
        assert "outcomes" in landing(desk.routes, "http://here")
        close_desk(desk)


def test_imported_amounts_count_once_and_the_status_tells_what_they_earned(amounts: Made, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(amounts.project.folder, folder)
    home = open_project(folder).home
    desk = open_desk(folder)
    sent = rows(amounts, 200)
    asked(desk, sent)
    close_desk(desk)
    truth = amounts.stream["outcome"].tail(200)
    table = pl.DataFrame({"id": [f"a-{i}" for i in range(200)], "outcome": truth, "happened_at": "2024-06-01"})
    write_table(table, tmp_path / "told.csv")
    for new in (200, 0):
        done = import_table(home, "stream", tmp_path / "told.csv", OUTCOMES, columns={}, at=LATER)
        assert (done.new, done.unknown, done.faults) == (new, 0, ())
    tick(open_watch(home, "stream"), at=LATER)
    (seen,) = statuses(folder, None, at=LATER)

    kept = Journal(home, "stream").decisions()
    champion = (kept["arm"] == "champion").to_numpy()
    beyond = kept["score"].to_numpy()[champion] - truth.to_numpy()[champion]
    price = kept["n_price"].to_numpy()[champion]
    assert seen.realised is not None
    assert seen.realised.rows == int(champion.sum())
    assert seen.realised.value.value == pytest.approx(np.where(beyond > 0, -beyond, 0.2 * price * beyond).mean())


def lived(folder: Path, text: str, stream: pl.DataFrame) -> Replayed:
    write_brief(folder, text.replace("control_share = 0.2", ""))
    write_table(stream, folder / "all.csv")
    write_table(stream.head(9), folder / "rows.csv")
    return replay(open_project(folder), folder / "all.csv", train_until=UNTIL)


@pytest.mark.parametrize(
    ("text", "stream", "names", "codes"),
    [
        (tasks.AMOUNTS, tasks.amounts, {"mae", "rmse", "r2"}, {"F32-bias-moved", "F32-error-grew", "F32-value-fell"}),
        (tasks.CLASSES, tasks.classes, {"accuracy", "f1_macro", "log_loss"}, {"F32-accuracy-fell", "F32-value-fell"}),
    ],
)
def test_a_replay_measures_each_period_and_notices_what_changed(
    tmp_path: Path, text: str, stream: Callable[..., pl.DataFrame], names: set[str], codes: set[str]
) -> None:
    told = lived(tmp_path, text, stream(2, changes=True))
    assert told.decisions == DAYS * ROWS_PER_DAY - (UNTIL - START).days * ROWS_PER_DAY
    for period in told.periods:
        assert names <= period.metrics.keys()
        assert set(period.value) == {"mainstay", "baseline", "ahead"}
    calm = [period for period in told.periods if period.end <= tasks.CHANGE]
    assert all((period.value["ahead"].value or 0) > 0 for period in calm)
    noticed = {each.signal.finding.code for each in told.signals if each.signal.finding.verdict is not Verdict.UNKNOWN}
    assert noticed == codes
    assert all(each.noticed_at > tasks.CHANGE for each in told.signals)
    assert tell(told, parse_brief(text)).answer
