"""The home: made once by many, opened in milliseconds, never without its secret."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay.domain.errors import NotFound, StoreError
from mainstay.store.home import find_home, open_home

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
