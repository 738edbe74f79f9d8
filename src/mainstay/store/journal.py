"""The journal of a model: what was decided, done, learned, refused, counted and judged, in Delta tables.

Everything here reads, or appends what the watch made of it. What callers bring comes in through `store.ingest` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce

import msgspec
import polars as pl

from mainstay.domain.errors import Asked, Busy
from mainstay.domain.finding import Finding
from mainstay.domain.version import MODEL_NAME
from mainstay.store.delta import Delta
from mainstay.store.home import Home
from mainstay.store.lines import ID, hashes
from mainstay.store.seen import Seen
from mainstay.store.tables import CELLS, CONFLICT, FAULTS, FIRST, JUDGEMENTS, NUMBER, REPEAT, SHADOWS, STREAMS, TEXT

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RETAKEN_ID = "id-of-another-row"  # code of the input fault of a decision whose id had been used for another row


class Journal:
    """The journal of one model. Keeps tables open for speed; for one process (spawned, never forked) and one thread."""

    def __init__(self, home: Home, model: str) -> None:
        if not MODEL_NAME.fullmatch(model):
            raise Asked(f"{model!r} is not a model's name", remedy="Use letters, digits, '.', '-' and '_'.")
        self.folder = home.journal_root / model
        self._tables = {d.name: Delta(self.folder / d.name, d) for d in (*STREAMS.values(), CELLS, JUDGEMENTS, SHADOWS)}
        self._seen = {name: (Seen(), 0) for name in STREAMS}

    def table(self, name: str) -> Delta:
        """Return a table by name, in its newest state."""
        table = self._tables[name]
        table.refresh()
        return table

    def last_batch(self, stream: str) -> int:
        """Return the number of the newest commit of a stream: 0 if nothing came yet."""
        return self.table(stream).batch

    def decisions(
        self,
        *,
        after: int = 0,
        through: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        columns: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """Return decisions in order of arrival: batches `after` < b <= `through`, decided `since` <= at < `until`.

        Each id once. `tables.DECISIONS` names the columns; inputs are in those of `tables.input_columns`, which are
        null for an input that no decision ever had if `columns` asks for it, and else not there.
        """
        rows = _arrived(self.table("decisions"), after, through)
        return _chosen(_between(rows, "at", since, until), columns)

    def decisions_of(self, ids: pl.DataFrame, *, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return the decisions of some ids (columns `key` and `id`), in order of arrival."""
        return _chosen(_of(self.table("decisions"), ids), columns)

    def repeats(self) -> pl.DataFrame:
        """Return what was decided again for the id of an earlier decision, the same row or (`conflict`) another."""
        table = self.table("decisions")
        each = [table.scan(parts={"standing": s}).with_columns(pl.lit(s).alias("standing")) for s in (REPEAT, CONFLICT)]
        return _chosen(pl.concat(each), None)

    def outcomes(self, *, after: int = 0, through: int | None = None) -> pl.DataFrame:
        """Return outcomes in order of arrival, corrections included, batches `after` < b <= `through`."""
        return _chosen(_arrived(self.table("outcomes"), after, through), None)

    def outcomes_of(self, ids: pl.DataFrame) -> pl.DataFrame:
        """Return every outcome of some ids (columns `key` and `id`), in order of arrival."""
        return _chosen(_of(self.table("outcomes"), ids), None)

    def outcomes_known(self, at: datetime) -> pl.DataFrame:
        """Return the outcome of every id as known at a moment: of those learned by then the one learned last."""
        known = self.table("outcomes").scan().filter(pl.col("learned") <= at)
        ordered = known.sort("learned", "batch", "place")
        return ordered.unique(list(ID), keep="last", maintain_order=True).collect()

    def actions(self, *, after: int = 0, through: int | None = None) -> pl.DataFrame:
        """Return actions in order of arrival, batches `after` < b <= `through`."""
        return _chosen(_arrived(self.table("actions"), after, through), None)

    def actions_of(self, ids: pl.DataFrame) -> pl.DataFrame:
        """Return every action of some ids (columns `key` and `id`), in order of arrival."""
        return _chosen(_of(self.table("actions"), ids), None)

    def faults(self, *, since: datetime | None = None, until: datetime | None = None) -> pl.DataFrame:
        """Return input faults, `since` <= at < `until`, with those that only the journal sees: ids taken twice."""
        told = self.table("faults").scan().select(_FAULT)
        taken = self.table("decisions").scan(parts={"standing": CONFLICT})
        seen = taken.select(
            "at",
            "version",
            "key",
            pl.lit("id").alias("field"),
            pl.lit(RETAKEN_ID).alias("code"),
            pl.lit(1, pl.Int64).alias("n"),
            pl.lit(value=False).alias("refused"),
        )
        return pl.concat([_between(rows, "at", since, until) for rows in (told, seen)]).sort("at").collect()

    def counted_through(self, stream: str) -> int:
        """Return the last batch of a stream whose rows are in the cells: 0 before the first."""
        return self.table("cells").mark(f"count:{stream}") or 0

    def append_cells(self, cells: pl.DataFrame, *, stream: str, since: int, through: int, at: datetime) -> None:
        """Append what was counted of a stream's batches `since` < b <= `through`, exactly once.

        Raises `Busy` if somebody else counted since `since` was read from `counted_through`: count again.
        """
        table = self.table("cells")
        counted = table.mark(f"count:{stream}") or 0
        kept = cells.select(list(CELLS.columns)).cast(CELLS.columns)  # type: ignore[arg-type]
        if counted != since or not table.append(kept, {f"count:{stream}": through}, at=at):
            raise Busy(f"{stream} were counted by somebody else meanwhile", remedy="Try again.")

    def cells(self, *, known_at: datetime | None = None, version: int | None = None) -> pl.DataFrame:
        """Return the signature's cells, of decisions and outcomes in periods that had begun by `known_at`."""
        rows = self.table("cells").scan()
        if version is not None:
            rows = rows.filter(pl.col("version") == version)
        if known_at is not None:
            rows = rows.filter(pl.col("decided") <= known_at, pl.col("learned").fill_null(EPOCH) <= known_at)
        return rows.collect()

    def judged_through(self, version: int) -> datetime | None:
        """Return the end of the last period that was judged for a version, or None before the first."""
        microseconds = self.table("judgements").mark(f"judged:{version}")
        return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)

    def append_judgement(
        self, version: int, period_end: datetime, findings: Sequence[Finding], *, at: datetime
    ) -> bool:
        """Keep what was found for a version and a period; return False if that or a later period was judged before."""
        mark, microseconds = f"judged:{version}", (period_end - EPOCH) // timedelta(microseconds=1)
        rows = _judged(version, period_end, findings, at)
        while True:
            table = self.table("judgements")
            last = table.mark(mark)
            if last is not None and last >= microseconds:
                return False
            if table.append(rows, {mark: microseconds}, at=at):
                return True

    def shadowed_through(self, version: int) -> int:
        """Return the last batch of decisions that a shadow has scored: 0 before the first."""
        return self.table("shadows").mark(f"scored:{version}") or 0

    def append_shadows(self, rows: pl.DataFrame, *, version: int, since: int, through: int, at: datetime) -> bool:
        """Append what a shadow says of decisions in batches `since` < b <= `through`, exactly once.

        Return False, and write nothing, if somebody else did since `since` was read from `shadowed_through`.
        """
        table, mark = self.table("shadows"), f"scored:{version}"
        kept = rows.select(list(SHADOWS.columns)).cast(SHADOWS.columns)  # type: ignore[arg-type]
        return (table.mark(mark) or 0) == since and table.append(kept, {mark: through}, at=at)

    def shadows(self, version: int, *, since: datetime | None = None) -> pl.DataFrame:
        """Return what a shadow said of decisions made from a moment on; `tables.SHADOWS` names the columns."""
        rows = self.table("shadows").scan().filter(pl.col("version") == version)
        return _between(rows, "at", since, None).sort("batch").collect()

    def judgements(self, *, version: int | None = None) -> pl.DataFrame:
        """Return everything that was found, in order of period."""
        rows = self.table("judgements").scan()
        return (rows if version is None else rows.filter(pl.col("version") == version)).sort("period_end").collect()

    def last_seen(self, name: str) -> Delta:
        """Return a table by name in the state it was last looked at: that which a commit must start from."""
        return self._tables[name]

    def tidy(self) -> tuple[str, ...]:
        """Join small files in every table that has many, and return which had; cheap when there is nothing to do."""
        return tuple(name for name, table in self._tables.items() if table.tidy())

    def seen(self, stream: str) -> Seen:
        """Return the hashes of everything in a stream's table as last refreshed; only new rows are read."""
        seen, through = self._seen[stream]
        table = self._tables[stream]
        if table.batch > through:
            rows = table.scan(parts=_standing(table), after=through).filter(pl.col("batch") > through)
            seen.add(rows.select(table.declared.once).collect().to_series().to_numpy())
            self._seen[stream] = (seen, table.batch)
        return seen


_FAULT = [name for name in FAULTS.columns if name not in ("batch", "place", "month")]


def _standing(table: Delta) -> dict[str, str]:
    """The part of a table that holds rows in their own right."""
    return {"standing": FIRST} if "standing" in table.declared.parted else {}


def _arrived(table: Delta, after: int, through: int | None) -> pl.LazyFrame:
    rows = table.scan(parts=_standing(table), after=after).filter(pl.col("batch") > after)
    return rows if through is None else rows.filter(pl.col("batch") <= through)


def _between(rows: pl.LazyFrame, name: str, since: datetime | None, until: datetime | None) -> pl.LazyFrame:
    limits = []
    if since is not None:
        limits.append(pl.col(name) >= since)
    if until is not None:
        limits.append(pl.col(name) < until)
    return reduce(pl.LazyFrame.filter, limits, rows)


def _of(table: Delta, ids: pl.DataFrame) -> pl.LazyFrame:
    wanted = ids.select(ID).unique()
    some = table.scan(parts=_standing(table)).filter(pl.col("id_hash").is_in(hashes(wanted, ID).implode()))
    return some.join(wanted.lazy(), on=list(ID), how="semi")


def _chosen(rows: pl.LazyFrame, columns: Sequence[str] | None) -> pl.DataFrame:
    ordered = rows.sort("batch", "place")
    if columns is None:
        return ordered.collect()
    there = set(rows.collect_schema().names())
    absent = {name: NUMBER if name.startswith("n_") else TEXT for name in columns if name not in there}
    return ordered.select(pl.lit(None, absent[c]).alias(c) if c in absent else pl.col(c) for c in columns).collect()


def _judged(version: int, period_end: datetime, findings: Sequence[Finding], at: datetime) -> pl.DataFrame:
    rows = [
        {
            "version": version,
            "period_end": period_end,
            "at": at,
            "code": f.code,
            "subjects": msgspec.json.encode(f.subjects).decode(),
            "verdict": f.verdict.value,
            "measured": f.measured,
            "limit": f.limit,
            "low": f.low,
            "high": f.high,
            "because": f.because,
            "remedy": f.remedy,
        }
        for f in findings
    ]
    return pl.DataFrame(rows, schema=JUDGEMENTS.columns)
