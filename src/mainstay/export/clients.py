"""Clients of a model in other languages: one file each, typed by the model's own fields, without dependencies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from jinja2 import Environment, PackageLoader, StrictUndefined

from mainstay.domain.schema import Field, Kind, Policy, Schema
from mainstay.domain.task import Task
from mainstay.export.names import camel, distinct, member, pascal

KINDS = {
    Kind.NUMBER: "A number.",
    Kind.BOOLEAN: "True or false.",
    Kind.CATEGORY: "A word.",
    Kind.DATETIME: "An ISO date or time.",
    Kind.TEXT: "A text.",
}
MAX_LEVELS = 20  # levels that a type names; a column of more is any text


@dataclass(frozen=True)
class Described:
    """What a client is written from: a version of a model, its schema and the words it decides."""

    model: str
    version: int
    purpose: str
    schema: Schema
    decisions: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One column as a client writes it: `name` in the row, `identifier` in the program."""

    name: str
    identifier: str
    kind: Kind
    said: str
    required: bool
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Language:
    """A language: its template, how its file is named, and how columns are."""

    template: str
    file_name: Callable[[str], str]
    style: Callable[[str], str]


LANGUAGES: Mapping[str, Language] = {
    "typescript": Language("client.ts.jinja", lambda model: f"{model}-client.ts", str),
    "java": Language("Client.java.jinja", lambda model: f"{pascal(model)}Client.java", camel),
    "csharp": Language("Client.cs.jinja", lambda model: f"{pascal(model)}Client.cs", member),
    "go": Language("client.go.jinja", lambda model: f"{pascal(model).lower()}_client.go", pascal),
    "python": Language("client.py.jinja", lambda model: f"{pascal(model).lower()}_client.py", str),
}

_templates = Environment(
    loader=PackageLoader("mainstay.export"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - source code, not HTML; what comes from a brief passes `said` and `quoted`
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def quoted(text: str) -> str:
    """Return a text as a literal that all these languages read.

    >>> quoted('say "no"')
    '"say \\\\"no\\\\""'
    """
    return json.dumps(text, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def said(text: str) -> str:
    """Return a text as one line that may stand in a comment of all these languages.

    >>> said('ends */ here, in C:\\\\users\\n')
    'ends * / here, in C:/users'
    """
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line.replace("*/", "* /").replace("\\", "/").replace('"""', "'''")


_templates.filters |= {"quoted": quoted, "said": said, "escaped": escape}


def client_file(described: Described, language: str, *, base: str) -> tuple[str, str]:
    """Return a client's file name and its text; `base` is the text of Mainstay's own client, for Python."""
    chosen = LANGUAGES[language]
    fields = described.schema.admitted
    identifiers = distinct((field.name for field in fields), chosen.style)
    text = _templates.get_template(chosen.template).render(
        of=described,
        name=pascal(described.model),
        columns=[_column(field, identifiers[field.name]) for field in fields],
        several=described.schema.task == Task.MULTICLASS,
        classes=described.schema.classes,
        decided=distinct(described.decisions, lambda word: f"Decide{pascal(word)}"),
        base=base,
    )
    return chosen.file_name(described.model), text


def _column(field: Field, identifier: str) -> Column:
    levels = field.levels if field.kind is Kind.CATEGORY and len(field.levels) <= MAX_LEVELS else ()
    parts = (field.meaning, f"Unit: {field.unit}." if field.unit else "", _range(field))
    return Column(
        name=field.name,
        identifier=identifier,
        kind=field.kind,
        said=" ".join(part for part in parts if part),
        required=field.on_missing is Policy.REFUSE,
        levels=levels,
    )


def _range(field: Field) -> str:
    if field.kind is Kind.NUMBER and field.low is not None and field.high is not None:
        return f"Training saw {field.low:.10g} to {field.high:.10g}."
    if field.kind is Kind.CATEGORY and field.levels:
        return f"Training saw {', '.join(field.levels[:MAX_LEVELS])}{', …' if len(field.levels) > MAX_LEVELS else ''}."
    return KINDS[field.kind]
