"""The machine as the store finds it: room on the disk, the disk's clock, who may read a file, what the dead left."""

from __future__ import annotations

import os
import resource
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from mainstay.store.clock import now
from mainstay.store.files import TEMPORARY, disk_faults, lock_now, temporary_folder

LOCKS = Path("/proc/locks")  # Linux tells here who has locked what
MEMORY, STATUS = Path("/proc/meminfo"), Path("/proc/self/status")  # and here how much memory there is, and is taken
MOUNTS = Path("/proc/self/mountinfo")  # and here what is mounted where
CGROUP = Path("/sys/fs/cgroup")
RESERVED = 800_000_000  # bytes of addresses that libraries take and do not fill, which count against our own limit
CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")  # where Linux says how much of its cores a container may use


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes on the disk that holds a folder; `free` is what this user may still write."""

    free: int
    total: int

    @property
    def free_share(self) -> float:
        """The free part of the disk, 0 to 1."""
        return self.free / self.total if self.total else 0.0


def room(folder: Path) -> Room:
    """Return the room on the disk that holds a folder; raises `StoreError`."""
    with disk_faults(f"asking how much room there is in {folder}"):
        usage = shutil.disk_usage(folder)
    return Room(usage.free, usage.total)


def disk_clock_ahead_s(folder: Path) -> float:
    """Write a file in a folder and return how many seconds its time is ahead of ours; raises `StoreError`."""
    with disk_faults(f"writing in {folder}"), temporary_folder(folder / "probe") as probe:
        (probe / "now").write_bytes(b"now\n")
        return (probe / "now").stat().st_mtime - now().timestamp()


def access_mode(path: Path) -> int:
    """Return the permission bits of a file, such as 0o600; raises `StoreError`."""
    with disk_faults(f"looking at {path.name}"):
        return stat.S_IMODE(path.stat().st_mode)


def left_by_the_dead(root: Path) -> tuple[Path, ...]:
    """Return what killed writers left half-written below a folder; what is being written now is not among it."""
    return tuple(sorted(path for path in root.rglob(f".*{TEMPORARY}") if _is_abandoned(path)))


def file_system(path: Path, mounts: Path = MOUNTS) -> str:
    """Return the kind of file system that holds a path, such as `ext4` or `nfs4`; "" where the system does not tell."""
    try:
        lines = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    place = path.resolve()
    kinds = {Path(at[4].replace("\\040", " ")): at[at.index("-") + 1] for at in lines if "-" in at}  # the last holds
    return next((kinds[folder] for folder in (place, *place.parents) if folder in kinds), "")


def n_cores() -> int:
    """Return how many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cores_allowed(limit: Path = CGROUP_LIMIT) -> float | None:
    """Return how much of its cores a container may use, such as 1.5; None where there is no such limit."""
    try:
        quota, period = limit.read_text(encoding="ascii").split()
        return float(quota) / float(period)
    except (OSError, ValueError):  # not a container, another system, or 'max'
        return None


def memory_left() -> int | None:
    """Return the bytes that this process may still take: of the machine, its container and its own limit; or None.

    None where the system does not tell.
    """
    known = [_machine_left(), _container_left(), _limit_left()]
    return min((max(each, 0) for each in known if each is not None), default=None)


def _machine_left() -> int | None:
    return _kilobytes(MEMORY, "MemAvailable:")


def _container_left() -> int | None:
    try:
        most, taken = (int((CGROUP / name).read_text(encoding="ascii")) for name in ("memory.max", "memory.current"))
        told = dict(line.split() for line in (CGROUP / "memory.stat").read_text(encoding="ascii").splitlines())
    except (OSError, ValueError):  # not a container, another system, or 'max'
        return None
    return most - taken + sum(int(told.get(name, 0)) for name in ("inactive_file", "active_file"))  # files are let go


def _limit_left() -> int | None:
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    taken = _kilobytes(STATUS, "VmSize:")
    return None if most == resource.RLIM_INFINITY or taken is None else most - taken - RESERVED


def _kilobytes(path: Path, name: str) -> int | None:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), None)


def writers_of(path: Path) -> frozenset[int]:
    """Return the ids of processes that hold a lock for writing on a file; empty where the system does not tell."""
    try:
        inode = path.stat().st_ino
        lines = [line.split() for line in LOCKS.read_text(encoding="ascii").splitlines()]
    except OSError:
        return frozenset()
    return frozenset(int(at[4]) for at in lines if at[1] != "->" and at[3] == "WRITE" and at[5].endswith(f":{inode}"))


def _is_abandoned(path: Path) -> bool:
    try:
        held = os.open(path, os.O_RDONLY)
    except OSError:  # gone meanwhile, or somebody else's
        return False
    try:
        return lock_now(held)
    finally:
        os.close(held)
