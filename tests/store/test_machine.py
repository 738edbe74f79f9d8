"""What the store can tell of the machine: room, clocks, permissions, cores, and what the dead left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay.domain.errors import StoreError
from mainstay.store.files import temporary_folder
from mainstay.store.machine import (
    access_mode,
    cores_allowed,
    disk_clock_ahead_s,
    file_system,
    left_by_the_dead,
    n_cores,
    room,
)

KILLED = """
import os, signal, sys
from pathlib import Path
from mainstay.store.files import temporary_folder
with temporary_folder(Path(sys.argv[1]) / "bundle") as half:
    (half / "plan.json").write_text("{")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_room_is_what_the_system_says(tmp_path: Path) -> None:
    has = room(tmp_path)
    seen = os.statvfs(tmp_path)
    assert has.total == seen.f_blocks * seen.f_frsize
    assert 0 <= has.free_share <= 1
    with pytest.raises(StoreError, match="how much room"):
        room(tmp_path / "nowhere")


def test_a_local_disk_has_our_time_and_keeps_nothing_of_the_probe(tmp_path: Path) -> None:
    assert abs(disk_clock_ahead_s(tmp_path)) < 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="permission"):
        disk_clock_ahead_s(tmp_path)


def test_access_is_what_was_set(tmp_path: Path) -> None:
    (tmp_path / "secret").touch(mode=0o600)
    assert access_mode(tmp_path / "secret") == 0o600
    with pytest.raises(StoreError, match="secret"):
        access_mode(tmp_path / "gone" / "secret")


def test_what_a_killed_writer_left_is_found_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    inner = tmp_path / "artifacts" / "credit"
    inner.mkdir(parents=True)
    subprocess.run([sys.executable, "-c", KILLED, str(inner)], check=False, timeout=60)
    (left,) = left_by_the_dead(tmp_path)
    assert left.parent == inner
    assert left.is_dir()
    with temporary_folder(tmp_path / "spool") as busy:
        assert busy not in left_by_the_dead(tmp_path)
    assert left_by_the_dead(tmp_path) == (left,)


def test_cores_are_those_we_may_use(tmp_path: Path) -> None:
    assert 1 <= n_cores() <= (os.cpu_count() or 1)
    limit = tmp_path / "cpu.max"
    limit.write_text("150000 100000\n")
    assert cores_allowed(limit) == 1.5
    limit.write_text("max 100000\n")
    assert cores_allowed(limit) is None
    assert cores_allowed(tmp_path / "nowhere") is None


def test_the_nearest_mount_says_what_holds_a_path(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    shared = tmp_path / "on it" / "credit"
    shared.mkdir(parents=True)
    named = str(shared.parent).replace(" ", "\\040")
    mounts.write_text(f"1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:3 / {named} rw shared:1 - nfs4 host:/x rw,vers=4.2\n")
    assert (file_system(shared, mounts), file_system(tmp_path, mounts)) == ("nfs4", "ext4")
    assert file_system(shared, tmp_path / "none") == ""
    assert file_system(Path("/proc")) == "proc"
