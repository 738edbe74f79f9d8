"""Ingestion: everything that was answered is in the journal exactly once, whatever dies and however many try."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Iterable
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.traffic import AT, AT_US, DAY_US, action, decision, fault, lines, outcome

from mainstay.domain.errors import Busy, StoreError
from mainstay.domain.traffic import Decision
from mainstay.store import ingest as module
from mainstay.store.delta import SMALL_FILES
from mainstay.store.home import Home, open_home
from mainstay.store.ingest import Ingested, import_rows, ingest
from mainstay.store.journal import RETAKEN_ID, Journal
from mainstay.store.spool import Spool
from mainstay.store.spool_reading import segments, slots

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


def spooled(home: Home, stream: str, *batches: Iterable[msgspec.Struct]) -> None:
    spool = Spool(home.spool_root, "m", stream)
    for batch in batches:
        spool.write(lines(batch))
    spool.close()


def ids(home: Home) -> list[str]:
    return Journal(home, "m").decisions(columns=["id"])["id"].to_list()


def test_an_empty_spool_is_nothing_to_do(home: Home) -> None:
    assert ingest(home, "m", at=AT) == Ingested()
    assert Journal(home, "m").decisions().height == 0
    assert not home.journal_root.exists()


def test_every_stream_arrives_as_it_was_written(home: Home) -> None:
    spooled(home, "decisions", [decision("a"), decision("b", used={"age": None, "pay (net)": 7.5})])
    spooled(home, "outcomes", [outcome("a"), outcome("b", "no")])
    spooled(home, "actions", [action("a")])
    spooled(home, "faults", [fault()])
    assert ingest(home, "m", at=AT) == Ingested(decisions=2, actions=1, outcomes=2, faults=1)
    assert ingest(home, "m", at=AT) == Ingested()
    journal = Journal(home, "m")
    rows = journal.decisions()
    assert rows["id"].to_list() == ["a", "b"]
    assert rows["at"].to_list() == [AT, AT]
    assert rows["n_age"].to_list() == [41.0, None]
    assert rows["s_region"].to_list() == ["EU", None]
    assert rows["n_pay%20%28net%29"].to_list() == [None, 7.5]
    assert "n_income" not in rows.columns
    assert rows["received"][0] == '{"age":41,"region":"EU"}'
    assert journal.outcomes().select("outcome", "outcome_number").rows() == [("1", 1.0), ("no", None)]
    assert journal.actions()["action"].to_list() == ["declined"]
    assert journal.faults()["n"].to_list() == [2]


def test_a_field_that_changes_its_kind_gets_a_second_column(home: Home) -> None:
    spooled(home, "decisions", [decision("a", used={"x": 1.0})])
    ingest(home, "m", at=AT)
    spooled(home, "decisions", [decision("b", used={"x": "one", "new": 2.0}), decision("c", used={"x": 3.0})])
    ingest(home, "m", at=AT)
    rows = Journal(home, "m").decisions()
    assert rows["n_x"].to_list() == [1.0, None, 3.0]
    assert rows["s_x"].to_list() == [None, "one", None]
    assert rows["n_new"].to_list() == [None, 2.0, None]


def test_consumed_segments_are_gone_and_a_living_one_stays(home: Home) -> None:
    spool = Spool(home.spool_root, "m", "decisions", rotate_at=100)
    for i in range(4):
        spool.write(lines([decision(f"a{i}")]))
    ingest(home, "m", at=AT)
    ((segment,),) = map(segments, slots(home.spool_root, "m", "decisions"))
    assert segment.number == 4
    spool.write(lines([decision("after")]))
    spool.close()
    assert ingest(home, "m", at=AT).decisions == 1
    assert [segments(slot) for slot in slots(home.spool_root, "m", "decisions")] == [()]
    assert len(ids(home)) == 5


def test_a_torn_batch_was_never_answered(home: Home) -> None:
    spooled(home, "decisions", [decision("a")], [decision("b"), decision("c")])
    ((segment,),) = map(segments, slots(home.spool_root, "m", "decisions"))
    os.truncate(segment.path, segment.size - 5)
    assert ingest(home, "m", at=AT) == Ingested(decisions=1, torn=1)
    assert ingest(home, "m", at=AT) == Ingested()
    assert ids(home) == ["a"]


def test_a_segment_of_nothing_but_a_torn_batch_goes(home: Home) -> None:
    spooled(home, "decisions", [decision("a")])
    ((segment,),) = map(segments, slots(home.spool_root, "m", "decisions"))
    os.truncate(segment.path, 20)
    assert ingest(home, "m", at=AT) == Ingested(torn=1)
    assert ingest(home, "m", at=AT) == Ingested()


def test_a_line_that_cannot_be_read_is_set_apart_and_holds_nobody_up(home: Home) -> None:
    spool = Spool(home.spool_root, "m", "decisions")
    spool.write(lines([decision("a")]) + b'{"id":"broken"}\n' + lines([decision("b")]))
    spool.close()
    assert ingest(home, "m", at=AT) == Ingested(decisions=2, torn=1)
    (apart,) = (home.journal_root / "m" / "unreadable").iterdir()
    assert apart.read_bytes() == b'{"id":"broken"}\n'


def test_the_first_decision_of_an_id_is_the_decision(home: Home) -> None:
    spooled(home, "decisions", [decision("a", row="one"), decision("a", row="one"), decision("a", row="two")])
    assert ingest(home, "m", at=AT) == Ingested(decisions=1, repeats=2)
    spooled(home, "decisions", [decision("a", row="one", at_us=AT_US + 1), decision("a", row="three")])
    assert ingest(home, "m", at=AT) == Ingested(repeats=2)
    journal = Journal(home, "m")
    assert journal.decisions().select("id", "row_digest").rows() == [("a", "sha256:one")]
    assert journal.repeats()["standing"].to_list() == ["repeat", "conflict", "repeat", "conflict"]
    assert journal.faults()["code"].to_list() == [RETAKEN_ID, RETAKEN_ID]


def test_ids_of_two_callers_do_not_meet(home: Home) -> None:
    spooled(home, "decisions", [decision("a", key="k1", row="x"), decision("a", key="k2", row="y"), decision("a")])
    assert ingest(home, "m", at=AT) == Ingested(decisions=3)


def test_an_id_of_our_own_can_be_repeated_by_a_caller(home: Home) -> None:
    spooled(home, "decisions", [decision("own", own_id=True), decision("own")])
    assert ingest(home, "m", at=AT) == Ingested(decisions=1, repeats=1)
    spooled(home, "decisions", [decision("own")])
    assert ingest(home, "m", at=AT) == Ingested(repeats=1)


def test_outcomes_told_again_change_nothing_and_corrections_count(home: Home) -> None:
    spooled(home, "outcomes", [outcome("a"), outcome("a"), outcome("b")])
    assert ingest(home, "m", at=AT) == Ingested(outcomes=2, repeats=1)
    again = [outcome("a", learned_us=AT_US + DAY_US), outcome("a", 0.0, learned_us=AT_US + 2 * DAY_US)]
    spooled(home, "outcomes", again)
    assert ingest(home, "m", at=AT) == Ingested(outcomes=1, repeats=1)
    journal = Journal(home, "m")
    known = {day: journal.outcomes_known(AT + timedelta(days=day)).rows_by_key("id") for day in (1, 2)}
    assert journal.outcomes_known(AT + timedelta(days=1)).sort("id")["outcome"].to_list() == ["1", "1"]
    assert journal.outcomes_known(AT + timedelta(days=2)).sort("id")["outcome"].to_list() == ["0", "1"]
    assert known[1].keys() == known[2].keys()
    assert journal.outcomes_known(AT - timedelta(days=1)).height == 0


def test_a_file_is_imported_once(home: Home) -> None:
    told = pl.DataFrame({"id": ["a", "b"], "outcome": [1, 0], "happened": [AT, AT], "learned": [AT, AT]})
    spooled(home, "outcomes", [outcome("a")])
    ingest(home, "m", at=AT)
    assert import_rows(home, "m", "outcomes", told, source_digest="f1", at=AT) == Ingested(outcomes=1, repeats=1)
    assert import_rows(home, "m", "outcomes", told, source_digest="f1", at=AT) == Ingested()
    assert import_rows(home, "m", "outcomes", told, source_digest="f2", at=AT) == Ingested(repeats=2)
    done = pl.DataFrame({"id": ["a"], "action": ["called"], "by": ["bo"], "at": [AT], "learned": [AT]})
    assert import_rows(home, "m", "actions", done, source_digest="f1", at=AT) == Ingested(actions=1)
    assert Journal(home, "m").outcomes()["key"].to_list() == ["", ""]


class Killed(Exception):
    """Stands for the death of the process at a chosen step."""


def killed(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize("step", ["decode", "frame_of", "told_apart", "_clear", "remove_segments"])
def test_a_death_at_any_step_loses_and_doubles_nothing(home: Home, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    expected = []
    for round_ in range(3):
        names = [f"{round_}-{i}" for i in range(5)]
        spooled(home, "decisions", [decision(name) for name in names])
        expected += names
        with monkeypatch.context() as patched:
            patched.setattr(module, step, killed)
            with pytest.raises(Killed):
                ingest(home, "m", at=AT)
    ingest(home, "m", at=AT)
    assert ids(home) == expected


def test_small_chunks_say_the_same_as_one(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_BYTES", 2000)
    spooled(home, "decisions", *([decision(f"{k}-{i}") for i in range(3)] for k in range(10)))
    told: list[int] = []
    assert ingest(home, "m", at=AT, on_rows=told.append) == Ingested(decisions=30)
    assert sum(told) == 30
    assert len(told) > 3
    assert ids(home) == [f"{k}-{i}" for k in range(10) for i in range(3)]


TRAFFIC = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.booleans()), max_size=12)


@settings(max_examples=8)
@given(TRAFFIC)
def test_however_traffic_is_cut_the_first_of_each_id_stands(
    tmp_path_factory: pytest.TempPathFactory, traffic: list[tuple[str, str, bool]]
) -> None:
    home = open_home(tmp_path_factory.mktemp("home"))
    first: dict[str, str] = {}
    for name, row, cut in traffic:
        spooled(home, "decisions", [decision(name, row=row)])
        first.setdefault(name, "sha256:" + row)
        if cut:
            ingest(home, "m", at=AT)
    ingest(home, "m", at=AT)
    journal = Journal(home, "m")
    # Slots of closed writers are used again, so what was written later lies later.
    assert dict(journal.decisions().select("id", "row_digest").iter_rows()) == first
    assert journal.decisions().height + journal.repeats().height == len(traffic)


def test_a_journal_kept_open_sees_what_others_moved(home: Home) -> None:
    kept = Journal(home, "m")
    spooled(home, "decisions", [decision("a")])
    ingest(home, "m", at=AT, journal=kept)
    spooled(home, "decisions", [decision("b")])
    ingest(home, "m", at=AT)
    spooled(home, "decisions", [decision("a"), decision("b"), decision("c")])
    assert ingest(home, "m", at=AT, journal=kept) == Ingested(decisions=1, repeats=2)
    assert kept.decisions()["id"].to_list() == ["a", "b", "c"]


def test_a_commit_that_came_first_is_noticed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another ingester moves the same rows between our look at the table and our commit."""
    spooled(home, "decisions", [decision("a"), decision("b")])
    real = module.told_apart
    met: list[Ingested] = []

    def overtaken(journal: Journal, stream: str, frame: pl.DataFrame) -> pl.DataFrame:
        if not met:
            met.append(Ingested())
            met.append(ingest(home, "m", at=AT))
        return real(journal, stream, frame)

    monkeypatch.setattr(module, "told_apart", overtaken)
    assert ingest(home, "m", at=AT) == Ingested()
    assert met[1] == Ingested(decisions=2)
    assert ids(home) == ["a", "b"]


def test_small_files_are_joined_by_the_way(home: Home) -> None:
    journal = Journal(home, "m")
    for i in range(SMALL_FILES + 3):
        spooled(home, "decisions", [decision(f"{i}")])
        assert ingest(home, "m", at=AT, journal=journal) == Ingested(decisions=1)
    assert journal.table("decisions").n_small_files() <= 4
    spooled(home, "decisions", [decision("0"), decision("new")])
    assert ingest(home, "m", at=AT, journal=journal) == Ingested(decisions=1, repeats=1)
    assert len(ids(home)) == SMALL_FILES + 4


def test_others_who_commit_all_the_time_are_busy(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    spooled(home, "decisions", [decision("a")])
    monkeypatch.setattr(module, "WAIT_S", 0.0)
    monkeypatch.setattr("mainstay.store.delta.Delta.append", lambda *_, **__: False)
    with pytest.raises(Busy, match="all the time"):
        ingest(home, "m", at=AT)


def test_a_full_disk_stops_and_later_goes_on(small_disk: Path) -> None:
    home = open_home(small_disk)
    spooled(home, "decisions", [decision(os.urandom(200).hex(), row=os.urandom(500).hex()) for _ in range(100)])
    ballast = small_disk / "ballast"
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    ballast.write_bytes(b"x" * (free - 20_000))
    with pytest.raises(StoreError, match="the disk is full"):
        ingest(home, "m", at=AT)
    ballast.unlink()
    assert ingest(home, "m", at=AT) == Ingested(decisions=100)


def answer_for_ever(folder: str, pipe: Connection) -> None:
    home = open_home(Path(folder))
    spool = Spool(home.spool_root, "m", "decisions", rotate_at=50_000)
    i = 0
    while True:
        rows = [decision(f"{os.getpid()}-{i + k}") for k in range(10)]
        spool.write(lines(rows))
        pipe.send([row.id for row in rows])
        i += 10


def ingest_for_ever(folder: str) -> None:
    home = open_home(Path(folder))
    while True:
        ingest(home, "m", at=AT)


def test_kills_of_writers_and_ingesters_lose_and_double_nothing(tmp_path: Path) -> None:
    log = open_home(tmp_path).journal_root / "m" / "decisions" / "_delta_log"
    chance = random.Random(7)
    answered: set[str] = set()
    ingesters = [SPAWN.Process(target=ingest_for_ever, args=(str(tmp_path),), daemon=True) for _ in range(2)]
    for process in ingesters:
        process.start()
    for _ in range(3):
        here, there = SPAWN.Pipe()
        writer = SPAWN.Process(target=answer_for_ever, args=(str(tmp_path), there), daemon=True)
        writer.start()
        there.close()
        commits = len(list(log.glob("*.json"))) + chance.randint(2, 3)
        while len(list(log.glob("*.json"))) < commits:
            answered.update(here.recv())
        chosen = chance.randrange(2)
        ingesters[chosen].kill()
        writer.kill()
        writer.join()
        ingesters[chosen].join()
        while True:
            try:
                answered.update(here.recv())
            except EOFError:
                break
        ingesters[chosen] = SPAWN.Process(target=ingest_for_ever, args=(str(tmp_path),), daemon=True)
        ingesters[chosen].start()
    for process in ingesters:
        process.kill()
        process.join()
    home = open_home(tmp_path)
    ingest(home, "m", at=AT)
    journalled = ids(home)
    assert len(journalled) == len(set(journalled))
    assert answered <= set(journalled)
    assert Journal(home, "m").repeats().height == 0


def test_decoding_is_what_the_domain_wrote(home: Home) -> None:
    row = decision("a\u2028b", used={"x": -0.0, "ü": "y" * 10_000})
    assert msgspec.json.decode(lines([row]), type=Decision) == row
    spooled(home, "decisions", [row])
    ingest(home, "m", at=AT)
    (kept,) = Journal(home, "m").decisions().iter_rows(named=True)
    assert (kept["id"], kept["s_ü"]) == ("a\u2028b", "y" * 10_000)
