"""Backups: taken while others write, brought back whole, and never believed beyond their manifest."""

from __future__ import annotations

import io
import multiprocessing
import os
import tarfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.traffic import AT, decision, lines

from mainstay.domain.errors import Asked, MainstayError, NotFound, StoreError
from mainstay.domain.event import Act
from mainstay.store.backup import backup
from mainstay.store.home import Home, open_home
from mainstay.store.ingest import Ingested, ingest
from mainstay.store.journal import Journal
from mainstay.store.restore import restore
from mainstay.store.snapshots import Snapshots
from mainstay.store.spool import Spool
from mainstay.store.spool_reading import slots
from mainstay.store.versions import NewVersion, add_version

SPAWN = multiprocessing.get_context("spawn")


def made(number: int) -> NewVersion:
    body = {"version": number, "model_digest": "m", "bundle_digest": "b", "snapshot": "s", "failed_gates": []}
    return NewVersion({"plan.json": b"%d" % number}, {"evaluation.parquet": b"P"}, body | {"summary": {}})


def filled(folder: Path) -> Home:
    home = open_home(folder)
    add_version(home, "m", made, actor="anna", at=AT)
    home.ledger.append("m", Act.DEPLOYED, {"version": 1}, actor="anna", at=AT)
    Snapshots(home).put(pl.DataFrame({"x": [1]}), root="sha256:" + "ab" * 32, salts=b"s" * 16, source="x", at=AT)
    spool = Spool(home.spool_root, "m", "decisions")
    spool.write(lines([decision("a"), decision("b")]))
    ingest(home, "m", at=AT)
    spool.write(lines([decision("c")]))
    spool.close()
    return home


def ids(home: Home) -> list[str]:
    return sorted(Journal(home, "m").decisions(columns=["id"])["id"])


def test_a_home_comes_back_as_it_was(tmp_path: Path) -> None:
    home = filled(tmp_path / "one")
    kept = backup(home, tmp_path / "b.tar", at=AT)
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600
    back = restore(tmp_path / "b.tar", tmp_path / "two")
    assert (back.digest, back.n_files, back.begun_at) == (kept.digest, kept.n_files, "2026-03-01T00:00:00Z")
    assert back.home.secret == home.secret
    assert back.home.ledger.verify() == ()
    assert back.home.ledger.events("m") == home.ledger.events("m")
    assert back.home.artifacts.version_files("m", 1) == {"plan.json": b"1"}
    assert back.home.artifacts.artifact("m", 1, "evaluation.parquet") == b"P"
    assert Snapshots(back.home).rows("ab" * 8)["x"].to_list() == [1]
    assert (back.home.root / "secret").stat().st_mode & 0o777 == 0o600
    assert ids(back.home) == ["a", "b"]
    assert ingest(back.home, "m", at=AT) == Ingested(decisions=1)
    assert ids(back.home) == ["a", "b", "c"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar", "one", "two"]


def test_a_restored_home_goes_on_in_slots_of_its_own(tmp_path: Path) -> None:
    home = filled(tmp_path / "one")
    backup(home, tmp_path / "b.tar", at=AT)
    back = restore(tmp_path / "b.tar", tmp_path / "two").home
    for here in (home, back):
        spool = Spool(here.spool_root, "m", "decisions")
        spool.write(lines([decision("d")]))
        spool.close()
        ingest(here, "m", at=AT)
        assert ids(here) == ["a", "b", "c", "d"]
    (slot,) = slots(back.spool_root, "m", "decisions")
    assert slot.name != slots(home.spool_root, "m", "decisions")[0].name


def test_what_was_moved_after_the_spool_was_copied_is_not_moved_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = filled(tmp_path / "one")
    from mainstay.store import backup as module

    real = module.log_files

    def later(table: Path) -> tuple[int, dict[str, bytes]]:
        spool = Spool(home.spool_root, "m", "decisions")
        spool.write(lines([decision("d")]))
        spool.close()
        ingest(home, "m", at=AT)
        return real(table)

    monkeypatch.setattr(module, "log_files", later)
    backup(home, tmp_path / "b.tar", at=AT)
    back = restore(tmp_path / "b.tar", tmp_path / "two").home
    assert ids(back) == ["a", "b", "c", "d"]
    assert ingest(back, "m", at=AT) == Ingested()
    assert ids(back) == ["a", "b", "c", "d"]


def serve_for_ever(folder: str, pipe: Connection) -> None:
    home = open_home(Path(folder))
    spool = Spool(home.spool_root, "m", "decisions", rotate_at=20_000)
    journal = Journal(home, "m")
    i = 0
    while True:
        spool.write(lines([decision(f"{i}")]))
        pipe.send(f"{i}")
        i += 1
        if i % 20 == 0:
            ingest(home, "m", at=AT, journal=journal)
            home.ledger.append("m", "note", {"i": i}, actor="x", at=AT)
        if i % 200 == 0:
            journal.table("decisions").tidy()


def test_a_backup_taken_while_serving_has_every_answer_once(tmp_path: Path) -> None:
    home = open_home(tmp_path / "one")
    here, there = SPAWN.Pipe()
    process = SPAWN.Process(target=serve_for_ever, args=(str(tmp_path / "one"), there), daemon=True)
    process.start()
    answered: list[str] = []
    for n in range(3):
        answered += [here.recv() for _ in range(150)]
        backup(home, tmp_path / f"{n}.tar", at=AT)
        back = restore(tmp_path / f"{n}.tar", tmp_path / f"back {n}").home
        ingest(back, "m", at=AT)
        found = ids(back)
        assert len(found) == len(set(found))
        assert set(answered) <= set(found)
        assert back.ledger.verify() == ()
    process.kill()
    process.join()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    home = filled(tmp_path / "one")
    backup(home, tmp_path / "b.tar", at=AT)
    before = (tmp_path / "b.tar").read_bytes()
    with pytest.raises(Asked, match="is there already"):
        backup(home, tmp_path / "b.tar", at=AT)
    with pytest.raises(Asked, match="is there already"):
        restore(tmp_path / "b.tar", tmp_path / "one")
    with pytest.raises(NotFound):
        restore(tmp_path / "nothing.tar", tmp_path / "two")
    assert (tmp_path / "b.tar").read_bytes() == before


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("whole")
    backup(filled(folder), folder / "b.tar", at=AT)
    return (folder / "b.tar").read_bytes()


@settings(max_examples=60)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255), st.booleans())
def test_a_backup_that_was_torn_or_altered_is_refused_or_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, where: float, change: int, torn: bool
) -> None:
    folder = tmp_path_factory.mktemp("altered")
    place = int(where * len(whole))
    altered = whole[:place] if torn else whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :]
    (folder / "b.tar").write_bytes(altered)
    try:
        back = restore(folder / "b.tar", folder).home
    except MainstayError:
        assert [path.name for path in folder.iterdir()] == ["b.tar"]
    else:
        assert back.ledger.verify() == ()
        assert ids(back) == ["a", "b"]


def member(name: str, data: bytes = b"x", **changed: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in changed.items():
        setattr(info, key, value)
    return info, data


HOSTILE: list[Callable[[], tuple[tarfile.TarInfo, bytes]]] = [
    lambda: member("../outside"),
    lambda: member("/tmp/outside"),
    lambda: member("artifacts/../../outside"),
    lambda: member("spool/./x"),
    lambda: member("elsewhere/x"),
    lambda: member("passwd"),
    lambda: member("artifacts/link", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    lambda: member("artifacts/link", b"", type=tarfile.LNKTYPE, linkname="secret"),
    lambda: member("artifacts/dev", b"", type=tarfile.CHRTYPE),
    lambda: member("artifacts/folder", b"", type=tarfile.DIRTYPE),
    lambda: member("secret", b"y" * 32),
    lambda: member("artifacts/m/9/bundle/plan.json"),
]


@pytest.mark.parametrize("made_hostile", HOSTILE)
def test_a_hostile_archive_is_refused(
    tmp_path: Path, whole: bytes, made_hostile: Callable[[], tuple[tarfile.TarInfo, bytes]]
) -> None:
    with tarfile.open(fileobj=io.BytesIO(whole)) as good, tarfile.open(tmp_path / "b.tar", "w") as bad:
        for info in good:
            if info.name == "manifest.json":
                hostile, data = made_hostile()
                bad.addfile(hostile, io.BytesIO(data))
            bad.addfile(info, good.extractfile(info))
    with pytest.raises(StoreError):
        restore(tmp_path / "b.tar", tmp_path / "home")
    assert not (tmp_path / "home" / ".mainstay").exists()
    assert not (tmp_path / "outside").exists()


def test_a_size_that_is_promised_and_not_kept_is_refused(tmp_path: Path) -> None:
    info, _ = member("ledger.sqlite")
    info.size = 10 << 30
    (tmp_path / "b.tar").write_bytes(info.tobuf() + b"x" * 1024)
    with pytest.raises(StoreError, match="not a whole backup"):
        restore(tmp_path / "b.tar", tmp_path / "home")


def test_a_full_disk_leaves_no_half_backup_and_no_half_home(tmp_path: Path, small_disk: Path) -> None:
    home = filled(tmp_path)
    home.artifacts.put_artifact("m", 1, "big", os.urandom(2 << 20))
    with pytest.raises(StoreError, match="the disk is full"):
        backup(home, small_disk / "b.tar", at=AT)
    assert list(small_disk.iterdir()) == []
    backup(home, tmp_path / "b.tar", at=AT)
    with pytest.raises(StoreError, match="the disk is full"):
        restore(tmp_path / "b.tar", small_disk / "back")
    assert [path.name for path in small_disk.rglob("*")] == ["back"]
