"""How a CSV file is written: its separator, its quotes, its comments and its header, seen from its beginning."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from mainstay.domain.errors import DataError

SEPARATORS = (",", ";", "\t", "|")
RARE_SEPARATORS = ("\x1f", "\x01", "^", "~", ":", " ")  # taken only where every record has the same number of fields
LOOK_CHARACTERS = 1 << 20
LOOK_ROWS = 100  # records looked at to find the separator
LONGEST_FIELD = 1 << 27  # characters; the library's own limit of 131,072 refuses honest texts
COMMENT = "#"
END = "\x1e"  # a record of our own after the last: if it is swallowed, a quote was never closed


@dataclass(frozen=True, slots=True)
class Dialect:
    """How records are told apart and cut into fields. `comments`: lines that begin with # are not rows."""

    separator: str
    quote: str = '"'
    escape: str | None = None
    comments: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is the dialect that the fast way reads."""
        return self.quote == '"' and self.escape is None and not self.comments

    def reader(self, lines: Iterable[str]) -> Any:
        """Return the library's reader of records."""
        return csv.reader(lines, delimiter=self.separator, quotechar=self.quote, escapechar=self.escape)


@dataclass(frozen=True, slots=True)
class Beginning:
    """A dialect, the header's titles, and how many lines lie before the first row."""

    dialect: Dialect
    titles: tuple[str, ...]
    n_lines: int


def beginning(text: str, *, name: str) -> Beginning:
    """Find how a CSV file is written from its first characters; raises `DataError` for one without a header.

    Lines before the header that begin with # are comments, and then so are such lines among the rows; but the last of
    them is the header where it has as many fields as the line after it and that one holds a number.
    """
    csv.field_size_limit(LONGEST_FIELD)
    n_before = _n_comments(text)
    lines = list(_lines(text[:LOOK_CHARACTERS])) if n_before else []
    rest = "".join(lines[n_before:]) if n_before else text[:LOOK_CHARACTERS]
    dialect = _dialect(rest, comments=n_before > 0)
    if n_before and (marked := _marked_header(lines[n_before - 1], rest, dialect)):
        return Beginning(dialect, checked(marked, name), n_before)
    reader = dialect.reader(chain(_lines(rest), [END]))
    header: list[str] = next((row for row in reader if row), [])
    if header and header[-1].endswith(END):
        raise unclosed(name, n_before + 1)
    return Beginning(dialect, checked(header, name), n_before + reader.line_num)


def checked(header: Sequence[str], name: str) -> tuple[str, ...]:
    """Return a header's titles, without the spaces around them; raises `DataError` for two columns of one name."""
    titles = tuple(title.strip() for title in header)
    twice = sorted({title for title in titles if title and titles.count(title) > 1})
    if twice:
        what = f"{name} has two columns of one name: {', '.join(repr(title) for title in twice)}"
        raise DataError(what, remedy="Rename or remove one: it could not be told which is meant.")
    return titles


def unclosed(name: str, line: int) -> DataError:
    """Return the error for a quote that opens in a line and is never closed."""
    what = f"{name}: a quote that opens in line {line} is never closed"
    return DataError(what, remedy='Close it, or write a quote within quotes twice: "".')


def _n_comments(text: str) -> int:
    """Count the lines before the header that begin with #, and the empty ones among them."""
    last = 0
    for n, line in enumerate(_lines(text[:LOOK_CHARACTERS]), start=1):
        if line.startswith(COMMENT):
            last = n
        elif line.strip():
            return last
    return last


def _marked_header(line: str, rest: str, dialect: Dialect) -> list[str]:
    """Return the header that a # marks, as in `#CHROM<tab>POS`; empty if the line is a comment."""
    marked, following = ([*next(dialect.reader([text]), [])] for text in (line.lstrip(COMMENT), rest.splitlines()[0]))
    has_number = any(re.fullmatch(r"\s*[+-]?\d+([.,]\d+)?\s*", cell) for cell in following)
    return marked if len(marked) == len(following) > 1 and has_number else []


def _dialect(text: str, *, comments: bool) -> Dialect:
    separator = _separator(text)
    inner = rf'[^\\]\\"[^"\r\n{re.escape(separator)}]'  # elsewhere a field may end with a backslash
    escape = "\\" if re.search(inner, text) else None
    return Dialect(separator, _quote(text, separator), escape, comments)


def _quote(text: str, separator: str) -> str:
    """Return the single quote where fields lie in single quotes and no double one is to be seen."""
    mark = re.escape(separator)
    if '"' in text or not re.search(rf"(^|{mark})'[^'\r\n]*'({mark}|\r?$)", text, re.MULTILINE):
        return '"'
    starts = len(re.findall(rf"(?:^|{mark})'", text, re.MULTILINE))
    ends = len(re.findall(rf"'(?={mark}|\r?$)", text, re.MULTILINE))
    return "'" if starts == ends else '"'


def _separator(text: str) -> str:
    fits = {separator: _fit(text, separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: fits[separator])
    if fits[best][1] > 1:
        return best
    rare = [separator for separator in RARE_SEPARATORS if _fit(text, separator) > (0.999, 1)]
    return rare[0] if rare else best


def _fit(text: str, separator: str) -> tuple[float, int]:
    rows = [row for row in islice(Dialect(separator).reader(_lines(text)), LOOK_ROWS) if row]
    width = len(rows[0]) if rows else 1
    same = sum(len(row) == width for row in rows) / max(len(rows), 1)
    return (same, width) if width > 1 else (0.0, 1)


def _lines(text: str) -> Iterator[str]:
    return io.StringIO(text, newline="")
