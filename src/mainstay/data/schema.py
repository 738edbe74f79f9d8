"""The schema of a model: which columns it reads, which are only carried, and why the others are left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import polars as pl

from mainstay.data.coerce import reading_findings
from mainstay.data.columns import is_nested, plain, rows_said
from mainstay.data.field import learn_field, missing_of
from mainstay.data.outcome import Outcomes, outcomes
from mainstay.data.profile import ColumnProfile, profile_column, without
from mainstay.data.roles import check_roles, needed_columns
from mainstay.domain.brief import Brief
from mainstay.domain.brief.parts import FieldPart
from mainstay.domain.errors import DataError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.stats.arrays import IntArray

MOST_EXACT = 2**53  # source: IEEE 754, binary64


@dataclass(frozen=True, slots=True)
class Learned:
    """A schema, and what was found while learning it."""

    schema: Schema
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """Why a column is no input, and whether it is watched all the same."""

    code: str
    because: str
    remedy: str
    carried: bool = False


def learn_schema(
    table: pl.DataFrame, brief: Brief, *, rows: IntArray | None = None, known: Outcomes | None = None
) -> Learned:
    """Learn the schema from the training rows of `table` (their positions; all if left out), and from nothing else.

    Inputs are all columns but the target, the time, the entity, the weight, what the brief excludes or says is known
    later, identifiers, dates and numbers that can be read two ways, and columns that always say the same in training.
    The last are carried: admitted and watched, so that their coming alive is seen. Carried too is what money, today's
    rule, segments and protected groups need. `known` are the outcomes of the whole table; without them the training
    rows decide which level is positive.

    Raises `DataError` for names in the brief that are no columns, for inputs whose names differ only in case, for
    columns of lists and the like, and where no input is left.
    """
    check_roles(table.columns, brief)
    levels = known or outcomes(table if rows is None else table[rows], brief)
    needed = needed_columns(brief)
    inputs: list[Field] = []
    carried: list[Field] = []
    findings: list[Finding] = []
    for name in table.columns:
        part = brief.fields.get(name, FieldPart())
        is_input = name not in _roles(brief) and part.known_at != "later"
        if not is_input and name not in needed:
            continue
        column = table[name] if rows is None else table[name][rows]
        seen = _profiled(column, part)
        aside = _aside(seen, part) if is_input else None
        findings.extend([_finding(name, aside)] if aside else [])
        if aside and not aside.carried and name not in needed:
            continue
        learned = learn_field(column, seen, part, time_zone=brief.data.time_zone)
        findings.extend([*reading_findings(name, learned.read), *_inexact(name, column, learned.field.kind)])
        (inputs if is_input and aside is None else carried).append(_expected(learned.field, part))
    _require_inputs(inputs, findings)
    _require_distinct([*inputs, *carried])
    return Learned(_schema(table, brief, levels, inputs=inputs, carried=carried), tuple(findings))


def _schema(
    table: pl.DataFrame, brief: Brief, levels: Outcomes, *, inputs: list[Field], carried: list[Field]
) -> Schema:
    return Schema(
        fields=tuple(inputs),
        carried=tuple(carried),
        target=brief.data.target,
        task=levels.task.value,
        positive=levels.positive,
        negative=levels.negative,
        classes=levels.classes,
        time=brief.data.time,
        time_zone=brief.data.time_zone,
        entity=brief.data.entity,
        segments=tuple(dict.fromkeys((*brief.data.segments, *brief.watch.segments))),
        known=tuple(table.columns),
    )


def _roles(brief: Brief) -> set[str | None]:
    data = brief.data
    return {data.target, data.time, data.entity, data.weight, *data.exclude}


def _expected(field: Field, part: FieldPart) -> Field:
    """A column that is known later only is never missed when deciding."""
    return msgspec.structs.replace(field, nullable=True) if part.known_at == "later" else field


def _profiled(column: pl.Series, part: FieldPart) -> ColumnProfile:
    if is_nested(column.dtype):
        plain(column)  # refuses it by name
    return profile_column(without(column, missing_of(part)))


def _aside(seen: ColumnProfile, part: FieldPart) -> Aside | None:
    name, kind = seen.name, part.kind or seen.kind
    if seen.constant:
        what = "is missing in every training row" if seen.n_distinct == 0 else "says the same in every training row"
        return Aside(
            "F10-constant-in-training",
            f"{name} {what}: it is no input until it has lived, and it is watched",
            "Nothing, if that is expected. When it comes alive, train again.",
            carried=True,
        )
    if kind is Kind.DATETIME and seen.dates and seen.dates.ambiguous:
        return Aside(
            "F10-ambiguous-dates",
            f"{name} holds dates whose day and month cannot be told apart: it was left out, not guessed",
            "Write the dates as ISO, such as 2026-03-31.",
        )
    if kind is Kind.NUMBER and seen.numbers and seen.numbers.ambiguous and part.decimal is None:
        return Aside(
            "F10-ambiguous-numbers",
            f"{name} holds numbers such as 1,234 that may be thousands or fractions: it was left out, not guessed",
            f'Say which sign stands before the fraction: [fields.{name}] decimal = "." or ",".',
        )
    if seen.identifier and part.kind is None:
        return Aside(
            "F10-identifier",
            f"{name} looks like an identifier (its values hardly ever repeat): it was left out",
            f"Write it into data.exclude; if it does say something, state its kind: [fields.{name}] kind = …",
        )
    return None


def _finding(name: str, aside: Aside) -> Finding:
    return Finding(code=aside.code, verdict=Verdict.WARN, subjects=(name,), because=aside.because, remedy=aside.remedy)


def _inexact(name: str, column: pl.Series, kind: Kind) -> list[Finding]:
    """Say which whole numbers are too large to be told apart as numbers: often they are codes."""
    low, high = (column.min(), column.max()) if kind is Kind.NUMBER and column.dtype.is_integer() else (0, 0)
    if not isinstance(low, int) or not isinstance(high, int) or (low >= -MOST_EXACT and high <= MOST_EXACT):
        return []
    wide = column.cast(pl.Int128)  # an unsigned column is compared with nothing negative
    beyond = ((wide < -MOST_EXACT) | (wide > MOST_EXACT)).fill_null(False)
    return [
        Finding(
            code="F15-inexact-numbers",
            verdict=Verdict.WARN,
            subjects=(name,),
            measured=int(beyond.sum()) / beyond.len(),
            limit=0.0,
            because=f"{int(beyond.sum())} of {beyond.len()} whole numbers of {name} lie beyond {MOST_EXACT:,}, where "
            f"neighbours are read as one ({rows_said(beyond)})",
            remedy=f'If they are codes: [fields.{name}] kind = "category"; if they are nothing: data.exclude.',
        )
    ]


def _require_inputs(inputs: Iterable[Field], findings: Iterable[Finding]) -> None:
    if any(True for _ in inputs):
        return
    reasons = "; ".join(finding.because for finding in findings) or "every column has another role or is excluded"
    raise DataError(f"no column is left for the model to read: {reasons}", remedy="Give the table more columns.")


def _require_distinct(fields: Iterable[Field]) -> None:
    seen: dict[str, str] = {}
    for name in (field.name for field in fields):
        twin = seen.setdefault(name.casefold(), name)
        if twin != name:
            what = f"columns {twin!r} and {name!r} differ only in case; the journal cannot tell them apart"
            raise DataError(what, remedy=f"Rename one, or leave it out: exclude = [{name!r}].")
