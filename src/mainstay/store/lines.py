"""From lines of the spool, or rows of a file, to rows of the journal: decoded, and typed column by column."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import polars as pl

from mainstay.domain.reading import level_text
from mainstay.domain.traffic import Action, Decision, InputFault, Outcome, received_digest
from mainstay.store.tables import MOMENT, STREAMS, input_column

DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    "decisions": msgspec.json.Decoder(Decision),
    "actions": msgspec.json.Decoder(Action),
    "outcomes": msgspec.json.Decoder(Outcome),
    "faults": msgspec.json.Decoder(InputFault),
}
ID = ("key", "id")


def decode(stream: str, batches: Iterable[bytes]) -> tuple[list[Any], list[bytes]]:
    """Return the rows of the batches in order, and apart the lines that are none."""
    decoder = DECODERS[stream]
    rows: list[Any] = []
    unreadable: list[bytes] = []
    for batch in batches:
        try:
            rows.extend(decoder.decode_lines(batch))
        except msgspec.DecodeError:
            _decode_apart(decoder, batch, rows, unreadable)
    return rows, unreadable


def frame_of(stream: str, rows: Sequence[Any]) -> pl.DataFrame:
    """Return decoded rows of a stream as columns of its table, those left out that only a commit knows."""
    return finished(stream, FRAMES[stream](rows))


def outcome_columns(outcomes: Sequence[str | float]) -> list[pl.Series]:
    """Return the two columns that hold outcomes: the text of each, and the number of those that came as one.

    >>> [column.to_list() for column in outcome_columns(["yes", 1.0])]
    [['yes', '1'], [None, 1.0]]
    """
    numbers = [None if isinstance(outcome, str) else float(outcome) for outcome in outcomes]
    texts = [level_text(outcome) for outcome in outcomes]
    return [pl.Series("outcome", texts, dtype=pl.String), pl.Series("outcome_number", numbers, dtype=pl.Float64)]


def imported(stream: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows of a file (`store.ingest.import_rows` says which columns) as columns of a stream's table."""
    texts = {"key": pl.lit(""), "implied": pl.lit(value=False)}
    added = [value.alias(name) for name, value in texts.items() if name not in frame.columns]
    whole = frame.with_columns(added)
    if stream == "outcomes":
        whole = whole.with_columns(outcome_columns(whole["outcome"].to_list()))
    base = [name for name in STREAMS[stream].columns if name in whole.columns]
    return finished(stream, whole.select(pl.col(name).cast(STREAMS[stream].columns[name]) for name in base))


def finished(stream: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the columns that follow from others: the place of each row, its month and the hashes it is looked up by."""
    table = STREAMS[stream]
    moment = "learned" if "learned" in table.columns else "at"
    made = [pl.col(moment).dt.strftime("%Y-%m").alias("month"), pl.int_range(pl.len(), dtype=pl.Int64).alias("place")]
    if "id_hash" in table.columns:
        made.append(pl.lit(hashes(frame, ID)).alias("id_hash"))
    if "same_hash" in table.columns:
        made.append(pl.lit(hashes(frame, table.same)).alias("same_hash"))
    return frame.with_columns(made)


def hashes(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Return a 64-bit hash per row over some columns; for looking up, where equal hashes are then compared.

    >>> both = hashes(pl.DataFrame({"key": ["", "a"], "id": ["ab", "b"]}), ("key", "id"))
    >>> both[0] == both[1]
    False
    """
    cells = zip(*(frame[name].to_physical().to_list() for name in columns), strict=True)
    return pl.Series([_hash(row) for row in cells], dtype=pl.Int64)


def _hash(row: tuple[Any, ...]) -> int:
    text = "".join(f"{len(cell)}:{cell}" for cell in map(repr, row))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)


def _decode_apart(decoder: msgspec.json.Decoder[Any], batch: bytes, rows: list[Any], unreadable: list[bytes]) -> None:
    for line in batch.split(b"\n")[:-1]:
        try:
            rows.append(decoder.decode(line))
        except msgspec.DecodeError:
            unreadable.append(line)


def _decisions(rows: Sequence[Decision]) -> pl.DataFrame:
    warnings = [msgspec.json.encode(row.warnings).decode() if row.warnings else "[]" for row in rows]
    scores = [msgspec.json.encode(row.scores).decode() if row.scores else None for row in rows]
    digests = [row.row_digest or received_digest(row.received) for row in rows]
    made = {
        "warnings": pl.Series(warnings, dtype=pl.String),
        "scores": pl.Series(scores, dtype=pl.String),
        "row_digest": pl.Series(digests, dtype=pl.String),
    }
    columns = [_moment("at", [row.at_us for row in rows]), *(series.alias(name) for name, series in made.items())]
    plain = [n for n in Decision.__struct_fields__ if n in STREAMS["decisions"].columns and n not in made]
    return pl.DataFrame([*columns, *_plain("decisions", rows, plain), *_inputs(rows)])


def _actions(rows: Sequence[Action]) -> pl.DataFrame:
    moments = [_moment("at", [row.at_us for row in rows]), _moment("learned", [row.learned_us for row in rows])]
    return pl.DataFrame([*moments, *_plain("actions", rows, ("id", "key", "action", "by"))])


def _outcomes(rows: Sequence[Outcome]) -> pl.DataFrame:
    moments = [
        _moment("happened", [row.happened_us for row in rows]),
        _moment("learned", [row.learned_us for row in rows]),
    ]
    known = outcome_columns([row.outcome for row in rows])
    return pl.DataFrame([*moments, *known, *_plain("outcomes", rows, ("id", "key", "implied"))])


def _faults(rows: Sequence[InputFault]) -> pl.DataFrame:
    names = [name for name in InputFault.__struct_fields__ if name in STREAMS["faults"].columns]
    return pl.DataFrame([_moment("at", [row.at_us for row in rows]), *_plain("faults", rows, names)])


def _plain(stream: str, rows: Sequence[Any], names: Iterable[str]) -> list[pl.Series]:
    kinds = STREAMS[stream].columns
    return [pl.Series(name, [getattr(row, name) for row in rows], dtype=kinds[name]) for name in names]


def _moment(name: str, microseconds: Sequence[int]) -> pl.Series:
    return pl.Series(name, microseconds, dtype=pl.Int64).cast(MOMENT)


def _inputs(rows: Sequence[Decision]) -> list[pl.Series]:
    """The inputs as used; a value that is missing has a place in whichever columns its input has, if it has any."""
    columns = []
    for name in dict.fromkeys(name for row in rows for name in row.used):
        values = [row.used.get(name) for row in rows]
        kinds = set(map(type, values))
        for kind, dtype in ((float, pl.Float64), (str, pl.String)):
            if kind in kinds:
                kept = values if kinds <= {kind, type(None)} else [v if type(v) is kind else None for v in values]
                columns.append(pl.Series(input_column(name, is_number=kind is float), kept, dtype=dtype))
    return columns


FRAMES: dict[str, Callable[[Sequence[Any]], pl.DataFrame]] = {
    "decisions": _decisions,
    "actions": _actions,
    "outcomes": _outcomes,
    "faults": _faults,
}
