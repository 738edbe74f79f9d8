"""One Delta table as the journal uses it: declared columns, marked commits, bounded statistics, whole or not at all.

A *mark* is a Delta transaction version: an application id and a number that only rises. Marks are read from the same
snapshot that a commit starts from, and two commits that set a mark of the same id conflict: that, and nothing else,
makes ingestion exactly once. The number `batch` is a mark that every numbered commit sets: of two of them at once one
fails and starts again from what the other left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import ColumnProperties, CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from mainstay.domain.errors import StoreError
from mainstay.domain.moments import iso
from mainstay.store.files import check_place, disk_fault, sync_tree, told_fault
from mainstay.store.tables import NUMBER, TEXT, WITH_STATISTICS, Declared

BATCH = "batch"
CONFIGURATION = {
    "delta.checkpointInterval": "50",
    "delta.logRetentionDuration": "interval 2 days",  # a commit a minute is 1,440 log files a day
    "delta.deletedFileRetentionDuration": "interval 1 days",
}
SMALL_FILES = 32  # so many files below TARGET_BYTES are made one
TARGET_BYTES = 64 << 20
KEEP_REPLACED_HOURS = 24  # long enough for any reader or backup that began before


class Delta:
    """A table of the journal, there or not yet. A handle is for one process (spawn, never fork) and one thread."""

    def __init__(self, path: Path, declared: Declared) -> None:
        check_place(path)
        self.path = path
        self.declared = declared
        self._table: DeltaTable | None = None

    def refresh(self) -> bool:
        """Look at the newest state; return whether there is a table at all."""
        with delta_faults(f"reading {self.declared.name}"):
            if self._table is not None and self._is_updated(self._table):
                return True
            if (self.path / "_delta_log").is_dir() and DeltaTable.is_deltatable(str(self.path)):
                self._table = DeltaTable(self.path)
        return self._table is not None

    def mark(self, app: str) -> int | None:
        """Return the number last marked for an application id, as of the last refresh."""
        return self._table.transaction_version(app) if self._table is not None else None

    @property
    def batch(self) -> int:
        """The number of the last numbered commit, as of the last refresh; 0 before the first."""
        return self.mark(BATCH) or 0

    @property
    def version(self) -> int:
        """The number of the newest commit of any kind, as of the last refresh; -1 where there is no table."""
        return -1 if self._table is None else int(self._table.version())

    def append(self, frame: pl.DataFrame, marks: Mapping[str, int], *, at: datetime) -> bool:
        """Append rows and set marks in one commit on top of the state last refreshed.

        Returns False, and writes nothing, if a commit that set one of the marks came in between. `at` is noted beside
        the commit.
        """
        table = self._table
        if table is None:
            table = self._table = self._create()
            if table.version() > 0:  # others made it and wrote since we looked
                return False
        properties = CommitProperties(
            custom_metadata={"at": iso(at)}, app_transactions=[Transaction(app, n) for app, n in marks.items()]
        )
        try:
            with delta_faults(f"writing {self.declared.name}"):
                write_deltalake(
                    table,
                    frame,
                    mode="append",
                    schema_mode=None if set(frame.columns) == set(self._names()) else "merge",
                    writer_properties=writer_properties(),
                    commit_properties=properties,
                )
        except StoreError as error:
            if isinstance(error.__cause__, CommitFailedError):
                self._table = None
                self.refresh()
                return False
            raise
        return True

    def scan(self, *, parts: Mapping[str, str] | None = None, after: int = 0) -> pl.LazyFrame:
        """Return rows as of the last refresh, lazily, without the columns that part the files.

        Only files of the named `parts` are looked at, and of those with a `batch` only such as hold one above `after`:
        other rows of the same files come along.
        """
        kinds, paths = self.kinds(), self.paths(parts=parts, after=after)
        if not paths:
            return pl.DataFrame(schema=kinds).lazy()
        # Not `pl.scan_delta`: it takes addresses for paths, and a folder "My project" has another address.
        return pl.scan_parquet(paths, schema=kinds, missing_columns="insert", glob=False, hive_partitioning=False)

    def paths(self, *, parts: Mapping[str, str] | None = None, after: int = 0) -> list[Path]:
        """Return the files that `scan` reads."""
        files = self._files()
        for name, value in (parts or {}).items():
            files = files.filter(pl.col(f"partition.{name}") == value)
        if "max.batch" in files.columns:
            files = files.filter(pl.col("max.batch").fill_null(after + 1) > after)
        return [self.path / unquote(path) for path in files["path"]]

    def kinds(self) -> dict[str, pl.DataType]:
        """Return the columns that `scan` gives, and their types."""
        return {name: kind for name, kind in self._kinds().items() if name not in self.declared.parted}

    def n_small_files(self) -> int:
        """Return how many files lie in one part of the table that could be joined, as of the last refresh."""
        return max((n for _, n in self._small_files()), default=0)

    def crowded(self) -> list[dict[str, str]]:
        """Return the parts of the table that hold many small files, as of the last refresh."""
        return [part for part, n in self._small_files() if n >= SMALL_FILES]

    def replace(self, part: Mapping[str, str], frame: pl.DataFrame, *, at: datetime) -> bool:
        """Put rows in the place of those that a part of the table held when it was last refreshed; marks stay.

        Returns False, and changes nothing, if somebody wrote into that part meanwhile.
        """
        assert self._table is not None
        held = frame.with_columns(pl.lit(value).alias(name) for name, value in part.items())
        with delta_faults(f"tidying {self.declared.name}"):
            try:
                write_deltalake(
                    self._table,
                    held.select(self._names()),
                    mode="overwrite",
                    predicate=" AND ".join(f"{name} = '{value}'" for name, value in part.items()),
                    writer_properties=writer_properties(),
                    commit_properties=CommitProperties(custom_metadata={"at": iso(at)}),
                )
            except CommitFailedError:
                return False
        return True

    def shorten(self) -> None:
        """Shorten the log and drop files that were replaced a day ago; marks stay, readers and writers go on."""
        if self._table is not None:
            with delta_faults(f"tidying {self.declared.name}"):
                self._table.create_checkpoint()
                self._table.cleanup_metadata()
                self._table.vacuum(KEEP_REPLACED_HOURS, dry_run=False, enforce_retention_duration=False)

    def make_durable(self) -> None:
        """Bring everything written so far to the disk itself: before what it was made from is removed."""
        if self._table is not None:
            with delta_faults(f"writing {self.declared.name}"):
                sync_tree(self.path)

    def tidy(self) -> bool:
        """Join small files where there are many, shorten the log, drop what was replaced a day ago; say if it did.

        Marks stay, and readers and writers go on meanwhile.
        """
        if not self.refresh() or self._table is None or self.n_small_files() < SMALL_FILES:
            return False
        with delta_faults(f"tidying {self.declared.name}"):
            try:
                self._table.optimize.compact(target_size=TARGET_BYTES, writer_properties=writer_properties())
            except CommitFailedError:  # somebody else was tidying
                return False
        self.shorten()
        return True

    def _small_files(self) -> list[tuple[dict[str, str], int]]:
        if self._table is None:
            return []
        small = self._files().filter(pl.col("size_bytes") < TARGET_BYTES // 2)
        names = [f"partition.{name}" for name in self.declared.parted]
        if not names:
            return [({}, small.height)]
        counts = small.group_by(names).len("n").sort(names)
        return [(dict(zip(self.declared.parted, part, strict=True)), n) for *part, n in counts.iter_rows()]

    def _files(self) -> pl.DataFrame:
        """The files of the last refresh: path, size_bytes, partition.NAME and, where there are any, max.NAME."""
        if self._table is None:
            return pl.DataFrame(
                schema={"path": pl.String, **{f"partition.{n}": pl.String for n in self.declared.parted}}
            )
        return pl.DataFrame(self._table.get_add_actions(flatten=True))

    def _kinds(self) -> dict[str, pl.DataType]:
        """The columns there are: those declared, and the inputs that joined."""
        joined = {
            name: NUMBER if name.startswith("n_") else TEXT
            for name in self._names()
            if name not in self.declared.columns
        }
        return self.declared.columns | joined

    def _names(self) -> list[str]:
        """The columns that the files have: an older table may lack one that is declared now."""
        return [field.name for field in self._table.schema().fields] if self._table is not None else []

    def _is_updated(self, table: DeltaTable) -> bool:
        try:
            table.update_incremental()
        except DeltaError:  # the log was shortened past what this handle knew: open it anew
            return False
        return True

    def _create(self) -> DeltaTable:
        known = WITH_STATISTICS & set(self.declared.columns)
        with delta_faults(f"making {self.declared.name}"):
            self.path.mkdir(parents=True, exist_ok=True)
            try:
                write_deltalake(
                    self.path,
                    self.declared.empty(),
                    partition_by=list(self.declared.parted),
                    configuration=CONFIGURATION | {"delta.dataSkippingStatsColumns": ",".join(sorted(known))},
                )
            except (CommitFailedError, DeltaError):
                if not DeltaTable.is_deltatable(str(self.path)):  # else another process made it in this moment
                    raise
            return DeltaTable(self.path)


def writer_properties() -> WriterProperties:
    """Return how files are written: compressed, with statistics for bookkeeping columns and no others."""
    return WriterProperties(
        compression="ZSTD",
        default_column_properties=ColumnProperties(statistics_enabled="NONE"),
        column_properties={name: ColumnProperties(statistics_enabled="CHUNK") for name in sorted(WITH_STATISTICS)},
    )


@contextmanager
def delta_faults(doing: str) -> Iterator[None]:
    """Turn Delta's and the system's errors into a `StoreError` with a next step; its cause is the error itself."""
    try:
        yield
    except (DeltaError, OSError) as error:
        doing = f"{doing} of the journal"
        fault = disk_fault(doing, error) if isinstance(error, OSError) else told_fault(doing, error)
        what = f"{doing} failed: {str(error).splitlines()[0][:300] if str(error) else error!r}"
        raise fault or StoreError(what, remedy="Try again; if it stays so: mainstay doctor.") from error
