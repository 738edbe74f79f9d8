"""Holdouts over the life of a project: sealed once, found again in any table, every look counted, and then refused."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from tests.workflows.lives import summary

from mainstay.domain.brief import parse_brief
from mainstay.domain.errors import Refused, StoreError
from mainstay.domain.evaluation import Estimate, Summary
from mainstay.domain.event import Act
from mainstay.domain.finding import Verdict
from mainstay.domain.gates import failed_gates
from mainstay.domain.holdout import Account, Holdout
from mainstay.domain.version import VersionName, parse_version
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.simulation.streams import clean_stream
from mainstay.store.project import Project, open_project, write_brief
from mainstay.store.seals import account_of
from mainstay.store.snapshots import Snapshots
from mainstay.workflows.backup import back_up, bring_back
from mainstay.workflows.holdout_account import tell
from mainstay.workflows.holdouts import Opened, book_of, known_rows, open_rows
from mainstay.workflows.live import deploy
from mainstay.workflows.looks import Judged, look
from mainstay.workflows.prepare import prepare
from mainstay.workflows.snapshot import proven_rows
from mainstay.workflows.train import train

AT = datetime(2026, 5, 4, tzinfo=UTC)
BRIEF = """\
[model]
name = "stream"
[data]
source = "rows.csv"
target = "outcome"
positive = 1
exclude = ["row_id"{excluded}]
{data}
[holdouts]
looks = 2
{holdouts}
[value]
currency = "EUR"
when_high_and_positive = 10
when_high_and_negative = -3
when_low_and_positive = 0
when_low_and_negative = 0
"""
ROWS = clean_stream(seed=5, days=100, rows_per_day=40, n_numbers=2, n_categories=1).rows


def lay(folder: Path, *, timed: bool = False, data: str = "", holdouts: str = "") -> Project:
    said = f'time = "at"\n{data}' if timed else data
    write_brief(folder, BRIEF.format(excluded="" if timed else ', "at"', data=said, holdouts=holdouts))
    return open_project(folder)


def opened(project: Project, table: pl.DataFrame, *, seed: int = 0, only: str | None = None) -> Opened:
    return open_rows(project, table, seed=seed, actor="anna", at=AT, only=only)


def judged(rows: Opened) -> set[int]:
    return set(rows.ready.rows["row_id"].cast(pl.Int64).gather(rows.ready.prepared.holdout).to_list())


def taught(rows: Opened) -> set[int]:
    prepared = rows.ready.prepared
    return set(rows.ready.rows["row_id"].gather(np.r_[prepared.training, prepared.calibration]).to_list())


@pytest.mark.parametrize("timed", [False, True])
def test_later_trainings_find_the_same_rows_in_any_order_under_any_seed_however_typed(
    tmp_path: Path, timed: bool
) -> None:
    project = lay(tmp_path, timed=timed)
    first = opened(project, ROWS.head(1500), seed=1)
    texts = ROWS.head(1500).with_columns(pl.col("number_1").cast(pl.String), pl.col("outcome").cast(pl.Float64))
    tables = [
        ROWS.head(1500).sample(fraction=1.0, shuffle=True, seed=3),
        ROWS.head(1500).select(*reversed(ROWS.columns)),
        ROWS.head(1500).with_columns(more=pl.lit(1)),
        texts,
        ROWS.head(1500).drop("number_2"),
        ROWS.head(1550),
    ]
    for seed, table in enumerate(tables):
        again = opened(project, table, seed=seed + 10)
        assert judged(again) == judged(first)
        assert not taught(again) & judged(first)
    events = [event.act for event in project.home.ledger.events("stream")]
    assert events.count(Act.HOLDOUT_SEALED) == 1


def test_what_is_sealed_says_what_it_is_and_a_changed_seal_is_refused(tmp_path: Path) -> None:
    project = lay(tmp_path)
    first = opened(project, ROWS.head(1000), seed=7)
    (event,) = [each for each in project.home.ledger.events("stream") if each.act == Act.HOLDOUT_SEALED]
    body = event.body
    assert (body["name"], body["kind"], body["seed"], body["n_rows"]) == ("h1", "random", 7, len(judged(first)))
    assert body["snapshot"] == first.snapshot.root
    (path,) = project.home.holdouts_root.rglob("*.npz")
    whole = path.read_bytes()
    with np.load(path) as arrays:
        kept = dict(arrays)
    for name in ("members", "taught", "positions"):
        np.savez(path, **{**kept, name: kept[name][1:]})
        with pytest.raises(StoreError, match="not those that were sealed"):
            opened(project, ROWS.head(1000))
    path.write_bytes(whole[:-200])
    with pytest.raises(StoreError, match="damaged"):
        opened(project, ROWS.head(1000))
    path.unlink()
    with pytest.raises(StoreError, match="gone"):
        opened(project, ROWS.head(1000))


def test_entities_stay_sealed_when_they_come_again(tmp_path: Path) -> None:
    entities = pl.Series("who", np.random.default_rng(1).integers(0, 300, ROWS.height))
    rows = ROWS.with_columns(entities)
    project = lay(tmp_path, data='entity = "who"')
    first = opened(project, rows.head(1500))
    assert judged(opened(project, rows.head(1500).drop("number_1"), seed=3)) == judged(first)
    assert judged(opened(project, rows.head(1500).with_columns(more=pl.lit(1)), seed=3)) == judged(first)
    who = dict(zip(rows["row_id"], rows["who"], strict=True))
    later = opened(project, rows.head(2500), seed=4)
    assert judged(first) < judged(later)
    assert {who[row] for row in judged(first)} == {who[row] for row in judged(later)}
    assert not {who[row] for row in taught(later)} & {who[row] for row in judged(later)}


def test_newer_data_makes_a_fresh_holdout_and_the_old_one_teaches(tmp_path: Path) -> None:
    project = lay(tmp_path, timed=True)
    first, second = (opened(project, ROWS.head(n)) for n in (1200, 1600))
    assert (first.holdout.name, second.holdout.name) == ("h1", "h2")
    assert judged(first) <= taught(second)
    assert max(judged(first)) < min(judged(second))
    repeated = opened(project, ROWS.head(1200), only="h1")
    assert judged(repeated) == judged(first)
    assert taught(repeated) == taught(first)
    assert [each.status for each in tell(project.home, "stream", project.brief).holdouts] == ["released", "current"]


def test_holdouts_come_along_in_a_backup(tmp_path: Path) -> None:
    project = lay(tmp_path / "here")
    first = opened(project, ROWS.head(800))
    back_up(project.home, tmp_path / "kept.tar", at=AT)
    bring_back(tmp_path / "kept.tar", tmp_path / "there", actor="anna", at=AT)
    write_brief(tmp_path / "there", project.text)
    assert judged(opened(open_project(tmp_path / "there"), ROWS.head(800), seed=9)) == judged(first)


def told(number: int, area: float, *, value: float = 5.0, digest: str = "") -> Summary:
    """What a training measured: a ROC AUC within 0.01, and a value within 1."""
    made = summary(number, model="stream", value=value)
    metrics = {"roc_auc": Estimate(area, area - 0.01, area + 0.01)}
    worth = Estimate(value, value - 1, value + 1)
    return msgspec.structs.replace(made, model_digest=digest or f"sha256:{number}", metrics=metrics, value=worth)


def looks(project: Project, given: Sequence[Summary], rows: Sequence[str] = ()) -> list[Summary]:
    """What versions are told of h1, one after another, each look written down; `rows` are those that judge each."""
    known, answers = account_of(project.home), []
    for number, each in enumerate(given, start=1):
        judged_on = Judged(known.holdouts[0], rows[number - 1] if rows else "all")
        looked = look(each, judged_on, known, project.brief, version=number)
        answers.append(looked.summary)
        body = {
            "version": number,
            "model_digest": each.model_digest,
            "summary": msgspec.to_builtins(looked.summary),
        }
        project.home.ledger.extend("stream", [(Act.TRAINED, body), *looked.acts], actor="anna", at=AT)
        known = account_of(project.home)
    return answers


def test_a_gain_within_luck_does_not_count_a_clear_one_does_and_so_does_a_loss(tmp_path: Path) -> None:
    project = lay(tmp_path, holdouts="")
    opened(project, ROWS.head(800))
    answers = looks(project, [told(1, 0.78), told(2, 0.785), told(3, 0.83), told(4, 0.70), told(5, 0.832)])
    assert [each.metrics["roc_auc"].value for each in answers] == [0.78, 0.78, 0.83, 0.70, 0.83]
    assert [each.looks for each in answers] == [1, 2, 3, 4, 5]
    widths = [(each.metrics["roc_auc"].high or 0) - (each.metrics["roc_auc"].low or 0) for each in answers]
    assert widths == sorted(widths)
    reused = [[f for f in each.findings if f.code == "F07-holdout-reused"] for each in answers]
    assert [[f.verdict for f in found] for found in reused] == [
        [],
        [Verdict.WARN],
        [Verdict.PASS],
        [Verdict.PASS],
        [Verdict.WARN],
    ]
    assert "ROC AUC counts as 0.78, not 0.785: the gain is within luck" in reused[1][0].because
    assert "that is why they equal those of an older version" in reused[1][0].because
    assert [each.corrected for each in answers[1:3]] == [("roc_auc",), ()]
    spent = [[f.verdict for f in each.findings if f.code == "F07-looks-spent"] for each in answers]
    assert spent == [[], [], [Verdict.FAIL], [Verdict.FAIL], [Verdict.FAIL]]
    assert failed_gates((), answers[2].findings) == ("F07-looks-spent",)


def test_the_same_model_again_is_no_new_look_and_is_told_the_same(tmp_path: Path) -> None:
    project = lay(tmp_path)
    opened(project, ROWS.head(800))
    given = [told(1, 0.78), told(2, 0.785), told(3, 0.785, digest="sha256:2"), told(4, 0.78, digest="sha256:1")]
    answers = looks(project, given)
    assert [each.looks for each in answers] == [1, 2, 2, 1]
    assert [each.metrics for each in answers[2:]] == [answers[1].metrics, answers[0].metrics]
    assert account_of(project.home).used(answers_holdout(project)) == 2


def test_the_same_model_at_other_rows_of_the_holdout_is_a_look_of_its_own(tmp_path: Path) -> None:
    project = lay(tmp_path)
    opened(project, ROWS.head(800))
    given = [told(n, area, digest="sha256:1") for n, area in enumerate((0.78, 0.785, 0.78), start=1)]
    answers = looks(project, given, rows=("all", "some", "all"))
    assert [each.looks for each in answers] == [1, 2, 1]
    assert answers[1].metrics["roc_auc"].value == 0.78
    assert account_of(project.home).used(answers_holdout(project)) == 2


@pytest.mark.parametrize("entity", [False, True])
@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_sealed_rows_stay_sealed_in_another_time_zone(tmp_path: Path, zone: str, entity: bool) -> None:
    who = pl.Series("who", np.random.default_rng(1).integers(0, 900, ROWS.height))
    table = ROWS.with_columns(who, pl.col("at").dt.replace_time_zone(None)).head(1200)
    data = 'entity = "who"' if entity else ""
    project = lay(tmp_path, timed=True, data=data)
    first = opened(project, table)
    moved = opened(
        replace(project, brief=parse_brief(project.text.replace("[data]", f'[data]\ntime_zone = "{zone}"'))), table
    )
    assert moved.holdout.name == "h1"
    assert not taught(moved) & judged(first)
    if not entity:
        assert judged(moved) == judged(first)
        assert moved.ready.split.judged_rows == first.ready.split.judged_rows


TYPED = ROWS.head(900).select(
    pl.col("at").dt.replace_time_zone(None).alias("at"),
    pl.col("row_id"),
    (pl.col("at").dt.date() + pl.duration(days=pl.col("row_id") % 700)).alias("day"),
    ((pl.col("number_1") * 1000).round(2)).alias("amount"),
    (pl.col("row_id") % 5 > 1).alias("known"),
    pl.col("row_id").floordiv(3).cast(pl.Int64).alias("whole"),
    pl.when(pl.col("row_id") % 9 > 0).then("category_1").alias("category_1"),
    pl.col("outcome"),
)
AS_TEXTS = {
    "iso": TYPED.with_columns(pl.col("at").dt.to_string("%Y-%m-%d %H:%M:%S"), pl.col("day").dt.to_string("%Y-%m-%d")),
    "iso with T and Z": TYPED.with_columns(pl.col("at").dt.to_string("%Y-%m-%dT%H:%M:%SZ")),
    "days first": TYPED.with_columns(pl.col("day").dt.to_string("%d.%m.%Y")),
    "midnights": TYPED.with_columns(pl.col("day").cast(pl.Datetime("ns"))),
    "with a zone": TYPED.with_columns(pl.col("at").dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo")),
    "seconds": TYPED.with_columns(pl.col("at").dt.epoch("s")),
    "numbers": TYPED.with_columns(pl.col("amount").cast(pl.String), pl.col("whole").cast(pl.Float64)),
    "commas": TYPED.with_columns(
        pl.concat_str(pl.lit("€ "), pl.col("amount").cast(pl.String).str.replace(".", ",", literal=True)).alias(
            "amount"
        )
    ),
    "yes and no": TYPED.with_columns(pl.when("known").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("known")),
    "True": TYPED.with_columns(pl.when("known").then(pl.lit("True")).otherwise(pl.lit("False")).alias("known")),
    "ones": TYPED.with_columns(pl.col("known").cast(pl.Int8)),
    "missing": TYPED.with_columns(pl.col("category_1").fill_null("NA")),
    "texts": TYPED.select(pl.all().cast(pl.String)),
}


@pytest.mark.parametrize("writing", AS_TEXTS)
@pytest.mark.parametrize("typed_first", [False, True])
def test_sealed_rows_are_known_again_however_a_column_is_typed(
    tmp_path: Path, writing: str, *, typed_first: bool
) -> None:
    first, second = (TYPED, AS_TEXTS[writing]) if typed_first else (AS_TEXTS[writing], TYPED)
    project = lay(tmp_path, timed=True)
    sealed = opened(project, first)
    again = opened(project, second.sample(fraction=1.0, shuffle=True, seed=1), seed=5)
    assert judged(again) == judged(sealed)
    assert again.ready.split.judged_rows == sealed.ready.split.judged_rows


def test_a_date_that_is_bare_once_and_with_a_zone_then_is_the_same_moment(tmp_path: Path) -> None:
    project = lay(tmp_path, timed=True, data='time_zone = "America/New_York"')
    first = opened(project, AS_TEXTS["iso"])
    aware = pl.col("at").dt.replace_time_zone("America/New_York", ambiguous="earliest", non_existent="null")
    assert judged(opened(project, TYPED.with_columns(aware.dt.convert_time_zone("UTC")))) == judged(first)
    moved = replace(project, brief=parse_brief(project.text.replace("America/New_York", "Asia/Tokyo")))
    assert judged(opened(moved, TYPED)) == judged(first)


def test_holdouts_of_an_older_edition_of_keys_are_read_from_their_snapshot(tmp_path: Path) -> None:
    project = lay(tmp_path)
    first = opened(project, ROWS.head(800))
    known = account_of(project.home)
    older = msgspec.structs.replace(known.holdouts[0], edition=1, written={})
    book = book_of(project, replace(known, holdouts=(older,)), ROWS.head(800))
    again = prepare(ROWS.head(800), project.brief, seed=4, book=book)
    assert set(again.rows["row_id"].gather(again.prepared.holdout).to_list()) == judged(first)


def test_holdouts_are_not_read_from_rows_that_were_changed(tmp_path: Path) -> None:
    project = lay(tmp_path)
    table = ROWS.head(800)
    opened(project, table)
    known = account_of(project.home)
    older = msgspec.structs.replace(known.holdouts[0], edition=1, written={})
    (kept,) = Snapshots(project.home).all()
    table.reverse().write_parquet(project.home.snapshots_root / kept.id / "rows.parquet")
    with pytest.raises(StoreError, match="were changed"):
        book_of(project, replace(known, holdouts=(older,)), table)
    with pytest.raises(StoreError, match="were changed"):
        known_rows(replace(project, brief=parse_brief(project.text.replace('"stream"', '"other"'))), known, table)
    with pytest.raises(StoreError, match="were changed"):
        book_of(project, known, table.drop(table.columns[-1]))


def test_a_training_on_rows_whose_snapshot_is_damaged_says_so_and_can_be_examined(tmp_path: Path) -> None:
    project = lay(tmp_path)
    table = ROWS.head(800)
    first = opened(project, table)
    (kept,) = Snapshots(project.home).all()
    table.reverse().write_parquet(project.home.snapshots_root / kept.id / "rows.parquet")
    again = opened(project, table, seed=1)
    assert [each.verdict for each in again.ready.findings if each.code == "F14-snapshot-damaged"] == [Verdict.WARN]
    assert again.snapshot.root == first.snapshot.root
    assert proven_rows(project, again.snapshot.root).equals(table)
    assert judged(again) == judged(first)
    other = replace(project, brief=parse_brief(project.text.replace('"stream"', '"other"')))
    table.reverse().write_parquet(project.home.snapshots_root / kept.id / "rows.parquet")
    assert judged(opened(other, table)) == judged(first), "another model of these rows begins too"


def test_copies_of_sealed_rows_judge_once_and_never_teach_and_fewer_rows_are_other_rows(tmp_path: Path) -> None:
    table = ROWS.head(800)
    project = lay(tmp_path)
    first = opened(project, table)
    sealed = table.filter(pl.col("row_id").is_in(judged(first)))
    more = opened(project, pl.concat([table, sealed.head(30), sealed.head(30)]))
    assert more.ready.prepared.holdout.size == len(judged(first))
    assert not taught(more) & judged(first)
    assert more.ready.split.judged_rows == first.ready.split.judged_rows
    fewer = opened(project, table.filter(~pl.col("row_id").is_in(sealed["row_id"].head(30).to_list())))
    assert fewer.holdout.name == "h1"
    assert fewer.ready.split.judged_rows != first.ready.split.judged_rows
    copies = pl.concat([table.join(sealed, on="row_id", how="anti"), *[sealed.head(30)] * 5])
    assert opened(project, copies).holdout.name == "h2"  # thirty rows are not enough, however often they come


def test_who_takes_most_sealed_rows_away_is_still_compared_with_the_best_answer(tmp_path: Path) -> None:
    project = lay(tmp_path)
    first = opened(project, ROWS.head(800))
    looks(project, [told(1, 0.78)])
    second = opened(project, ROWS.head(800).filter(~pl.col("row_id").is_in(judged(first))))
    assert (second.holdout.name, second.holdout.carried) == ("h2", 1)
    known = account_of(project.home)
    looked = look(told(2, 0.785), Judged(second.holdout, "others"), known, project.brief, version=2)
    assert (looked.summary.looks, looked.summary.metrics["roc_auc"].value) == (2, 0.78)


def answers_holdout(project: Project) -> Holdout:
    return account_of(project.home).holdouts[0]


def test_looks_taken_before_holdouts_were_sealed_count(tmp_path: Path) -> None:
    project = lay(tmp_path)
    body = {"version": 1, "holdout": "sha256:0", "look": 1}
    project.home.ledger.append("stream", Act.HOLDOUT_LOOKED, body, actor="anna", at=AT)
    assert opened(project, ROWS.head(800)).holdout.carried == 1
    assert Account().holdouts == ()


@pytest.fixture(scope="module")
def spent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, list[Summary]]:
    """A project that has trained three times where two looks are allowed."""
    project = lay(tmp_path_factory.mktemp("spent"))
    ROWS.head(700).write_csv(project.folder / "rows.csv")
    made = [train(project, seed=seed, actor="anna", at=AT, on_progress=lambda what, share: None) for seed in range(3)]
    return project, made


def test_beyond_the_budget_deploying_is_refused_unless_somebody_takes_it_on(
    spent: tuple[Project, list[Summary]],
) -> None:
    project, made = spent
    assert [(each.holdout, each.looks) for each in made] == [("h1", 1), ("h1", 2), ("h1", 3)]
    third = parse_version(made[2].version)
    with pytest.raises(Refused, match="F07-looks-spent"):
        deploy(project.home, third, actor="anna", at=AT)
    deploy(project.home, VersionName("stream", 2), actor="anna", at=AT)
    life = deploy(project.home, third, actor="anna", at=AT, override=True, why="the board knows")
    assert life.live == third.number


def test_the_account_as_typed(
    spent: tuple[Project, list[Summary]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, made = spent
    assert run(mainstay, ["holdouts", "--project", str(project.folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[:4] == ["h1", "spent", "at", "random"]
    assert "1–3" in lines[1]
    assert "3 of 2" in lines[1]
    assert lines[-1] == "Next: bring newer rows to data.source, then mainstay train"
    assert run(mainstay, ["holdouts", "--json", "--project", str(project.folder)]) == 0
    document = json.loads(capsys.readouterr().out)
    (only,) = document["holdouts"]
    assert (document["looks_left"], only["status"], only["looks"], only["budget"]) == (0, "spent", 3, 2)
    assert [each["version"] for each in only["looked"]] == [1, 2, 3]
    best = max(each.metrics["roc_auc"].value for each in made)
    assert only["best"] == {"roc_auc": best}
    lay(tmp_path / "new")
    assert run(mainstay, ["holdouts", "--project", str(tmp_path / "new")]) == 0
    assert "sealed no rows yet" in capsys.readouterr().out


def renamed(project: Project, name: str = "other") -> Project:
    text = project.text.replace('name = "stream"', f'name = "{name}"')
    return replace(project, text=text, brief=parse_brief(text))


def test_a_model_by_another_name_finds_the_holdout_of_its_rows_and_the_looks_at_it(tmp_path: Path) -> None:
    project = lay(tmp_path)
    first = opened(project, ROWS.head(800))
    looks(project, [told(1, 0.78)])
    other = renamed(project)
    again = opened(other, ROWS.head(800), seed=8)
    assert (again.holdout.name, judged(again)) == ("h1", judged(first))
    known = account_of(project.home)
    looked = look(told(1, 0.785, digest="sha256:9"), Judged(again.holdout, "all"), known, other.brief, version=1)
    assert (looked.summary.looks, looked.summary.metrics["roc_auc"].value) == (2, 0.78)
    body = {"version": 1, "model_digest": "sha256:9", "summary": msgspec.to_builtins(looked.summary)}
    project.home.ledger.extend("other", [(Act.TRAINED, body), *looked.acts], actor="anna", at=AT)
    for model in ("stream", "other", "third"):
        (stands,) = tell(project.home, model, project.brief).holdouts
        assert stands.used == 2
    assert [tell(project.home, model, project.brief).holdouts[0].versions_said for model in ("stream", "other")] == [
        "1, other/1",
        "stream/1, 1",
    ]
    taken = opened(other, ROWS.head(800).filter(~pl.col("row_id").is_in(judged(first))))
    assert (taken.holdout.name, taken.holdout.carried) == ("h2", 2)


def test_a_model_of_other_rows_begins_anew(tmp_path: Path) -> None:
    project = lay(tmp_path)
    opened(project, ROWS.head(800))
    looks(project, [told(1, 0.78)])
    second = opened(renamed(project), ROWS.slice(1000, 800))
    assert (second.holdout.name, second.holdout.carried) == ("h2", 0)
    assert not [each.code for each in second.ready.findings if each.code == "F07-holdout-resealed"]
    assert opened(renamed(project), ROWS.slice(1000, 800), seed=3).holdout == account_of(project.home).holdouts[1]
    assert [each.holdout.name for each in tell(project.home, "other", project.brief).holdouts] == ["h2"]


def test_training_and_the_account_refuse_a_history_that_was_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = lay(tmp_path)
    ROWS.head(700).write_csv(project.folder / "rows.csv")
    opened(project, ROWS.head(700))
    looks(project, [told(1, 0.78), told(2, 0.79)])
    with sqlite3.connect(project.home.root / "ledger.sqlite") as db:
        (trigger,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'event_is_never_removed'").fetchone()
        db.execute("DROP TRIGGER event_is_never_removed")
        db.execute("DELETE FROM event WHERE act = 'holdout-looked' AND body LIKE '%\"look\":1,%'")
        db.execute(trigger)
    for command in ("train", "holdouts"):
        assert run(mainstay, [command, "--project", str(project.folder)]) == 1
        told_so = capsys.readouterr().err
        assert "the history was changed: stream event 5: events 4 to 4 are missing" in told_so
        assert "mainstay history --verify" in told_so


@pytest.mark.parametrize("body", ["[]", "null", "{}", '{"version":[1]}', '{"version":"x","summary":7}'])
def test_events_that_do_not_say_what_they_must_are_no_fault_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], body: str
) -> None:
    project = lay(tmp_path)
    opened(project, ROWS.head(700))
    looks(project, [told(1, 0.78)])
    with sqlite3.connect(project.home.root / "ledger.sqlite") as db:
        (trigger,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'event_is_never_changed'").fetchone()
        db.execute("DROP TRIGGER event_is_never_changed")
        db.execute("UPDATE event SET body = ? WHERE act = 'trained'", (body,))
        db.execute(trigger)
    for command in ("status", "versions", "holdouts"):
        assert run(mainstay, [command, "--project", str(project.folder)]) == 1
        said = capsys.readouterr().err
        assert "Mainstay itself failed" not in said
        assert "mainstay history --verify" in said


def test_copies_of_sealed_rows_never_teach_where_other_equal_rows_are_told_apart(tmp_path: Path) -> None:
    rows = ROWS.head(600).select(pl.lit(0).alias("row_id"), pl.lit("").alias("at"), r"^(number|category).*$", "outcome")
    often = pl.concat([rows.head(1)] * 60).with_columns((pl.int_range(60) % 2).alias("outcome"))
    project = lay(tmp_path)
    first = opened(project, pl.concat([rows, often]))
    assert first.holdout.counted
    sealed = first.ready.rows[first.ready.prepared.holdout].join(often, on=often.columns, how="anti")
    denied = sealed.with_columns((1 - pl.col("outcome")).alias("outcome"))
    again = opened(project, pl.concat([rows, often, *[sealed] * 12, *[denied] * 12]))
    prepared = again.ready.prepared
    lessons = again.ready.rows[np.r_[prepared.training, prepared.calibration]]
    assert again.holdout.name == "h1"
    assert lessons.join(sealed, on=sealed.columns, how="semi").is_empty()
