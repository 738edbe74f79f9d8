"""The home: made once by many, opened in milliseconds, never without its secret."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mainstay.domain.errors import NotFound, StoreError
from mainstay.store.home import find_home, open_home

AT = datetime(2026, 3, 1, tzinfo=UTC)
SPAWN = multiprocessing.get_context("spawn")


def test_a_home_is_made_beside_the_brief_and_opened_again(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    assert home.root == tmp_path / ".mainstay"
    assert len(home.secret) == 32
    assert (home.root / "secret").stat().st_mode & 0o777 == 0o600
    assert home.root.stat().st_mode & 0o777 == 0o700
    assert open_home(tmp_path) == home
    assert home.ledger.verify() == ()
    assert str(home.secret) not in repr(home)
    assert str(home.secret) not in repr(home.ledger)


def open_and_tell(folder: str, queue: multiprocessing.Queue[bytes]) -> None:
    home = open_home(Path(folder))
    home.ledger.models()
    queue.put(home.secret)


def test_processes_that_make_it_at_once_have_one_secret(tmp_path: Path) -> None:
    queue: multiprocessing.Queue[bytes] = SPAWN.Queue()
    processes = [SPAWN.Process(target=open_and_tell, args=(str(tmp_path), queue)) for _ in range(4)]
    for process in processes:
        process.start()
    found = {queue.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    assert found == {open_home(tmp_path).secret}
    assert open_home(tmp_path).ledger.verify() == ()


def test_a_home_that_lost_its_secret_is_not_given_another(tmp_path: Path) -> None:
    secret = open_home(tmp_path).root / "secret"
    secret.unlink()
    with pytest.raises(StoreError, match="is gone"):
        open_home(tmp_path)
    secret.write_bytes(b"short")
    with pytest.raises(StoreError, match="5 bytes, not 32"):
        open_home(tmp_path)


def test_the_nearest_home_is_found_from_below(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    with pytest.raises(NotFound, match=r"holds a mainstay\.toml"):
        find_home(below)
    (tmp_path / "mainstay.toml").write_text("")
    assert find_home(below).root == tmp_path / ".mainstay"
    open_home(tmp_path / "a")
    assert find_home(below).root == tmp_path / "a" / ".mainstay"


def test_a_home_where_no_journal_could_be_kept_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "[x]").mkdir()
    with pytest.raises(StoreError, match="its path holds"):
        open_home(tmp_path / "[x]")
    assert list((tmp_path / "[x]").iterdir()) == []


def test_asking_for_a_home_need_not_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_home(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


def test_what_a_worker_needs_loads_no_frames(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, mainstay.store.home, mainstay.store.spool, mainstay.store.ledger_watch;"
        f"mainstay.store.home.open_home(pathlib.Path({str(tmp_path)!r}));"
        "print({'polars', 'deltalake', 'numpy', 'sqlalchemy', 'pydantic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("set()\n", "")


def lose_ledger(root: Path) -> None:
    for path in root.glob("ledger.sqlite*"):
        path.unlink()


def kept(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def refused_and_unchanged(folder: Path) -> None:
    before = kept(folder)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"the history is gone: ledger\.sqlite is missing from") as raised:
            open_home(folder)
        assert raised.value.remedy == "Bring it back from a backup: mainstay restore FILE FOLDER."
    assert kept(folder) == before


@pytest.mark.parametrize("also", [(), ("secret",)])
def test_a_home_that_lost_its_ledger_is_not_given_another(tmp_path: Path, also: tuple[str, ...]) -> None:
    root = open_home(tmp_path).root
    open_home(tmp_path).ledger.append("m", "note", {}, actor="x", at=AT)
    lose_ledger(root)
    for name in also:
        (root / name).unlink()
    refused_and_unchanged(tmp_path)


@pytest.mark.parametrize("left", ["artifacts/credit/1/bundle/plan.json", "snapshots/0123/rows.parquet"])
@pytest.mark.parametrize("also", [(), ("ledger.heads",), ("ledger.heads", "secret")])
def test_what_was_kept_tells_that_there_was_a_history(tmp_path: Path, left: str, also: tuple[str, ...]) -> None:
    root = open_home(tmp_path).root
    (root / left).parent.mkdir(parents=True)
    (root / left).write_bytes(b"{}")
    assert open_home(tmp_path).root == root
    lose_ledger(root)
    for name in also:
        (root / name).unlink()
    refused_and_unchanged(tmp_path)


def test_a_witness_that_cannot_be_read_is_taken_to_name_events(tmp_path: Path) -> None:
    root = open_home(tmp_path).root
    lose_ledger(root)
    (root / "ledger.heads").write_bytes(b"\xff")
    refused_and_unchanged(tmp_path)


def test_the_last_pages_of_a_lost_ledger_are_not_given_to_a_new_one(tmp_path: Path) -> None:
    root = open_home(tmp_path).root
    lose_ledger(root)
    (root / "ledger.sqlite-wal").write_bytes(b"pages")
    refused_and_unchanged(tmp_path)


@pytest.mark.parametrize("also", [(), ("ledger.heads",)])
def test_a_home_that_never_had_events_gets_a_ledger(tmp_path: Path, also: tuple[str, ...]) -> None:
    root = open_home(tmp_path).root
    lose_ledger(root)
    for name in also:
        (root / name).unlink()
    assert open_home(tmp_path).ledger.verify() == ()
