"""Files and folders that are there whole or not at all, and disk faults in words.

What is being written lies in a temporary sibling (`.name.random.tmp`) whose writer holds a lock on it. Readers never
see it; a sibling whose lock is free was left by the dead and is swept away by the next writer. No clock is asked.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from mainstay.domain.errors import Asked, StoreError

TEMPORARY = ".tmp"
ATTEMPTS = 1000  # to make a temporary file; some folders (such as /proc) say each time that what is made is not there
UNUSABLE = re.compile(r"[\[\]^|\\\x00-\x1f]|%[0-9a-fA-F]{2}")

FAULTS = {
    errno.ENOSPC: ("the disk is full", "Free some space and try again; nothing was half-written."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space and try again; nothing was half-written."),
    errno.EFBIG: ("the file would be larger than allowed", "Raise the limit on file sizes (ulimit -f)."),
    errno.EROFS: ("the disk is read-only", "Mount it writable, or keep the project elsewhere."),
    errno.EACCES: ("permission was denied", "Give this user the right to write there, or run as its owner."),
    errno.EPERM: ("permission was denied", "Give this user the right to write there, or run as its owner."),
    errno.EIO: ("the disk failed", "Check the disk; restore from a backup if it is broken: mainstay restore FILE."),
    errno.EMFILE: ("too many files are open", "Raise the limit on open files (ulimit -n)."),
}


@contextmanager
def disk_faults(doing: str) -> Iterator[None]:
    """Turn an `OSError` within into a `StoreError` that says what was being done and what to do next."""
    try:
        yield
    except OSError as error:
        raise disk_fault(doing, error) from error


def disk_fault(doing: str, error: OSError) -> StoreError:
    """Return the `StoreError` for an operating system's error while `doing` something.

    >>> disk_fault("writing the spool", OSError(errno.ENOSPC, "")).what
    'the disk is full while writing the spool'
    """
    what, remedy = FAULTS.get(error.errno or 0, (error.strerror or "the disk failed", "Run: mainstay doctor."))
    return StoreError(f"{what} while {doing}", remedy=remedy)


def told_fault(doing: str, error: Exception) -> StoreError | None:
    """Return the `StoreError` for a library's error that only tells in its text what the system said; None if not.

    >>> told_fault("writing", ValueError("No space left on device (os error 28)")).what
    'the disk is full while writing'
    """
    number = re.search(r"os error (\d+)", str(error))
    return disk_fault(doing, OSError(int(number[1]), "")) if number else None


def put_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file so that it holds all of `data` or what it held before, also after a loss of power."""
    with disk_faults(f"writing {path.name}"), _temporary_file(path, data, mode=mode) as temporary:
        os.replace(temporary, path)
        sync_folder(path.parent)


def put_file_once(path: Path, data: bytes, *, mode: int = 0o644) -> bool:
    """Write a file only if there is none yet; return whether it was ours. Of two writers at once exactly one wins."""
    with disk_faults(f"writing {path.name}"), _temporary_file(path, data, mode=mode) as temporary:
        return publish_file(temporary, path)


def put_folder(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Write a whole folder in one step, unless it is there already; return whether it was ours.

    The keys of `files` are relative paths with `/`; raises `Asked` for one that would leave the folder.
    """
    places = {inside(folder, name): data for name, data in files.items()}
    with disk_faults(f"writing {folder.name}"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(folder) as temporary:
            for place, data in places.items():
                _write_synced(temporary / place.relative_to(folder), data)
            return publish(temporary, folder)


@contextmanager
def temporary_folder(folder: Path) -> Iterator[Path]:
    """Give an empty temporary sibling of `folder`, and remove it at the end unless it was published."""
    sweep(folder.parent)
    temporary, held = _claimed(folder, _make_folder)
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        os.close(held)


def publish(temporary: Path, folder: Path) -> bool:
    """Give a temporary folder its name, durably; return False (and leave it) if the name is taken."""
    for inner, _, _ in os.walk(temporary):
        sync_folder(Path(inner))
    if folder.exists():
        return False
    try:
        os.rename(temporary, folder)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            return False
        raise
    sync_folder(folder.parent)
    return True


def remove_folder(folder: Path) -> None:
    """Remove a folder in one step: it loses its name first, so that nobody sees it half gone."""
    with temporary_folder(folder) as temporary:
        os.rename(folder, temporary / "removed")
        sync_folder(folder.parent)


def publish_file(temporary: Path, path: Path) -> bool:
    """Give a finished temporary file its name, durably; return False if the name is taken."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    sync_folder(path.parent)
    return True


def inside(folder: Path, name: str) -> Path:
    """Return the path of `name` within `folder`; raises `Asked` for a name that could lead out of it.

    >>> inside(Path("a"), "b/c.json").as_posix()
    'a/b/c.json'
    """
    parts = PurePosixPath(name).parts
    bad = not parts or name.startswith("/") or any(part in ("..", ".") for part in name.split("/"))
    if bad or "\\" in name or "\x00" in name or name.endswith(TEMPORARY):
        raise Asked(f"{name!r} is not a name for a file", remedy="Use letters, digits, '.', '-', '_' and '/'.")
    return folder.joinpath(*parts)


def check_place(folder: Path) -> None:
    """Raise `StoreError` if Delta could not hold a table there: it takes some characters of a path for an address's."""
    found = UNUSABLE.search(str(folder))
    if found is not None:
        remedy = "Move it to a folder whose path has no end of line, no [ ] ^ | or \\ and no % before two digits."
        raise StoreError(f"no Delta table can be in {folder}: its path holds {found[0]!r}", remedy=remedy)


def sweep(folder: Path) -> int:
    """Remove temporary siblings that the dead left in `folder`; return how many."""
    left = folder.glob(f".*{TEMPORARY}") if folder.is_dir() else ()
    return sum(_remove_abandoned(path) for path in left)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable: a file's own fsync does not cover its name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Make every file below a folder durable; cheap for what already is."""
    for inner, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                _sync_file(Path(inner, name))
        sync_folder(Path(inner))


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _temporary_file(path: Path, data: bytes, *, mode: int) -> Iterator[Path]:
    sweep(path.parent)
    temporary, held = _claimed(path, lambda place: os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    try:
        _write_all(held, data)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
        os.close(held)


def _write_synced(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        _write_all(descriptor, data)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]  # a full disk writes short first, and raises then
    os.fsync(descriptor)


def _make_folder(place: Path) -> int:
    place.mkdir()
    return os.open(place, os.O_RDONLY | os.O_DIRECTORY)


def _claimed(path: Path, make: Callable[[Path], int]) -> tuple[Path, int]:
    for _ in range(ATTEMPTS):
        temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}{TEMPORARY}")
        with suppress(FileNotFoundError):  # a sweeper took it for abandoned in the moment before it was locked
            held = make(temporary)
            if lock_now(held) and is_named(held, temporary):
                return temporary, held
            os.close(held)
        path.parent.stat()
    raise FileNotFoundError(errno.ENOENT, "no file can be made there", str(path))


def _remove_abandoned(path: Path) -> bool:
    try:
        held = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        if not lock_now(held):
            return False
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        return True
    finally:
        os.close(held)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the exclusive lock of a file, made if it is not there; waits while another process holds it.

    A process that dies lets go.
    """
    with disk_faults(f"waiting for {path.name}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def lock_now(descriptor: int) -> bool:
    """Take the exclusive lock of an open file if it is free; it is held until all copies are closed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_named(descriptor: int, path: Path) -> bool:
    """Say whether an open file is still what stands at `path`."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
