"""What a row looks like: the fields a model reads, learned from the data and amended by the brief."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from mainstay.domain.kind import MISSING_WORDS, Kind
from mainstay.domain.task import Task

__all__ = ["MISSING_WORDS", "Field", "Kind", "Policy", "Schema"]


class Policy(StrEnum):
    """What admission does with a value that is not as expected."""

    REPAIR = "repair"
    WARN = "warn"
    REFUSE = "refuse"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One input of the model.

    `levels` are the known texts of a category in fixed order (booleans: `("false", "true")`); `low` and `high` the
    range that training saw (numbers; dates in UTC seconds); `nullable` whether training saw it missing; `whole` whether
    every number was an integer; `example` a value that is fine to send (synthetic, never a person's); `date_format` how
    dates were written where not as ISO (a `strptime` format, `%b` an English month; ISO is always read too); `decimal`
    the sign before a number's fraction in texts (`.` or `,`; the other one groups thousands); `affix` what training saw
    around numbers (`$`, `%`, `kg`), which is read through; `missing` the values that mean missing here (`unknown`,
    `999`), as lower-case texts of levels; `level_aliases` other words for levels, each with its level; `default` what a
    missing value is taken as, in training too (as the model sees values: a number, UTC seconds, a level).
    """

    name: str
    kind: Kind
    levels: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    nullable: bool = False
    whole: bool = False
    example: float | str | bool | None = None
    unit: str = ""
    meaning: str = ""
    aliases: tuple[str, ...] = ()
    on_unseen: Policy = Policy.REPAIR
    on_missing: Policy = Policy.REPAIR
    on_out_of_range: Policy = Policy.WARN
    on_wrong_type: Policy = Policy.REPAIR
    personal: bool = False
    date_format: str = ""
    decimal: str = "."
    affix: str = ""
    missing: tuple[str, ...] = ()
    level_aliases: tuple[tuple[str, str], ...] = ()
    default: float | str | None = None


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """The model's fields in fixed order, and the columns that carry other roles.

    `carried` are columns that are not model inputs but that value expressions, today's rule, segments or protected
    groups need: they are admitted like fields (same checks), used for those ends and journalled. `positive` and
    `negative` are the levels of a binary target; `classes` those of a multiclass one, in the order of a plan's models.
    """

    fields: tuple[Field, ...]
    carried: tuple[Field, ...] = ()
    target: str
    task: str = "binary"
    positive: str | None = None
    negative: str | None = None
    classes: tuple[str, ...] = ()
    time: str | None = None
    time_zone: str = "UTC"
    entity: str | None = None
    segments: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the model's inputs, in order."""
        return tuple(field.name for field in self.fields)

    @property
    def labels(self) -> tuple[str, ...]:
        """The outcomes there can be, as texts: the positive one first, or the classes; none where it is an amount."""
        if self.task == Task.MULTICLASS:
            return self.classes
        return tuple(label for label in (self.positive, self.negative) if label is not None)

    @property
    def admitted(self) -> tuple[Field, ...]:
        """Every field that admission reads: the model's inputs, then the carried ones."""
        return self.fields + self.carried

    def field(self, name: str) -> Field:
        """Return the admitted field of that name; KeyError if there is none."""
        for field in self.admitted:
            if field.name == name:
                return field
        raise KeyError(name)
