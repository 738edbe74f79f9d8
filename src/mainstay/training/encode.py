"""Inputs learned from a lesson: levels, parts of dates, numbers learned for levels and texts, pairs.

Everything is learned from the lesson's rows alone and stands in the inputs. What is learned from outcomes is computed
out of fold for these rows, so that an estimator fitted on them is not fooled by what its own rows taught.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from mainstay.domain.plan import DatePart, Input, Number
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.wall_clock import PARTS
from mainstay.training.encode_levels import level_inputs
from mainstay.training.encode_pairs import Pair, pair_inputs
from mainstay.training.encode_texts import text_inputs
from mainstay.training.features import column, living
from mainstay.training.learner import Lesson
from mainstay.training.out_of_fold import Encoding, Teaching, teaching_of

MINUTE, HOUR = "minute", "hour"


@dataclass(frozen=True, slots=True)
class Learned:
    """Inputs by the name of their column, and these columns of the lesson's rows (Float64, null where missing).

    A `Level` (or `Cross`) is the index of its level: to be one-hot encoded, or told to trees as categorical; null
    stands for rare and unseen levels together, as it will when serving. Every other input is a number.
    """

    inputs: dict[str, Input]
    frame: pl.DataFrame


def learn_inputs(lesson: Lesson, *, pairs: Sequence[Pair] = ()) -> Learned:
    """Learn what a model may read, and the columns to fit it on; new rows get theirs from `features`.

    `pairs` are names of inputs that matter together (see `find_pairs`): each adds a `Product` or `Cross` where both
    inputs are there. A constant or wholly missing column gives nothing, so there may be no inputs at all.
    """
    teaching = teaching_of(lesson)
    found: dict[str, Encoding] = {}
    taken = set(lesson.schema.names)
    for field in lesson.schema.fields:
        for part, encoding in _encodings(field, teaching):
            name = _free(field.name, part, taken=taken)
            taken.add(name)
            found[name] = encoding
    found |= pair_inputs(pairs, found, lesson.used)
    return _alive(found)


def with_pairs(learned: Learned, pairs: Sequence[Pair], used: pl.DataFrame) -> Learned:
    """Return what was learned and, beside it, the inputs of pairs; `used` are the rows it was learned from."""
    found = {name: Encoding(source, learned.frame[name]) for name, source in learned.inputs.items()}
    return _alive(found | pair_inputs(pairs, found, used))


def _alive(found: Mapping[str, Encoding]) -> Learned:
    frame = pl.DataFrame([encoding.values.alias(name) for name, encoding in found.items()])
    alive = living(frame)
    return Learned({name: found[name].input for name in alive}, pl.DataFrame([frame[name] for name in alive]))


def _free(field: str, part: str, *, taken: set[str]) -> str:
    """Return a name for a column: the field's own, or with what it is made into, and marked where another has it."""
    if not part and (field == "*" or (field.startswith("^") and field.endswith("$"))):
        part = "value"  # Polars, and so scikit-learn, takes such a name for a pattern
    name = f"{field}:{part}" if part else field
    while part and name in taken:
        name += "'"
    return name


def _encodings(field: Field, teaching: Teaching) -> Iterator[tuple[str, Encoding]]:
    used = teaching.lesson.used
    match field.kind:
        case Kind.NUMBER:
            yield "", Encoding(Number(field=field.name), used[field.name].cast(pl.Float64))
        case Kind.CATEGORY | Kind.BOOLEAN:
            yield from level_inputs(field.name, teaching)
        case Kind.DATETIME:
            yield from _date_inputs(field.name, used, teaching.lesson.schema)
        case Kind.TEXT:
            yield from text_inputs(field.name, teaching)


def _date_inputs(field: str, used: pl.DataFrame, schema: Schema) -> Iterator[tuple[str, Encoding]]:
    """The moment of the decision gives no `days`: a count that only grows tells past from future and nothing else.

    Minutes are told only where they say more than hours do.
    """
    sources = {part: DatePart(field=field, part=part, time_zone=schema.time_zone) for part in PARTS}
    columns = {part: column(used, source) for part, source in sources.items()}
    left_out = {"days"} if field == schema.time else set()
    if (columns[MINUTE] == columns[HOUR] * 60).all():
        left_out.add(MINUTE)
    yield from ((part, Encoding(sources[part], columns[part])) for part in PARTS if part not in left_out)
