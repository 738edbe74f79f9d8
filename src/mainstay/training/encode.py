"""Inputs learned from a lesson: levels, parts of dates, numbers learned for levels and texts, pairs.

Everything is learned from the lesson's rows alone and stands in the inputs. What is learned from outcomes is computed
out of fold for these rows, so that an estimator fitted on them is not fooled by what its own rows taught.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from mainstay.domain.plan import DatePart, Input, Level, Number
from mainstay.domain.schema import Field, Kind
from mainstay.domain.wall_clock import PARTS
from mainstay.training.features import column, living
from mainstay.training.learner import Lesson

RARE_ROWS = 20  # a level with fewer rows says little alone: such levels are learned together
MAX_LEVELS = 200  # of one column; scikit-learn's boosting holds at most 255

Pair = tuple[str, str]
Made = tuple[str, Input, pl.Series]


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

    `pairs` are names of inputs that matter together (see `find_pairs`): each adds a `Product` or `Cross`. A constant or
    wholly missing column gives nothing. There may be nothing to learn from at all: then there are no inputs.
    """
    made = [each for field in lesson.schema.fields for each in _made(field, lesson)]
    frame = pl.DataFrame([values.alias(name) for name, _, values in made])
    alive = living(frame)
    sources = {name: source for name, source, _ in made}
    return Learned({name: sources[name] for name in alive}, frame.select(alive) if alive else frame.clear())


def _made(field: Field, lesson: Lesson) -> Iterator[Made]:
    used = lesson.used
    match field.kind:
        case Kind.NUMBER:
            yield field.name, Number(field=field.name), used[field.name]
        case Kind.CATEGORY | Kind.BOOLEAN:
            source = Level(field=field.name, levels=common_levels(used[field.name]))
            yield field.name, source, column(used, source)
        case Kind.DATETIME:
            for part in PARTS:
                if not (part == "days" and field.name == lesson.schema.time):
                    date = DatePart(field=field.name, part=part, time_zone=lesson.schema.time_zone)
                    yield f"{field.name}:{part}", date, column(used, date)


def common_levels(texts: pl.Series) -> tuple[str, ...]:
    """Return the levels with enough rows to learn from, at most 200 (the most frequent), in alphabetical order.

    >>> common_levels(pl.Series(["a"] * 30 + ["b"] * 3 + [None] * 9))
    ('a',)
    """
    counts = texts.drop_nulls().rename("level").value_counts(name="n").filter(pl.col("n") >= RARE_ROWS)
    frequent = counts.sort("n", "level", descending=[True, False])["level"].head(MAX_LEVELS)
    return tuple(sorted(frequent.to_list()))
