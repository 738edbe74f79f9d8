"""What changed in a source since the last snapshot, which versions are hit, and whom to tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import polars as pl

from mainstay.bundle.inspect import inspect
from mainstay.data.changed_rows import row_changes
from mainstay.data.changes import column_changes
from mainstay.data.coerce import moments, read_column
from mainstay.data.toml import array, key
from mainstay.domain.brief import Brief
from mainstay.domain.brief.parts import FieldPart
from mainstay.domain.errors import DataError, MainstayError, NotFound
from mainstay.domain.life import Life
from mainstay.domain.moments import iso
from mainstay.domain.schema import Field, Schema
from mainstay.domain.source_change import Change, ColumnChange, Concerned, SourceUpdate
from mainstay.store.project import Project
from mainstay.store.snapshots import Snapshots, identity_of
from mainstay.store.source import name_of
from mainstay.store.sources import read_table
from mainstay.workflows.snapshot import proven_rows

Reads = dict[str, Schema]  # what each version reads, by its name
UNREADABLE = 0.01  # a share of values that a version read before and cannot read now, from which on it is hit


def update(project: Project) -> SourceUpdate:
    """Read the brief's source again and set it beside the last snapshot; nothing is written.

    Raises `NotFound` where nothing was trained yet, so that there is no snapshot, and `StoreError` where its rows are
    no longer those that were kept.
    """
    life = project.home.ledger.life(project.model)
    root = _newest_root(life)
    last = Snapshots(project.home).get(identity_of(root))
    before, after = proven_rows(project, root), read_table(project.source)

    rows = row_changes(before, after, entity=project.brief.data.entity)
    changes = column_changes(before, after)
    schemas = _schemas(project, life)
    concerned = tuple(_concerned(change, (before, after), project, schemas) for change in _by_column(changes).values())

    newest = {"newest_was": _newest(before, project.brief), "newest_now": _newest(after, project.brief)}
    return SourceUpdate(
        model=project.model,
        source=project.brief.data.source or name_of(project.source),
        snapshot=last.id,
        taken_at=last.taken_at,
        rows=msgspec.structs.replace(rows, **newest),
        changes=tuple(_discreet(change, project.brief) for change in changes),
        concerned=concerned,
        live=f"{project.model}/{life.live}" if life.live is not None else None,
        proposed=proposed(changes, project.brief),
    )


def proposed(changes: Sequence[ColumnChange], brief: Brief) -> str:
    """Return lines to add to the brief: for columns that came, were renamed, or changed and belong to nobody yet."""
    tables = [_lines(name, of_one, brief.fields.get(name, FieldPart())) for name, of_one in _by_column(changes).items()]
    return "\n\n".join(filter(None, tables))


def _lines(name: str, changes: Sequence[ColumnChange], said: FieldPart) -> str:
    kinds = {change.change: change for change in changes}
    if Change.LOST in kinds:
        return ""
    renamed, unit = kinds.get(Change.RENAMED), kinds.get(Change.UNIT)
    lines = []
    if renamed is not None and renamed.now not in said.aliases:
        lines.append(f"aliases = {array([*said.aliases, renamed.now])}")
    if unit is not None:
        lines.append(f'unit = "{said.unit}"  # its numbers are {unit.factor:g} times what they were')
    lines += [f'{each} = ""' for each in ("source", "owner", "contract") if not getattr(said, each)]
    return "\n".join([f"[fields.{key(name)}]", *lines]) if lines else ""


def _newest_root(life: Life) -> str:
    roots = [version.snapshot for version in life.versions]
    if not roots:
        remedy = "Train first: mainstay train. Then mainstay init --update compares."
        raise NotFound(f"{life.model} has no snapshot yet to compare its source with", remedy=remedy)
    return roots[-1]


def _schemas(project: Project, life: Life) -> Reads:
    """Return what each version reads; one whose bundle is torn is left to the doctor."""
    found: Reads = {}
    for version in life.versions:
        try:
            files = project.home.artifacts.version_files(project.model, version.number)
            found[f"{project.model}/{version.number}"] = inspect(files).schema
        except MainstayError:
            continue
    return found


def _by_column(changes: Sequence[ColumnChange]) -> dict[str, tuple[ColumnChange, ...]]:
    """Return the changes of each changed column."""
    found: dict[str, tuple[ColumnChange, ...]] = {}
    for change in changes:
        found[change.column] = (*found.get(change.column, ()), change)
    return found


def _concerned(
    changes: Sequence[ColumnChange], states: tuple[pl.DataFrame, pl.DataFrame], project: Project, read: Reads
) -> Concerned:
    name, brief = changes[0].column, project.brief
    said = brief.fields.get(name, FieldPart())
    readers = {version: field for version, schema in read.items() if (field := _field(schema, name)) is not None}
    broken = [
        version
        for version, field in readers.items()
        if any(_breaks(change, field, states, read[version]) for change in changes)
    ]
    roles = _roles(name, brief)
    people = (said.owner, *((brief.model.owner, *brief.model.consumers) if broken or roles else ()))
    return Concerned(
        column=name,
        source=said.source,
        owner=said.owner,
        contract=said.contract,
        versions=tuple(readers),
        broken=tuple(broken),
        roles=roles,
        tell=tuple(dict.fromkeys(person for person in people if person)),
    )


def _field(schema: Schema, column: str) -> Field | None:
    return next((field for field in schema.admitted if column in (field.name, *field.aliases)), None)


def _breaks(change: ColumnChange, field: Field, states: tuple[pl.DataFrame, pl.DataFrame], schema: Schema) -> bool:
    """Say whether a version can no longer read a column as it did: it is gone, of another unit, or not to be read."""
    before, after = states
    if change.change in (Change.LOST, Change.RENAMED):
        return not any(name in after.columns for name in (field.name, *field.aliases))
    if change.column not in before.columns or change.column not in after.columns:
        return False
    first, second = (_unreadable(state[change.column], field, schema) for state in states)
    return change.change is Change.UNIT or second > first + UNREADABLE


def _unreadable(column: pl.Series, field: Field, schema: Schema) -> float:
    try:
        read = read_column(column, field, time_zone=schema.time_zone)
    except DataError:
        return 1.0
    return int(read.unreadable.sum()) / max(column.len() - column.null_count(), 1)


def _roles(column: str, brief: Brief) -> tuple[str, ...]:
    data = brief.data
    single = {"target": data.target, "time": data.time, "entity": data.entity, "weight": data.weight}
    listed = {"segments": data.segments, "protected": data.protected}
    named = [name for name, said in single.items() if said == column]
    return tuple(f"data.{name}" for name in (*named, *(name for name, said in listed.items() if column in said)))


def _newest(table: pl.DataFrame, brief: Brief) -> str | None:
    try:
        at = moments(table, brief)
    except DataError:
        return None
    return None if at is None else iso(datetime.fromtimestamp(float(at.max()), UTC))


def _discreet(change: ColumnChange, brief: Brief) -> ColumnChange:
    """Leave out the values of a column that the brief calls personal."""
    said = brief.fields.get(change.column)
    if said is None or not said.personal:
        return change
    words = {"new_levels": (), "lost_levels": ()} | ({"was": "", "now": ""} if change.change is Change.RANGE else {})
    return msgspec.structs.replace(change, **words)
