"""Telling what is new from what the journal knows: the first decision of an id, and outcomes that were told before."""

from __future__ import annotations

import polars as pl

from mainstay.store.journal import Journal
from mainstay.store.lines import ID
from mainstay.store.tables import CONFLICT, FIRST, REPEAT, STREAMS


def told_apart(journal: Journal, stream: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows to keep, as of the state the stream's table was last refreshed to.

    Every decision is kept, with its `standing`: the first of its id, a repeat (same row) or a conflict (another row).
    Of actions and outcomes those are kept that nobody told before, neither in the journal nor in an earlier row.
    """
    if stream == "decisions":
        return _with_standing(frame, _looked_up(journal, frame.filter(~pl.col("own_id"))))
    same = list(STREAMS[stream].same)
    if not same:
        return frame
    fresh = frame.unique(same, keep="first", maintain_order=True)
    known = _looked_up(journal, fresh, stream)
    return fresh.join(known, on=same, how="anti", nulls_equal=True, maintain_order="left")


def _looked_up(journal: Journal, frame: pl.DataFrame, stream: str = "decisions") -> pl.DataFrame:
    """The rows of a table whose hashes are among the frame's; without a hit nothing but hashes is read."""
    declared = STREAMS[stream]
    hashes = frame[declared.once]
    hits = hashes.filter(pl.Series(journal.seen(stream).among(hashes.to_numpy()), dtype=pl.Boolean))
    wanted = [*declared.same, *(["row_digest"] if stream == "decisions" else [])]
    if hits.is_empty():
        return declared.empty().select(wanted)
    parts = {"standing": FIRST} if stream == "decisions" else {}
    rows = journal.last_seen(stream).scan(parts=parts).filter(pl.col(declared.once).is_in(hits.unique().implode()))
    return rows.select(wanted).collect()


def _with_standing(frame: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    before = known.rename({"row_digest": "known_digest"})
    joined = frame.join(before, on=list(ID), how="left", maintain_order="left")
    is_first = pl.col("known_digest").is_null() & (pl.col("place") == pl.col("place").min().over(ID))
    first_digest = pl.coalesce("known_digest", pl.col("row_digest").first().over(ID))
    standing = (
        pl.when(is_first)
        .then(pl.lit(FIRST))
        .when(pl.col("row_digest") == first_digest)
        .then(pl.lit(REPEAT))
        .otherwise(pl.lit(CONFLICT))
    )
    return joined.with_columns(standing.alias("standing")).drop("known_digest")
