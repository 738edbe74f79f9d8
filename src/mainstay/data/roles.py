"""The columns that a brief names: all must be there, and none may be asked for what it cannot know yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mainstay.domain.brief import Brief
from mainstay.domain.brief.parts import ValueView
from mainstay.domain.errors import DataError, did_you_mean
from mainstay.domain.expression import columns_of

WORD = re.compile(r"\w+")


def check_roles(columns: Sequence[str], brief: Brief) -> None:
    """Refuse a brief that names what the table does not have, or decides by what is not known when deciding.

    Raises one `DataError` with every problem and the nearest names.

    >>> from mainstay.domain.brief import parse_brief
    >>> check_roles(["t", "age"], parse_brief('[model]\\nname = "m"\\n[data]\\ntarget = "t"\\nexclude = ["agee"]'))
    Traceback (most recent call last):
    mainstay.domain.errors.DataError: data.exclude: there is no column 'agee' in the table. Did you mean 'age'?
    The table has 2 columns; names are compared with their case.
    """
    texts = dict(expressions(brief))
    problems = [
        f"{key}: there is no column {name!r} in the table. {_meant(name, columns, texts.get(key, ''))}"
        for key, name in named_columns(brief)
        if name not in columns
    ]
    problems += _too_early(brief)
    problems += _entity_as_group(brief)
    problems += _taken_aliases(columns, brief)
    if problems:
        wanted = f"The table has {len(columns)} columns; names are compared with their case."
        raise DataError("\n".join(problems), remedy=wanted)


def _meant(name: str, columns: Sequence[str], text: str) -> str:
    """Say which column was meant: one whose name reads as a calculation in an expression, else the nearest.

    >>> print(_meant("a", ["a-b", "c"], "a - b > 2"))
    The column 'a-b' is written column("a-b"): else its name is read as a calculation.
    """
    squeezed = "".join(text.split())
    for column in columns:
        if not column.isidentifier() and name in WORD.findall(column) and "".join(column.split()) in squeezed:
            return f'The column {column!r} is written column("{column}"): else its name is read as a calculation.'
    return did_you_mean(name, columns)


def named_columns(brief: Brief) -> Iterator[tuple[str, str]]:
    """Yield every column the brief names, after the key that names it."""
    data = brief.data
    yield "data.target", data.target
    single = {"data.time": data.time, "data.entity": data.entity, "data.weight": data.weight}
    yield from ((key, name) for key, name in single.items() if name is not None)
    several = {"data.segments": data.segments, "data.protected": data.protected, "data.exclude": data.exclude}
    several |= {"watch.segments": brief.watch.segments, "fields": tuple(brief.fields)}
    several |= {f"fairness.{name}": (name,) for name in brief.fairness.by}
    yield from ((key, name) for key, names in several.items() for name in names)
    yield from ((key, name) for key, text in expressions(brief) for name in _columns_read(key, text))


def expressions(brief: Brief) -> Iterator[tuple[str, str]]:
    """Yield every expression of the brief over columns, after its key."""
    if brief.today.rule is not None:
        yield "today.rule", brief.today.rule
    yield from _money(brief.value, "value")
    for name, view in brief.value.views.items():
        yield from _money(view, f"value.{name}")


def needed_columns(brief: Brief) -> frozenset[str]:
    """Return the columns that money, today's rule, segments and protected groups need, inputs or not."""
    groups = (*brief.data.segments, *brief.data.protected, *brief.watch.segments, *brief.fairness.by)
    return frozenset(groups) | expressed_columns(brief)


def expressed_columns(brief: Brief) -> frozenset[str]:
    """Return the columns that money and today's rule read."""
    return frozenset(name for key, text in expressions(brief) for name in _columns_read(key, text))


def _money(view: ValueView, key: str) -> Iterator[tuple[str, str]]:
    names = ("when_high_and_positive", "when_high_and_negative", "when_low_and_positive", "when_low_and_negative")
    said: list[tuple[str, float | str | None]] = list(zip(names, view.outcomes, strict=True))
    said += [(name, getattr(view, name)) for name in ("over", "under", "expression")]
    said += [
        (f"matrix.{action}.{name}", money)
        for action, worths in (view.matrix or {}).items()
        for name, money in worths.items()
    ]
    yield from ((f"{key}.{name}", money) for name, money in said if isinstance(money, str))


def _columns_read(key: str, text: str) -> tuple[str, ...]:
    """The columns that an expression reads; what was predicted and what came are none."""
    own = ("predicted", "actual") if key.endswith(".expression") else ()
    return tuple(name for name in columns_of(text) if name not in own)


def _too_early(brief: Brief) -> list[str]:
    later = {name for name, part in brief.fields.items() if part.known_at == "later"} | {brief.data.target}
    rule = columns_of(brief.today.rule) if brief.today.rule is not None else ()
    early = [f"today.rule: {name!r} is not known when the decision is taken" for name in rule if name in later]
    money = [
        (key, name) for key, text in expressions(brief) if key != "today.rule" for name in _columns_read(key, text)
    ]
    own = [key for key, name in money if name == brief.data.target]
    return early + [f"{key}: {brief.data.target!r} is the outcome itself{_written_so(key)}" for key in own]


def _written_so(key: str) -> str:
    return ": write it as actual" if key.endswith(".expression") else ""


def _entity_as_group(brief: Brief) -> list[str]:
    data = brief.data
    groups = {"data.segments": data.segments, "data.protected": data.protected, "watch.segments": brief.watch.segments}
    said = f"{data.entity!r} is the entity: a group of one tells nothing, and its names must not become levels"
    return [f"{key}: {said}" for key, names in groups.items() if data.entity in names]


def _taken_aliases(columns: Iterable[str], brief: Brief) -> list[str]:
    taken = set(columns)
    return [
        f"fields.{name}.aliases: {alias!r} is a column of its own"
        for name, part in brief.fields.items()
        for alias in part.aliases
        if alias in taken
    ]
