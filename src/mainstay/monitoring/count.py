"""Counting decisions into cells: one pass over new rows only; partitions counted apart add up to the whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.domain.signature import DECISION, SCORE, UNSEEN_BIN, Bins, ReferenceSignature, input_subject
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Floats, Ints, place
from mainstay.monitoring.cells import MOMENT, WHOLE, add, no_cells
from mainstay.monitoring.freshness import age_bins, age_subject
from mainstay.monitoring.latency import LATENCY, latency_bins, single_rows
from mainstay.monitoring.pairs import coded, place_pair
from mainstay.monitoring.periods import starts_of
from mainstay.monitoring.segments import partings
from mainstay.monitoring.tally import Groups, Tally, grouped, parted
from mainstay.monitoring.texts import with_facts

MAX_NAMED = 20  # unseen levels named per field and group in one count; the others are counted without a name
FOLDED_CELLS, MOST_CELLS = 200_000, 1_000_000  # of parts, added up with one another and with all: 30 MB, 150 MB


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of a frame: the column behind each field, and the fields whose unseen levels are not named."""

    decisions: pl.DataFrame
    reference: ReferenceSignature
    held: Mapping[str, str]
    unnamed: Collection[str]


def count(
    decisions: pl.DataFrame,
    reference: ReferenceSignature,
    *,
    columns: Mapping[str, str],
    segments: Sequence[str] = (),
    unnamed: Collection[str] = (),
    dated: Sequence[str] = (),
) -> pl.DataFrame:
    """Count decisions of one version: every input, the score, decisions and warnings, by arm, segment and period.

    `decisions` has `version`, `arm`, `at` (UTC moments or microseconds), `score`, `decision`, `warnings` (a list of
    structs or JSON with `field` and `code`; may be absent) and the inputs as used; `columns` says which column holds
    which field. `segments` are fields whose parts are counted apart (see `segments.parting`), `unnamed` fields whose
    unseen levels must not be told by name, `dated` fields that are dates, whose age is counted. Requests of one row are
    counted by latency, too, and pairs of inputs over all rows alone. Returns cells; counts of disjoint tables `add` up
    to the count of the whole (names of unseen levels up to the twenty most frequent of each part).
    """
    if decisions.is_empty():
        return no_cells()
    held = {name: column for name, column in columns.items() if column in decisions.columns}
    decisions = with_facts(decisions, reference, held)
    held |= {bins.subject: bins.subject for bins in reference.bins if bins.subject in decisions.columns}
    asked = Counted(decisions, reference, held, unnamed)
    placed = {bins.subject: _placed(asked, bins) for bins in reference.bins}
    whole = Tally(_all_rows(decisions, reference))
    known = [how for how in partings(reference, tuple(segments)) if how.name in held]
    apart = [
        parted(whole.groups, "segment", pl.Series(how.parts), how.part_of_bin[placed[input_subject(how.name)]])
        for how in known
    ]
    for tally in (tallies := [whole, *map(Tally, apart)]):
        _tell(tally, asked, placed)
    _tell_pairs(whole, reference, placed)
    for name in dated:
        if name in held:
            whole.add_bins(age_subject(name), age_bins(moments_us(decisions["at"]), decisions[held[name]]))
    return pl.concat([*(tally.cells() for tally in tallies), latency_cells(decisions, reference)])


def count_parts(
    parts: Iterable[pl.DataFrame], counted: Callable[[pl.DataFrame], pl.DataFrame], *, threads: int = 1
) -> pl.DataFrame:
    """Count parts of a table as they come, a few at once, and add up; memory holds `threads` + 1 parts and the cells.

    `counted` counts one part, such as `count` with the rest of its arguments. Neither the parts, nor their order, nor
    the number of threads matter, but for the last bits of sums of floats and the names of rare unseen levels.
    """
    cells, new = [no_cells()], list[pl.DataFrame]()
    for each in _ahead(counted, parts, threads):
        new.append(each)
        if sum(part.height for part in new) > FOLDED_CELLS:
            # With one another, not with all that came before: periods end, and most of those cells are done.
            cells, new = [*cells, add(new)], []
        if sum(part.height for part in cells[1:]) > max(MOST_CELLS, cells[0].height):
            cells = [add(cells)]
    cells += new
    return add(cells)


def moments_us(moments: pl.Series) -> Ints:
    """Return moments as UTC microseconds since 1970, whether they came as such or as times.

    >>> moments_us(pl.Series([1]))
    array([1])
    """
    if moments.dtype.is_temporal():
        moments = moments.cast(pl.Datetime("us", moments.dtype.time_zone)).dt.timestamp("us")  # type: ignore[attr-defined]
    return moments.cast(pl.Int64).to_numpy()


def period_column(moments: pl.Series, reference: ReferenceSignature) -> pl.Series:
    """Return the start of each moment's period."""
    starts = starts_of(moments_us(moments), period_s=reference.period_s, time_zone=reference.time_zone)
    return pl.Series(starts).cast(MOMENT)


def _ahead(
    counted: Callable[[pl.DataFrame], pl.DataFrame], parts: Iterable[pl.DataFrame], threads: int
) -> Iterator[pl.DataFrame]:
    """Count parts in threads, in order, without taking more parts than are being counted."""
    if threads == 1:
        yield from map(counted, parts)
        return
    running: deque[Future[pl.DataFrame]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for part in parts:
            running.append(pool.submit(counted, part))
            if len(running) > threads:
                yield running.popleft().result()
        yield from (each.result() for each in running)


def _all_rows(decisions: pl.DataFrame, reference: ReferenceSignature) -> Groups:
    keys = {"version": decisions["version"], "arm": decisions["arm"]}
    keys["decided"] = period_column(decisions["at"], reference)
    whole = grouped(keys)
    return Groups(whole.keys.with_columns(segment=pl.lit(WHOLE)), whole.row)


def _placed(asked: Counted, bins: Bins) -> Ints:
    """The bins of one subject's values; a column that is not there at all is missing in every row."""
    column = _column_of(asked, bins)
    if column is None:
        return np.zeros(asked.decisions.height, dtype=np.int64)
    return place(asked.decisions[column], bins)


def _column_of(asked: Counted, bins: Bins) -> str | None:
    own = {SCORE: "score", DECISION: "decision"}
    column = own.get(bins.subject) or asked.held.get(bins.subject.removeprefix(input_subject("")))
    return column if column in asked.decisions.columns else None


def _tell(tally: Tally, asked: Counted, placed: Mapping[str, Ints]) -> None:
    """Count every subject, what was decided and what was warned of."""
    for bins in asked.reference.bins:
        if bins.subject == SCORE:
            is_share = asked.reference.task != Task.REGRESSION
            sums = _score_sums(asked.decisions["score"], is_share=is_share)
            tally.add(SCORE, placed[SCORE], bins.n_bins, sums)
            continue
        tally.add(bins.subject, placed[bins.subject], bins.n_bins)
        _tell_unseen(tally, asked, bins, placed[bins.subject])
    tally.add_words(asked.decisions["decision"].cast(pl.String), "decision=")
    if "warnings" in asked.decisions.columns:
        tally.add_named(_warned(asked.decisions["warnings"], tally.groups.row))


def _tell_unseen(tally: Tally, asked: Counted, bins: Bins, placed: Ints) -> None:
    """Count the most frequent unseen levels by name."""
    name = bins.subject.removeprefix(input_subject(""))
    if bins.subject == DECISION or bins.is_number or name not in asked.held or name in asked.unnamed:
        return
    unseen = np.flatnonzero(placed == UNSEEN_BIN)
    if unseen.size:
        levels = asked.decisions[asked.held[name]].gather(unseen)
        tally.add_named(_named(levels, tally.groups.row[unseen], name))


def _tell_pairs(whole: Tally, reference: ReferenceSignature, placed: Mapping[str, Ints]) -> None:
    """Pairs of inputs, of all rows together: a relation is not watched segment by segment."""
    codes = {name: coded(placed[input_subject(name)], np.array(of)) for name, of in reference.sides.items()}
    for pair in reference.pairs:
        whole.add(pair.subject, place_pair(pair, codes[pair.first], codes[pair.second]), pair.bins.n_bins)


def latency_cells(decisions: pl.DataFrame, reference: ReferenceSignature) -> pl.DataFrame:
    """Count requests of one row, all segments together; `decisions` holds all rows of a request, or none of them."""
    single = single_rows(decisions)
    if single.is_empty():
        return no_cells()
    tally = Tally(_all_rows(single, reference))
    tally.add_bins(LATENCY, latency_bins(single["latency_us"]))
    return tally.cells()


def _score_sums(scores: pl.Series, *, is_share: bool) -> tuple[Floats, Floats]:
    """Scores and their variances; an amount has none of its own as a probability has."""
    known = scores.cast(pl.Float64).fill_null(0.0).fill_nan(0.0).to_numpy()
    return known, known * (1 - known) * is_share


def _named(levels: pl.Series, group: Ints, name: str) -> pl.DataFrame:
    """Name the most frequent unseen levels of each group, ties by name."""
    unseen = pl.DataFrame({"group": group, "level": levels})
    ranked = unseen.group_by("group", "level").len("n").sort("n", "level", descending=[True, False])
    ranked = ranked.group_by("group").head(MAX_NAMED)
    return ranked.select("group", subject=pl.format("{}{}", pl.lit(unseen_subject(name, "")), "level"), n="n")


def _warned(warnings: pl.Series, group: Ints) -> pl.DataFrame:
    said = pl.DataFrame({"group": group, "warnings": warnings}).filter(pl.col("warnings").is_not_null())
    if said.schema["warnings"] == pl.String:
        shape = pl.List(pl.Struct({"field": pl.String, "code": pl.String}))
        said = said.filter(~pl.col("warnings").is_in(["", "[]"]))
        said = said.with_columns(pl.col("warnings").str.json_decode(shape))
    one = said.filter(pl.col("warnings").list.len() > 0).explode("warnings")
    field, code = (pl.col("warnings").struct.field(name) for name in ("field", "code"))
    words = one.select("group", subject=pl.format("warned:{}:{}", code, field))
    return words.group_by("group", "subject").len("n")


def unseen_subject(name: str, level: str) -> str:
    """Return the subject under which rows with a level that training never saw are counted.

    >>> unseen_subject("event_type", "festival")
    'unseen:event_type=festival'
    """
    return f"unseen:{name}={level}"
