"""Files and folders are there whole or not at all."""

from __future__ import annotations

import errno
import multiprocessing
import os
from pathlib import Path

import pytest

from mainstay.domain.errors import Asked, StoreError
from mainstay.store.files import disk_fault, inside, put_file, put_file_once, put_folder, remove_folder, sweep

SPAWN = multiprocessing.get_context("spawn")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    put_file(tmp_path / "a", b"one")
    put_file(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert names(tmp_path) == ["a"]


def test_of_two_writers_of_a_file_made_once_the_first_wins(tmp_path: Path) -> None:
    assert put_file_once(tmp_path / "a", b"one", mode=0o600)
    assert not put_file_once(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["a"]


def test_a_folder_appears_with_all_its_files(tmp_path: Path) -> None:
    assert put_folder(tmp_path / "f", {"a": b"1", "b/c": b"2"})
    assert not put_folder(tmp_path / "f", {"a": b"other"})
    assert (tmp_path / "f" / "a").read_bytes() == b"1"
    assert (tmp_path / "f" / "b" / "c").read_bytes() == b"2"
    assert names(tmp_path) == ["f"]


def put_for_ever(folder: str) -> None:
    for i in range(100_000):
        put_folder(Path(folder) / f"f{i}", {"a": b"x" * 50_000, "b": b"y" * 50_000})
        put_file(Path(folder) / "file", b"z" * 50_000)


def test_a_killed_writer_leaves_nothing_half_visible_and_its_rest_is_swept(tmp_path: Path) -> None:
    for _ in range(2):
        process = SPAWN.Process(target=put_for_ever, args=(str(tmp_path),))
        process.start()
        n = len(list(tmp_path.glob("f*")))
        while len(list(tmp_path.glob("f*"))) < n + 5:
            pass
        process.kill()
        process.join()
        for folder in tmp_path.glob("f[0-9]*"):
            assert names(folder) == ["a", "b"]
            assert all(path.stat().st_size == 50_000 for path in folder.iterdir())
        if (tmp_path / "file").exists():
            assert (tmp_path / "file").stat().st_size == 50_000
    (tmp_path / ".f.left.tmp").mkdir()
    (tmp_path / ".f.left.tmp" / "a").write_bytes(b"half")
    assert sweep(tmp_path) >= 1
    assert not list(tmp_path.glob(".*"))


def put_some(folder: str, name: str) -> None:
    for i in range(60):
        put_folder(Path(folder) / f"{name}{i}", {"a": b"x" * 2000})
        put_file(Path(folder) / name, b"x")


def test_writers_at_once_do_not_sweep_each_other_away(tmp_path: Path) -> None:
    processes = [SPAWN.Process(target=put_some, args=(str(tmp_path), f"p{k}-")) for k in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert len(names(tmp_path)) == 3 * 61


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../x", "a/../../x", "./x", "a\\b", "a\x00b", ".a.123.tmp"])
def test_a_name_cannot_lead_out_of_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Asked, match="not a name"):
        inside(tmp_path, name)
    with pytest.raises(Asked, match="not a name"):
        put_folder(tmp_path / "f", {"ok": b"", name: b""})
    assert names(tmp_path) == []


def test_a_full_disk_leaves_what_was_there(small_disk: Path) -> None:
    put_file(small_disk / "a", b"before")
    with pytest.raises(StoreError, match="the disk is full while writing a"):
        put_file(small_disk / "a", b"x" * (2 << 20))
    with pytest.raises(StoreError, match="the disk is full while writing f"):
        put_folder(small_disk / "f", {"a": b"x" * 1000, "b": b"x" * (2 << 20)})
    assert (small_disk / "a").read_bytes() == b"before"
    assert names(small_disk) == ["a"]
    put_folder(small_disk / "f", {"a": b"now it fits"})


def test_a_folder_is_removed_in_one_step(tmp_path: Path) -> None:
    put_folder(tmp_path / "f", {"a/b": b"1"})
    remove_folder(tmp_path / "f")
    assert names(tmp_path) == []


def test_faults_have_a_next_step() -> None:
    for code in (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, errno.ENOTDIR):
        fault = disk_fault("writing", OSError(code, os.strerror(code)))
        assert fault.what.endswith("while writing")
        assert fault.remedy
