"""Reading a brief: every problem with its file, line, what came and what is wanted."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from mainstay.domain.brief.model import Brief
from mainstay.domain.canonical import canonical, digest
from mainstay.domain.errors import BriefError

HEADER = re.compile(r"^\s*\[\[?\s*(?P<path>[^\]]+?)\s*\]\]?\s*(#.*)?$")
KEY = re.compile(r"""^\s*(?P<key>"[^"]+"|'[^']+'|[A-Za-z0-9_.-]+)\s*=""")
STEP = re.compile(r""""([^"]*)"|'([^']*)'|([^.\s"']+)""")
Path = tuple[str, ...]


def parse_brief(text: str, *, file: str = "mainstay.toml") -> Brief:
    """Read the text of a brief; raises `BriefError` that lists every problem with its line.

    >>> parse_brief('[model]\\nname = "credit"\\n[data]\\ntarget = "t"').model.name
    'credit'
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BriefError(f"{file}: {error}", remedy="Mend the TOML there: key = value, texts in quotes.") from error
    try:
        return Brief.model_validate(raw)
    except ValidationError as error:
        lines = line_numbers(text)
        problems = [_problem(dict(each), lines, file) for each in error.errors()]
        raise BriefError(
            "\n".join(problems), remedy=f"Mend {file}; `mainstay init --schema` prints every key."
        ) from error


def brief_digest(brief: Brief) -> str:
    """Return the digest of what a brief says, whatever its comments and order."""
    return digest(b"mainstay-brief-1\n" + canonical(brief.model_dump(mode="json", exclude_unset=True)))


def line_numbers(text: str) -> dict[Path, int]:
    """Return the line (from 1) of every table and key, by its path."""
    found: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            table = _steps(header["path"])
            found.setdefault(table, number)
        elif key := KEY.match(line):
            found.setdefault((*table, *_steps(key["key"])), number)
    return found


def _steps(text: str) -> Path:
    return tuple(next(part for part in match if part) for match in STEP.findall(text))


def _problem(error: dict[str, Any], lines: dict[Path, int], file: str) -> str:
    path = _path(error, lines)
    line = next((lines[path[:i]] for i in range(len(path), 0, -1) if path[:i] in lines), 1)
    return f"{file}:{line}: {'.'.join(path) or 'the brief'}: {_says(error, path)}"


def _path(error: dict[str, Any], lines: dict[Path, int]) -> Path:
    """Keep the steps that are keys of the file: validation adds names of branches and gathered tables."""
    path = tuple(str(step) for step in error["loc"])
    if path:
        return _without_branches(path)
    first = re.search(r"(?:^|, )([a-z_]+\.[a-z_.]+|value):", str(error["msg"]))
    return tuple(first[1].split(".")) if first else path


def _without_branches(path: Path) -> Path:
    kept = [step for step in path if re.fullmatch(r"[\w.-]+", step) and step not in ("views", "by", "float", "str")]
    return tuple(kept)


def _says(error: dict[str, Any], path: Path) -> str:
    kind, message = error["type"], str(error["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        known = _keys_at(path[:-1])
        near = difflib.get_close_matches(path[-1], known, n=1)
        return "unknown key. " + (f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}")
    if kind == "missing":
        return "this key is needed"
    if kind == "value_error":
        return message
    return f"got {error['input']!r}; {message[0].lower()}{message[1:]}"


def _keys_at(path: Sequence[str]) -> list[str]:
    part: Any = Brief
    for step in path:
        fields = part.model_fields if isinstance(part, type) and issubclass(part, BaseModel) else {}
        annotation = fields[step].annotation if step in fields else None
        inner = [a for a in (annotation, *getattr(annotation, "__args__", ())) if isinstance(a, type)]
        part = next((a for a in inner if issubclass(a, BaseModel)), part)
    return [k for k in part.model_fields if k not in ("views", "by")]
