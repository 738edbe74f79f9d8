"""The journal of a model: what was decided, done, learned, refused, counted and judged, in Delta tables.

Everything here reads, or appends what the watch made of it. What callers bring comes in through `store.ingest` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce

import msgspec
import polars as pl

from mainstay.domain.errors import Asked, Busy
from mainstay.domain.finding import Finding
from mainstay.domain.signature import input_subject
from mainstay.domain.version import MODEL_NAME
from mainstay.store.delta import Delta
from mainstay.store.home import Home
from mainstay.store.lines import ID, hashes
from mainstay.store.seen import Seen
from mainstay.store.tables import (
    CELLS,
    CONFLICT,
    DETAIL,
    FAULTS,
    FIRST,
    JUDGEMENTS,
    NUMBER,
    PLAIN,
    REPEAT,
    SHADOWS,
    STREAMS,
    TEXT,
)

LEAST_HASH, N_HASHES = -(2**63), 2**64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = -2  # no commit has this number
RETAKEN_ID = "id-of-another-row"  # code of the input fault of a decision whose id had been used for another row


class Journal:
    """The journal of one model. Keeps tables open for speed; for one process (spawned, never forked) and one thread."""

    def __init__(self, home: Home, model: str) -> None:
        if not MODEL_NAME.fullmatch(model):
            raise Asked(f"{model!r} is not a model's name", remedy="Use letters, digits, '.', '-' and '_'.")
        self.folder = home.journal_root / model
        self._tables = {d.name: Delta(self.folder / d.name, d) for d in (*STREAMS.values(), CELLS, JUDGEMENTS, SHADOWS)}
        self._seen = {name: (Seen(), 0) for name in STREAMS}
        self._cells: dict[int, tuple[int, pl.DataFrame]] = {}  # by version: as of which commit, and the plain cells

    def table(self, name: str) -> Delta:
        """Return a table by name, in its newest state."""
        table = self._tables[name]
        table.refresh()
        return table

    def last_batch(self, stream: str) -> int:
        """Return the number of the newest commit of a stream: 0 if nothing came yet."""
        return self.table(stream).batch

    def stages(self, stream: str, *, after: int, through: int, n_rows: int) -> list[int]:
        """Return up to which batches a stream may be read at once, from `after` to `through`, some `n_rows` at a time.

        A batch is never cut: what came in one request stays together.
        """
        rows = _arrived(self.table(stream), after, through).group_by("batch").len("n").sort("batch").collect()
        stage = (rows["n"].cum_sum() - rows["n"]) // n_rows
        return [*rows.group_by(stage.alias("stage"), maintain_order=True).agg(pl.col("batch").max())["batch"]]

    def arrived(self, stream: str, *, after: int, through: int) -> pl.LazyFrame:
        """Return the rows of batches `after` < b <= `through` lazily, of decisions each id once."""
        return _arrived(self.table(stream), after, through)

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

    def sampled(
        self, version: int, share: float, *, since: datetime, until: datetime, columns: Sequence[str]
    ) -> pl.DataFrame:
        """Return about `share` of a version's decisions, decided `since` <= at < `until`: the least hashes of ids.

        So it is the same rows whoever asks, and a smaller share is part of a larger one.
        """
        rows = _between(_arrived(self.table("decisions"), 0, None), "at", since, until)
        own = rows.filter(pl.col("version") == version)
        some = own.filter(pl.col("id_hash") < LEAST_HASH + round(share * N_HASHES)) if share < 1 else own
        return _chosen(some, columns)

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
        return self.table(CELLS.name).mark(f"count:{stream}") or 0

    def append_cells(self, cells: pl.DataFrame, *, stream: str, since: int, through: int, at: datetime) -> None:
        """Append what was counted of a stream's batches `since` < b <= `through`, exactly once.

        Raises `Busy` if somebody else counted since `since` was read from `counted_through`: count again.
        """
        table = self.table(CELLS.name)
        counted, before = table.mark(f"count:{stream}") or 0, table.version
        parted = cells.with_columns(month=pl.col("decided").dt.strftime("%Y-%m"), kind=_KIND)
        kept = parted.select(list(CELLS.columns)).cast(CELLS.columns)  # type: ignore[arg-type]
        if counted != since or not table.append(kept, {f"count:{stream}": through}, at=at):
            raise Busy(f"{stream} were counted by somebody else meanwhile", remedy="Try again.")
        self._follow(before, lambda held, version: pl.concat([held, _plain(kept, version)]))

    def cells(self, *, known_at: datetime | None = None, version: int | None = None) -> pl.DataFrame:
        """Return the signature's cells, of decisions and outcomes in periods that had begun by `known_at`."""
        rows = self.table(CELLS.name).scan()
        return _known(rows if version is None else rows.filter(pl.col("version") == version), known_at).collect()

    def plain_cells(self, version: int, *, known_at: datetime) -> pl.DataFrame:
        """Return the cells of a version without those of inputs by segment; kept, so that only new ones are read."""
        table = self.table(CELLS.name)
        through, held = self._cells.get(version, (NEVER, pl.DataFrame()))
        if through != table.version:
            rows = table.scan(parts={"kind": PLAIN}).filter(pl.col("version") == version)
            held = rows.collect()
            self._cells[version] = (table.version, held)
        return _known(held.lazy(), known_at).collect()

    def fold_cells(self, add: Callable[[Sequence[pl.DataFrame]], pl.DataFrame], *, at: datetime) -> bool:
        """Add up cells of the same key where many counts lie side by side, and say if there were any.

        `add` returns the sum of tables of cells. Keys tell when outcomes were learned, so what was known at any moment
        stays as it was. Where somebody counts meanwhile, cells are left as they are until the next time.
        """
        table = self.table(CELLS.name)
        crowded = table.crowded()
        for part in crowded:
            before = table.version
            summed = add([table.scan(parts=part).collect()])
            if table.replace(part, summed.sort(_ORDER), at=at):
                self._follow(before, lambda held, _: add([held]))
        if crowded:
            table.shorten()
        return bool(crowded)

    def _follow(self, before: int, change: Callable[[pl.DataFrame, int], pl.DataFrame]) -> None:
        """Change the cells that are held as the last commit did, if nobody else's came in between."""
        table = self.table(CELLS.name)
        followed = {v: held for v, (at, held) in self._cells.items() if at == before and table.version == before + 1}
        self._cells = {v: (table.version, change(held, v)) for v, held in followed.items()}

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
        """Join small files in every table that has many, and return which had; cheap when there is nothing to do.

        Cells are added up instead: see `fold_cells`.
        """
        return tuple(name for name, table in self._tables.items() if name != CELLS.name and table.tidy())

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


_KIND = (
    pl.when((pl.col("segment") != "") & pl.col("subject").str.starts_with(input_subject("")))
    .then(pl.lit(DETAIL))
    .otherwise(pl.lit(PLAIN))
)
_ORDER = ["version", "segment", "subject", "decided", "arm", "bin", "fold", "outcome", "learned"]


def _plain(cells: pl.DataFrame, version: int) -> pl.DataFrame:
    """The cells of a version, those of inputs by segment left out, without the columns that part files."""
    plain = cells.filter(pl.col("kind") == PLAIN) if "kind" in cells.columns else cells
    return plain.filter(pl.col("version") == version).drop(CELLS.parted, strict=False)


def _known(rows: pl.LazyFrame, at: datetime | None) -> pl.LazyFrame:
    """Cells of periods that had begun by a moment."""
    if at is None:
        return rows
    return rows.filter(pl.col("decided") <= at, pl.col("learned").fill_null(EPOCH) <= at)


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
