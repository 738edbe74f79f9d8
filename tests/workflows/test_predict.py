"""Answering a file: the same answers as the service gives, each row in its place, each decision journalled once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import polars as pl
import pytest
from tests.interfaces.http.homes import ROW, add, deploy, new_home, shifted
from tests.interfaces.http.spools import lines

from mainstay.domain.errors import Asked, DataError, NotFound, Refused
from mainstay.domain.version import VersionName
from mainstay.store import part_file
from mainstay.store.clock import now
from mainstay.store.home import Home
from mainstay.store.ingest import ingest
from mainstay.store.journal import Journal
from mainstay.workflows import batch
from mainstay.workflows import predict as workflow
from mainstay.workflows.predict import Wanted, predict
from mainstay.workflows.serve import answer, close_desk, open_desk

ODD = [
    ROW,
    ROW | {"region": "festival"},
    ROW | {"age": "50"},
    ROW | {"age": None, "income": None},
    ROW | {"age": "private"},
    ROW | {"age": 1000, "more": 1},
    {"note": "nothing else"},
    {name.upper(): value for name, value in ROW.items()},
]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "BATCH_ROWS", 3)


def named(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [row | {"customer": f"c-{number}"} for number, row in enumerate(rows)]


def ndjson(folder: Path, rows: list[dict[str, object]]) -> Path:
    (folder / "rows.ndjson").write_bytes(msgspec.json.Encoder().encode_lines(rows))
    return folder / "rows.ndjson"


def wanted(folder: Path, table: Path, *, out: str = "out.ndjson", **more: object) -> Wanted:
    return Wanted(table, folder / out, "credit", **{"id_column": "customer"} | more)  # type: ignore[arg-type]


def written(folder: Path, name: str = "out.ndjson") -> list[dict[str, object]]:
    return [msgspec.json.decode(line) for line in (folder / name).read_bytes().splitlines()]


def test_a_file_gets_the_answers_that_the_service_gives(home: Home, tmp_path: Path) -> None:
    rows = named(ODD)
    done = predict(home, wanted(tmp_path, ndjson(tmp_path, rows), journal=False))
    desk = open_desk(tmp_path)
    served = answer(desk, "credit", msgspec.json.encode({"rows": rows, "ids": [row["customer"] for row in rows]}))
    close_desk(desk)
    for row, entry in zip(written(tmp_path), msgspec.json.decode(msgspec.json.encode(served.entries)), strict=True):
        error = entry.pop("error", None)
        assert {name: row[name] for name in entry} == entry
        assert (row["error"] is None) == (error is None)
        if error:
            assert row["error"] == error | {"row": error["row"] + 1}
    assert (done.tally.rows, done.tally.answered, done.tally.warned, done.tally.refused) == (8, 6, 5, 2)
    assert sum(done.tally.kinds.values()) == sum(fault.n for fault in served.faults)


def test_every_form_in_and_out_says_the_same(home: Home, tmp_path: Path) -> None:
    rows = [ROW | {"customer": 1}, ROW | {"customer": 2, "age": 1000, "region": None}, ROW | {"customer": 3}]
    frame = pl.DataFrame(rows)
    frame.write_csv(tmp_path / "rows.csv")
    frame.write_parquet(tmp_path / "rows.parquet")
    ndjson(tmp_path, rows)
    for ending in ("csv", "parquet", "ndjson"):
        for out in ("a.csv", "a.parquet", "a.ndjson"):
            predict(home, wanted(tmp_path, tmp_path / f"rows.{ending}", out=f"{ending}-{out}", journal=False))
    told = [pl.read_parquet(tmp_path / f"{ending}-a.parquet") for ending in ("csv", "parquet", "ndjson")]
    assert told[0].equals(told[1])
    assert told[1].equals(told[2])
    columns = ["id", "version", "arm", "score", "threshold", "decision", "warnings", "error"]
    assert told[0].columns == columns
    text = pl.read_csv(tmp_path / "csv-a.csv", schema=told[0].schema)
    plain = ["id", "score", "threshold", "decision", "version", "arm"]
    assert text.select(plain).equals(told[0].select(plain))
    assert text["warnings"].to_list() == [None, "out-of-range: age; missing: region", None]
    assert [row["score"] for row in written(tmp_path, "csv-a.ndjson")] == told[0]["score"].to_list()


def test_ids_that_a_spreadsheet_would_run_stay_and_are_named(home: Home, tmp_path: Path) -> None:
    ids = ["=1+1", "-5", "@x", *map(str, range(6))]
    table = ndjson(tmp_path, [ROW | {"customer": id_} for id_ in ids])
    done = predict(home, wanted(tmp_path, table, out="out.csv", journal=False))
    assert done.tally.formulas == {"id"}
    assert pl.read_csv(tmp_path / "out.csv")["id"].to_list() == ids
    assert predict(home, wanted(tmp_path, table, journal=False)).tally.formulas == set()


def test_decisions_are_journalled_under_ids_that_are_the_same_next_time(home: Home, tmp_path: Path) -> None:
    table = ndjson(tmp_path, [ROW, ROW | {"age": "private"}, ROW | {"region": "festival"}, ROW])
    for _ in range(2):
        done = predict(home, wanted(tmp_path, table, id_column=None))
    assert done.journalled
    ids = [row["id"] for row in written(tmp_path)]
    assert [each.rpartition(".")[2] for each in ids] == ["1", "2", "3", "4"]
    ingest(home, "credit", at=now())
    kept = Journal(home, "credit").table("decisions").scan(parts={"standing": "first"}).collect()
    assert sorted(kept["id"]) == sorted(each for each in ids if each != ids[1])
    assert kept["arm"].unique().to_list() == ["champion"]
    faults = Journal(home, "credit").table("faults").scan().collect()
    assert {(row["field"], row["code"], row["refused"]) for row in faults.to_dicts()} == {
        ("age", "wrong-type", True),
        ("region", "unseen-level", False),
    }


def test_no_warning_of_a_file_is_left_out_however_many_there_are(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "BATCH_ROWS", 4_096)
    odd = ROW | {"age": 1000, "region": "festival", "member": "yes"}
    predict(home, wanted(tmp_path, ndjson(tmp_path, named([odd] * 3_000)), journal=False))
    assert {len(row["warnings"]) for row in written(tmp_path)} == {3}  # type: ignore[arg-type]


class Killed(BaseException):
    """What ends an attempt at a moment of the test's choice."""


def killed_at(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, turn: int, *, after: bool) -> None:
    """End an attempt in the given call of a function, before or after it did its work."""
    done, turns = getattr(owner, name), iter(range(1, 1000))

    def ends(*args: object, **more: object) -> object:
        last = next(turns) == turn
        if last and not after:
            raise Killed
        found = done(*args, **more)
        if last:
            raise Killed
        return found

    monkeypatch.setattr(owner, name, ends)


@pytest.mark.parametrize("turn", [1, 2, 3])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("name", ["keep", "put_file", "finish"])
def test_killed_at_any_moment_it_goes_on_and_loses_and_doubles_nothing(
    name: str, after: bool, turn: int, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = ndjson(tmp_path, named(ODD))
    owner = {"keep": batch.Journalling, "put_file": part_file, "finish": part_file.PartFile}[name]
    with monkeypatch.context() as patched:
        killed_at(patched, owner, name, 1 if name == "finish" else turn, after=after)
        with pytest.raises(Killed):
            predict(home, wanted(tmp_path, table))
    done = predict(home, wanted(tmp_path, table))
    assert [row["id"] for row in written(tmp_path)] == [f"c-{n}" for n in range(8)]
    assert (done.tally.rows, done.tally.answered) == (8, 6)
    kept = {(line["id"], line["row_digest"], line["score"]) for line in lines(tmp_path)}  # of one id, the first counts
    assert sorted(id_ for id_, _, _ in kept) == sorted(f"c-{n}" for n in range(8) if n not in (4, 6))
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("out.ndjson.")]


def test_what_was_answered_is_not_answered_again(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = ndjson(tmp_path, named(ODD))
    with monkeypatch.context() as patched:
        killed_at(patched, batch.Journalling, "keep", 3, after=False)
        with pytest.raises(Killed):
            predict(home, wanted(tmp_path, table))
    assert predict(home, wanted(tmp_path, table)).resumed_at == 6
    assert len(lines(tmp_path)) == 6


@pytest.fixture
def begun(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of which some rows are answered."""
    table = ndjson(tmp_path, named(ODD))
    with monkeypatch.context() as patched:
        killed_at(patched, batch.Journalling, "keep", 3, after=False)
        with pytest.raises(Killed):
            predict(home, wanted(tmp_path, table))
    return table


def test_another_version_or_another_file_begins_anew_and_says_so(home: Home, tmp_path: Path, begun: Path) -> None:
    deploy(home, add(home, plan=shifted(1.0)))
    done = predict(home, wanted(tmp_path, begun))
    assert (done.resumed_at, done.anew) == (0, "the version")
    assert {row["version"] for row in written(tmp_path)} == {2}


def test_a_changed_file_begins_anew(home: Home, tmp_path: Path, begun: Path) -> None:
    ndjson(tmp_path, named(ODD[:2]))
    done = predict(home, wanted(tmp_path, begun))
    assert (done.resumed_at, done.anew, done.tally.rows) == (0, "the file", 2)


def test_only_the_live_version_is_journalled(tmp_path: Path) -> None:
    home = new_home(tmp_path, live=False)
    table = ndjson(tmp_path, named(ODD[:2]))
    done = predict(home, wanted(tmp_path, table))
    assert (done.journalled, done.is_live, str(done.version)) == (False, False, "credit/1")
    assert not (home.spool_root / "credit").exists()
    with pytest.raises(Refused, match="is not live"):
        predict(home, wanted(tmp_path, table, journal=True, version=VersionName("credit", 1)))


def test_rows_that_cannot_be_read_or_named_are_answered_in_their_place(home: Home, tmp_path: Path) -> None:
    table = tmp_path / "rows.ndjson"
    row = msgspec.json.encode(ROW | {"customer": "c-1"})
    table.write_bytes(row + b'\n{"age":\n[1]\n' + row.replace(b'"c-1"', b"true") + b"\n" + row.replace(b"50", b"NaN"))
    predict(home, wanted(tmp_path, table, journal=False))
    found = written(tmp_path)
    codes = [row["error"] and (row["error"]["row"], row["error"]["code"]) for row in found]  # type: ignore[index]
    assert codes == [None, (2, "bad-row"), (3, "not-a-row"), (4, "bad-id"), None]
    assert [warned["code"] for warned in found[4]["warnings"]] == ["not-finite"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("written_as", "ids"), [('"17"', "17"), ("17", "17"), ("17.0", "17"), ('"007"', "007"), ('"1.0"', "1.0")]
)
def test_an_id_is_the_same_whatever_type_a_table_gives_it(
    written_as: str, ids: str, home: Home, tmp_path: Path
) -> None:
    table = tmp_path / "rows.ndjson"
    table.write_text(f'{{"customer": {written_as}, "age": 50}}\n')
    predict(home, wanted(tmp_path, table, journal=False))
    (tmp_path / "rows.csv").write_text(f"customer,age\n{written_as},50\n")
    assert [row["id"] for row in written(tmp_path)] == [ids]
    if "17.0" not in written_as:  # a text has no type: there 17.0 is what it says
        predict(home, wanted(tmp_path, tmp_path / "rows.csv", journal=False))
        assert [row["id"] for row in written(tmp_path)] == [ids]


def test_what_cannot_be_done_is_said(home: Home, tmp_path: Path) -> None:
    table = ndjson(tmp_path, ODD[:2])
    with pytest.raises(Asked, match="in which form"):
        predict(home, wanted(tmp_path, table, out="out.xls"))
    with pytest.raises(Asked, match="is the file to be answered"):
        predict(home, wanted(tmp_path, table, out="rows.ndjson"))
    with pytest.raises(DataError, match="no row has a column 'costumer'") as missing:
        predict(home, wanted(tmp_path, table, id_column="costumer"))
    assert "Known: age" in missing.value.remedy
    with pytest.raises(NotFound):
        predict(home, wanted(tmp_path, table, version=VersionName("credit", 9)))
    assert not (tmp_path / "out.ndjson").exists()
