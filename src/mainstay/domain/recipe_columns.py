"""The columns of a schema as a recipe of one's own gets them."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.domain.plan import Raw
from mainstay.domain.schema import Field, Kind

KINDS = {Kind.NUMBER: "number", Kind.DATETIME: "moment", Kind.TEXT: "text"}


def raw_columns(fields: Sequence[Field]) -> tuple[Raw, ...]:
    """Return the columns that a recipe gets, one per field, in the order of the schema.

    >>> raw_columns([Field(name="member", kind=Kind.BOOLEAN, levels=("false", "true"))])[0].kind
    'category'
    """
    return tuple(Raw(field.name, KINDS.get(field.kind, "category"), field.levels) for field in fields)
