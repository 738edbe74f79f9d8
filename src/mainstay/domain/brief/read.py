"""Reading a brief: every problem with its file, line, what came and what is wanted."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mainstay.domain.brief.model import Brief
from mainstay.domain.canonical import canonical, digest
from mainstay.domain.errors import BriefError

STEP = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
PATH = rf"{STEP}(?:\s*\.\s*{STEP})*"
HEADER = re.compile(rf"^\s*\[\[?\s*(?P<path>{PATH})\s*\]\]?\s*(#.*)?$")
KEY = re.compile(rf"^\s*(?P<path>{PATH})\s*=")
BRANCH = re.compile(r"str|int|float|bool|literal\[.*|constrained-.*|function-.*|lax-or-strict.*")  # of a union
AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
LONG_NUMBER = re.compile(r"[0-9A-Fa-f_]{1000}")
BYTE_ORDER_MARK = "\ufeff"  # some editors put it first
MAX_SHOWN = 60
Path = tuple[str, ...]
Model = TypeVar("Model", bound=BaseModel)


def parse_brief(text: str, *, file: str = "mainstay.toml") -> Brief:
    """Read the text of a brief; raises `BriefError` that lists every problem with its line.

    >>> parse_brief('[model]\\nname = "credit"\\n[data]\\ntarget = "t"').model.name
    'credit'
    """
    return read_as(Brief, text, file=file, remedy=f"Mend {file}; `mainstay init --schema` prints every key.")


def read_as(kind: type[Model], text: str, *, file: str, remedy: str) -> Model:
    """Read TOML as a model; raises `BriefError` that lists every problem with its line, and `remedy` beside them."""
    text = text.removeprefix(BYTE_ORDER_MARK)
    try:
        return _read(kind, text, file, remedy)
    except RecursionError as error:
        what = f"{file}: lists or tables are nested too deeply to be read"
        raise BriefError(what, remedy="A brief needs at most three levels, as in [fields.NAME].") from error
    except ValueError as error:  # Python neither reads nor prints integers of thousands of digits
        what = f"{file}:{_line_of_digits(text)}: a value cannot be read: {str(error).partition('; use sys')[0]}"
        raise BriefError(what, remedy="Write a number of ordinary length there.") from error


def _read(kind: type[Model], text: str, file: str, remedy: str) -> Model:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = AT_LINE.search(str(error))
        what = f"{file}:{place[1] if place else text.count(LINE) + 1}: {AT_LINE.sub('', str(error))}"
        raise BriefError(what, remedy="Mend the TOML there: key = value, texts in quotes.") from error
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        problems = _problems(kind, error, line_numbers(text), file)
        raise BriefError("\n".join(problems), remedy=remedy) from error


def brief_digest(brief: Brief) -> str:
    """Return the digest of what a brief says, whatever its comments and order."""
    return digest(b"mainstay-brief-1\n" + canonical(brief.model_dump(mode="json", exclude_unset=True)))


def line_numbers(text: str) -> dict[Path, int]:
    """Return the line (from 1) of every table and key, by its path; tables of an array have their place in it.

    >>> line_numbers("[[a]]\\nb = 1\\n[[a]]\\nb = 2")[("a", "1", "b")]
    4
    """
    found: dict[Path, int] = {}
    table: Path = ()
    n_of: Counter[Path] = Counter()
    for number, line in enumerate(text.split(LINE), start=1):
        if header := HEADER.match(line):
            table = _steps(header["path"])
            if line.lstrip().startswith("[["):
                n_of[table] += 1
                table = (*table, str(n_of[table] - 1))
            for depth in range(1, len(table) + 1):
                found.setdefault(table[:depth], number)
        elif key := KEY.match(line):
            found.setdefault((*table, *_steps(key["path"])), number)
    return found


LINE = "\n"


def _steps(path: str) -> Path:
    """Read a dotted key as TOML does, with its quotes and escapes."""
    steps: list[str] = []
    inner: Any = tomllib.loads(f"[{path}]")
    while inner:
        (step, inner), *_ = inner.items()
        steps.append(step)
    return tuple(steps)


def _problems(kind: type[BaseModel], error: ValidationError, lines: dict[Path, int], file: str) -> list[str]:
    """One line per key that is wrong; what the branches of a union say about one key is joined."""
    said: dict[Path, list[str]] = {}
    for each in error.errors():
        for path, message in _told(kind, dict(each), lines):
            said.setdefault(path, []).append(message)
    return [f"{file}:{_line(path, lines)}: {_shown(path)}{_joined(messages)}" for path, messages in said.items()]


def _told(whole: type[BaseModel], error: dict[str, Any], lines: dict[Path, int]) -> list[tuple[Path, str]]:
    path = _without_branches(tuple(str(step) for step in error["loc"]), lines)
    if path:
        return [(path, _says(whole, error, path))]
    told = []
    for message in str(error["msg"]).removeprefix("Value error, ").split(LINE):
        key, colon, rest = message.partition(": ")
        told.append((tuple(key.split(".")), rest) if colon else ((), message))
    return told


def _shown(path: Path) -> str:
    steps = (step if re.fullmatch(r"[\w-]+", step) else json.dumps(step, ensure_ascii=False) for step in path)
    return f"{'.'.join(steps)}: " if path else ""


def _line(path: Path, lines: dict[Path, int]) -> int:
    return next((lines[path[:i]] for i in range(len(path), 0, -1) if path[:i] in lines), 1)


def _line_of_digits(text: str) -> int:
    long = LONG_NUMBER.search(text)
    return text.count(LINE, 0, long.start()) + 1 if long else 1


def _joined(messages: list[str]) -> str:
    wanted = [message for message in messages if not message.startswith("got ")]
    if wanted:
        return wanted[-1]
    rest = [message.partition("; ")[2].removeprefix("input should be ") for message in messages[1:]]
    return " or ".join(dict.fromkeys([messages[0], *rest]))


def _without_branches(path: Path, lines: dict[Path, int]) -> Path:
    """Keep the steps that are keys of the file: validation adds names of branches and of gathered tables."""
    if path[:2] in (("value", "views"), ("fairness", "by")):
        path = (path[0], *path[2:])
    known = max((i for i in range(len(path) + 1) if path[:i] in lines), default=0)
    return path[:known] + tuple(step for step in path[known:] if not BRANCH.fullmatch(step))


def _says(whole: type[BaseModel], error: dict[str, Any], path: Path) -> str:
    kind, message = error["type"], str(error["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        known = _keys_at(whole, path[:-1])
        near = difflib.get_close_matches(path[-1], known, n=1)
        return "unknown key. " + (f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}")
    if kind == "missing":
        return "this key is needed"
    if kind == "value_error":
        return message.removeprefix(f"{'.'.join(path)}: ")
    wanted = 'input should be a list, such as ["a", "b"]' if kind == "tuple_type" else message[0].lower() + message[1:]
    shown = repr(error["input"])
    return f"got {shown if len(shown) <= MAX_SHOWN else shown[:MAX_SHOWN] + '…'}; {wanted}"


def _keys_at(whole: type[BaseModel], path: Sequence[str]) -> list[str]:
    part: Any = whole
    for step in path:
        fields = part.model_fields if isinstance(part, type) and issubclass(part, BaseModel) else {}
        annotation = fields[step].annotation if step in fields else None
        inner = [a for a in (annotation, *getattr(annotation, "__args__", ())) if isinstance(a, type)]
        part = next((a for a in inner if issubclass(a, BaseModel)), part)
    return [k for k in part.model_fields if k not in ("views", "by")]
