"""The files of a Delta table at one version, so that a copy of them is that table, whatever is written meanwhile."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from mainstay.domain.errors import StoreError
from mainstay.store.delta import delta_faults

LOG_NAME = re.compile(r"(\d{20})(\.json|\.checkpoint\.parquet)")
ATTEMPTS = 5  # a log is shortened once in a while, never twice in a row


def log_files(table: Path) -> tuple[int, dict[str, bytes]]:
    """Return the table's newest version and the log files that make it up: name to content.

    A log may be shortened while it is read: what was read is only good if it has no gap, else it is read again.
    """
    for _ in range(ATTEMPTS):
        with delta_faults(f"reading {table.name}"):
            version = DeltaTable(table).version()
        log = _read_log(table / "_delta_log", version)
        if _is_whole(log, version):
            return version, log
    remedy = "Try again; if it stays so: mainstay doctor."
    raise StoreError(f"the log of {table.name} in the journal has a gap", remedy=remedy)


def table_files(table: Path, version: int) -> list[str]:
    """Return the data files of a table at a version, relative to it; they outlive their replacement by a day."""
    with delta_faults(f"reading {table.name}"):
        files = pl.DataFrame(DeltaTable(table, version=version).get_add_actions(flatten=True))
    return sorted(unquote(path) for path in files["path"])


def _read_log(folder: Path, version: int) -> dict[str, bytes]:
    log = {}
    for path in sorted(folder.iterdir()):
        match = LOG_NAME.fullmatch(path.name)
        if match is not None and int(match[1]) <= version:
            with suppress(FileNotFoundError):
                log[path.name] = path.read_bytes()
    return log


def _is_whole(log: dict[str, bytes], version: int) -> bool:
    start = max((int(name[:20]) for name in log if "checkpoint" in name), default=-1)
    return all(f"{n:020d}.json" in log for n in range(start + 1, version + 1))
