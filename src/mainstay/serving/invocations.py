"""Bodies as MLflow's model server takes them: four ways to write a table in JSON, each becoming rows.

Source: MLflow's scoring protocol since 2.0 (`dataframe_split`, `dataframe_records`, `inputs`, `instances`, `params`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from mainstay.domain.limits import LIMITS, Limits
from mainstay.domain.schema import Schema
from mainstay.serving.body import DecideBody, read_as, require_rows
from mainstay.serving.columns import asked_with, misshapen, names_by_place, rows_of, rows_of_columns

FORMS = ("dataframe_split", "dataframe_records", "inputs", "instances")
EXAMPLE = '{"dataframe_records": [{…}]}, or one of dataframe_split, inputs, instances'


class Split(msgspec.Struct):
    """A table as pandas splits it; its index is nobody's business here."""

    data: list[list[Any]]
    columns: list[Any] | None = None


class InvocationsBody(msgspec.Struct):
    """The body of a request, of which one form is there."""

    dataframe_split: Split | None = None
    dataframe_records: list[msgspec.Raw] | None = None
    inputs: Any = None
    instances: Any = None
    params: dict[str, Any] | None = None


_bodies = msgspec.json.Decoder(InvocationsBody)
_json = msgspec.json.Encoder()


def read_invocations(body: bytes, schema: Schema, limits: Limits = LIMITS) -> DecideBody:
    """Read a table written in one of MLflow's ways, and what `params` says beside it; raises `Unacceptable`.

    `params` may hold whatever stands beside `rows` in a request for decisions, such as `ids`.
    """
    read = read_as(_bodies, body, wanted=EXAMPLE)
    there = [form for form in FORMS if getattr(read, form) is not None]
    if len(there) != 1:
        what = f"the body holds {' and '.join(there) or 'no table'}"
        raise misshapen(what, f"Send {EXAMPLE}.")
    return asked_with(_read(read, schema, limits), read.params or {}, limits)


def _read(read: InvocationsBody, schema: Schema, limits: Limits) -> list[msgspec.Raw]:
    if read.dataframe_records is not None:
        return read.dataframe_records
    if read.dataframe_split is not None:
        columns = read.dataframe_split.columns
        names = None if columns is None else [str(column) for column in columns]
        return _of_lists(read.dataframe_split.data, names, schema, limits)
    table = read.inputs if read.inputs is not None else read.instances
    if isinstance(table, dict):
        return rows_of_columns({name: _column(values) for name, values in table.items()}, limits)
    if not isinstance(table, list):
        raise misshapen(f"a table of type {type(table).__name__}", f"Send {EXAMPLE}.")
    if table and all(isinstance(row, list) for row in table):
        return _of_lists(table, None, schema, limits)
    return [msgspec.Raw(_json.encode(row)) for row in table]  # what is no object is refused in its place


def _of_lists(
    table: Sequence[list[Any]], names: Sequence[str] | None, schema: Schema, limits: Limits
) -> list[msgspec.Raw]:
    require_rows(len(table), limits)
    names = names_by_place(schema, len(table[0])) if names is None else names
    if len(set(names)) < len(names):
        raise misshapen("a column came twice", "Send each column once.")
    for number, row in enumerate(table):
        if len(row) != len(names):
            what = f"row {number} has {len(row)} values for {len(names)} columns"
            raise misshapen(what, "Send one value for each column; null is missing.")
    return rows_of(names, table)


def _column(values: Any) -> list[Any]:
    """Take a lone value for a column of one, and one of shape [n, 1] for one of shape [n]."""
    column = values if isinstance(values, list) else [values]
    return [value[0] if isinstance(value, list) and len(value) == 1 else value for value in column]
