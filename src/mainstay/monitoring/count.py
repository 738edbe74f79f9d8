"""Counting decisions into cells: one pass over new rows only; partitions counted apart add up to the whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from mainstay.domain.signature import (
    CELL_COLUMNS,
    DECISION,
    SCORE,
    UNSEEN_BIN,
    Bins,
    ReferenceSignature,
    input_subject,
)
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Floats, Ints, place
from mainstay.monitoring.cells import CELL_SCHEMA, MOMENT, NO_FOLD, NO_OUTCOME, WHOLE, no_cells
from mainstay.monitoring.freshness import age_bins, age_subject
from mainstay.monitoring.latency import LATENCY, latency_bins, single_rows
from mainstay.monitoring.pairs import coded, place_pair
from mainstay.monitoring.periods import starts_of
from mainstay.monitoring.segments import Parting, partings
from mainstay.monitoring.texts import with_facts

GROUP = ("version", "arm", "segment", "decided")
UNSAID = {"learned": None, "fold": NO_FOLD, "outcome": NO_OUTCOME} | dict.fromkeys(CELL_COLUMNS[-5:], 0.0)
MAX_NAMED = 20  # unseen levels named per field and group in one count; the others are counted without a name


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
    placed = {bins.subject: _placed(decisions, bins, held) for bins in reference.bins}
    whole = _with_periods(decisions, reference)
    known = [how for how in partings(reference, tuple(segments)) if how.name in held]
    parts = [whole, *(_by_segment(whole, how, placed) for how in known)]
    counted = [cells for part in parts for cells in _count_groups(part, reference, placed, held, unnamed)]
    single = single_rows(whole)
    beside = [_binned(single, LATENCY, latency_bins(single["latency_us"]))] if single.height else []
    beside += [_age_cells(whole, name, held[name]) for name in dated if name in held]
    return pl.concat([*counted, *_count_pairs(whole, reference, placed), *beside])


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


def numbered_groups(frame: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, Ints]:
    """Return the distinct keys, in order of appearance, and the number of each row's key."""
    groups = frame.select(keys).unique(maintain_order=True).with_row_index("group")
    numbers = frame.select(keys).join(groups, on=list(keys), how="left", nulls_equal=True, maintain_order="left")
    return groups.drop("group"), numbers["group"].cast(pl.Int64).to_numpy()


def cells_of(groups: pl.DataFrame, row: Ints, **columns: object) -> pl.DataFrame:
    """Return cells: the keys of group number `row[i]`, beside the given columns; sums not given are 0."""
    keyed = groups[row]
    rest = {name: value for name, value in UNSAID.items() if name not in keyed.columns} | columns
    made = keyed.with_columns(
        **{name: pl.Series(value) if isinstance(value, np.ndarray) else pl.lit(value) for name, value in rest.items()}
    )
    return made.select(CELL_COLUMNS).cast(CELL_SCHEMA)  # type: ignore[arg-type]


def _placed(decisions: pl.DataFrame, bins: Bins, held: Mapping[str, str]) -> Ints:
    """The bins of one subject's values; a column that is not there at all is missing in every row."""
    own = {SCORE: "score", DECISION: "decision"}
    column = own.get(bins.subject) or held.get(bins.subject.removeprefix(input_subject("")))
    if column is None or column not in decisions.columns:
        return np.zeros(decisions.height, dtype=np.int64)
    return place(decisions[column], bins)


def _with_periods(decisions: pl.DataFrame, reference: ReferenceSignature) -> pl.DataFrame:
    return decisions.with_columns(decided=period_column(decisions["at"], reference), segment=pl.lit(WHOLE))


def _by_segment(whole: pl.DataFrame, how: Parting, placed: Mapping[str, Ints]) -> pl.DataFrame:
    return whole.with_columns(segment=how.of(placed[input_subject(how.name)]))


def _age_cells(whole: pl.DataFrame, name: str, column: str) -> pl.DataFrame:
    return _binned(whole, age_subject(name), age_bins(moments_us(whole["at"]), whole[column]))


def _binned(whole: pl.DataFrame, subject: str, bins: Ints) -> pl.DataFrame:
    """Count rows of all segments together by a bin of their own."""
    keyed = whole.with_columns(subject=pl.lit(subject), bin=bins)
    groups, row = numbered_groups(keyed, (*GROUP, "subject", "bin"))
    return cells_of(groups, np.arange(groups.height), n=np.bincount(row, minlength=groups.height))


def _count_groups(
    frame: pl.DataFrame,
    reference: ReferenceSignature,
    placed: Mapping[str, Ints],
    held: Mapping[str, str],
    unnamed: Collection[str],
) -> Iterator[pl.DataFrame]:
    groups, row = numbered_groups(frame, GROUP)
    for bins in reference.bins:
        if bins.subject == SCORE:
            is_share = reference.task != Task.REGRESSION
            yield _score_cells(groups, row, (placed[SCORE], bins), frame["score"], is_share=is_share)
            continue
        yield _histogram(groups, row, placed[bins.subject], bins)
        if bins.subject == DECISION:
            continue
        name = bins.subject.removeprefix(input_subject(""))
        if not bins.is_number and name in held and name not in unnamed:
            yield _unseen_cells(frame.filter(placed[bins.subject] == UNSEEN_BIN), name, held[name])
    yield _word_cells(frame.select(*GROUP, word=pl.format("decision={}", pl.col("decision").fill_null(""))))
    if "warnings" in frame.columns:
        yield _word_cells(_warned(frame))


def _count_pairs(
    whole: pl.DataFrame, reference: ReferenceSignature, placed: Mapping[str, Ints]
) -> Iterator[pl.DataFrame]:
    """Pairs of inputs, of all rows together: a relation is not watched segment by segment."""
    groups, row = numbered_groups(whole, GROUP)
    codes = {name: coded(placed[input_subject(name)], np.array(of)) for name, of in reference.sides.items()}
    for pair in reference.pairs:
        yield _histogram(groups, row, place_pair(pair, codes[pair.first], codes[pair.second]), pair.bins)


def _histogram(groups: pl.DataFrame, row: Ints, placed: Ints, bins: Bins) -> pl.DataFrame:
    n = np.bincount(row * bins.n_bins + placed, minlength=groups.height * bins.n_bins)
    full = np.flatnonzero(n)
    return cells_of(groups, full // bins.n_bins, subject=bins.subject, bin=full % bins.n_bins, n=n[full])


def _score_cells(
    groups: pl.DataFrame, row: Ints, cut: tuple[Ints, Bins], scores: pl.Series, *, is_share: bool
) -> pl.DataFrame:
    """Count scores; an amount has no variance of its own as a probability has."""
    placed, bins = cut
    joint = row * bins.n_bins + placed
    size = groups.height * bins.n_bins
    known = scores.cast(pl.Float64).fill_null(0.0).fill_nan(0.0).to_numpy()
    n = np.bincount(joint, minlength=size)
    full = np.flatnonzero(n)
    return cells_of(
        groups,
        full // bins.n_bins,
        subject=SCORE,
        bin=full % bins.n_bins,
        n=n[full],
        sum_score=_sums(joint, known, size)[full],
        sum_variance=_sums(joint, known * (1 - known) * is_share, size)[full],
    )


def _sums(joint: Ints, weights: Floats, size: int) -> Floats:
    return np.bincount(joint, weights=weights, minlength=size).astype(np.float64)


def _unseen_cells(unseen: pl.DataFrame, name: str, column: str) -> pl.DataFrame:
    """Name the most frequent unseen levels of each group, ties by name."""
    ranked = unseen.group_by(*GROUP, column).len("n").sort("n", column, descending=[True, False])
    ranked = ranked.group_by(GROUP).head(MAX_NAMED)
    words = ranked.select(*GROUP, "n", word=pl.format("{}{}", pl.lit(unseen_subject(name, "")), pl.col(column)))
    return _word_cells(words.select(*GROUP, "word", "n"))


def _word_cells(words: pl.DataFrame) -> pl.DataFrame:
    """Count rows (or add up `n`) by group and word; the word becomes the subject."""
    n = pl.col("n").sum() if "n" in words.columns else pl.len()
    counted = words.group_by(*GROUP, "word").agg(n=n)
    bin_of = np.full(counted.height, UNSEEN_BIN, dtype=np.int64)
    keys = counted.rename({"word": "subject"})
    return cells_of(keys.drop("n"), np.arange(counted.height), bin=bin_of, n=counted["n"].to_numpy())


def _warned(frame: pl.DataFrame) -> pl.DataFrame:
    said = frame.select(*GROUP, "warnings").filter(pl.col("warnings").is_not_null())
    if said.schema["warnings"] == pl.String:
        shape = pl.List(pl.Struct({"field": pl.String, "code": pl.String}))
        said = said.filter(~pl.col("warnings").is_in(["", "[]"]))
        said = said.with_columns(pl.col("warnings").str.json_decode(shape))
    one = said.filter(pl.col("warnings").list.len() > 0).explode("warnings")
    field, code = (pl.col("warnings").struct.field(name) for name in ("field", "code"))
    return one.select(*GROUP, word=pl.format("warned:{}:{}", code, field))


def unseen_subject(name: str, level: str) -> str:
    """Return the subject under which rows with a level that training never saw are counted.

    >>> unseen_subject("event_type", "festival")
    'unseen:event_type=festival'
    """
    return f"unseen:{name}={level}"
