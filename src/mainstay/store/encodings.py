"""Finding out how a text is encoded, and reading it as UTF-8 piece by piece.

A byte order mark says it; zero bytes in every second place say UTF-16; what is valid UTF-8 is UTF-8. A text whose first
bytes beyond ASCII are not UTF-8 is read as Windows-1252 (which Latin-1 is part of) unless the brief names another
encoding; a text that is UTF-8 elsewhere is damaged, and refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import IO

from mainstay.domain.errors import Asked, DataError

WESTERN = "cp1252"
LOOK_BYTES = 4096
BLOCK_BYTES = 1 << 24
SEQUENCES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
HIGH = re.compile(rb"[\x80-\xff]")
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class NotUtf8(Exception):
    """A text that was taken for UTF-8 and is in another encoding, as its first bytes beyond ASCII show."""


def known_encoding(name: str) -> str:
    """Return an encoding's own name; raises `Asked` for one that Python does not know or that is not of text.

    >>> known_encoding("Latin 1")
    'iso8859-1'
    """
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
    except (LookupError, ValueError) as error:
        remedy = "Name one such as utf-8, windows-1252, iso-8859-15, utf-16, shift_jis or gb18030."
        raise Asked(f"data.encoding: {name!r} is not an encoding", remedy=remedy) from error
    return found.name


def first_encoding(head: bytes, *, name: str) -> tuple[int, str]:
    """Return how many bytes the byte order mark of a text has, and which encoding to try first.

    Raises `DataError` for zero bytes that are not UTF-16's.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return len(mark), encoding
    if b"\x00" not in head[:LOOK_BYTES]:
        return 0, "utf-8"
    even, odd = head[:LOOK_BYTES:2].count(b"\x00"), head[1:LOOK_BYTES:2].count(b"\x00")
    if min(even, odd) * 10 < max(even, odd) and max(even, odd) * 8 > min(len(head), LOOK_BYTES):
        return 0, "utf-16-le" if odd > even else "utf-16-be"
    remedy = "Name a CSV, NDJSON, Parquet or Arrow file; data.encoding in the brief names the encoding of a text."
    raise DataError(f"{name} is not a text: it holds zero bytes", remedy=remedy)


def utf8_blocks(stream: IO[bytes], encoding: str | None, *, name: str) -> Iterator[bytes]:
    """Yield a text as UTF-8, about 16 MB at a time; a piece may end within a character.

    `encoding` is the one to read it in, or None to find it. Raises `NotUtf8` for a text to be tried as Windows-1252,
    and `DataError` that names the line for one that is not what it says or seems to be.
    """
    block = stream.read(BLOCK_BYTES)
    mark, found = first_encoding(block, name=name) if encoding is None else _named(block, encoding, name)
    decoder = codecs.getincrementaldecoder(found)()
    place, line, block = mark, 1, block[mark:]
    while True:
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            if encoding is None and found == "utf-8" and not mark and _is_western(error.object, error.start):
                raise NotUtf8 from error
            held_back = len(error.object) - len(block)
            raise _damaged(error, name, found, (place - held_back, line)) from error
        yield block if found == "utf-8" else text.encode()
        if not block:
            return
        place, line = place + len(block), line + text.count("\n")
        block = stream.read(BLOCK_BYTES)


def _named(head: bytes, encoding: str, name: str) -> tuple[int, str]:
    """Return the length of the mark and the encoding where one was named; its byte order where that is left open."""
    said = codecs.lookup(encoding).name.removesuffix("-sig")
    marked = next(((len(m), e) for m, e in BYTE_ORDER_MARKS if e.startswith(said) and head.startswith(m)), None)
    if marked is None and said in ("utf-16", "utf-32"):
        return (0, "utf-32-le") if said == "utf-32" else first_encoding(head, name=name)
    return marked or (0, said)


def _is_western(data: bytes, start: int) -> bool:
    """Say whether the bytes from the first wrong one on are rather of one byte a character than damaged UTF-8."""
    if HIGH.search(data, 0, start):
        return False
    n_high, n_valid = len(HIGH.findall(data)), sum(map(len, SEQUENCES.findall(data)))
    return 2 * n_valid < n_high


def _damaged(error: UnicodeDecodeError, name: str, encoding: str, at: tuple[int, int]) -> DataError:
    """Return the error for what cannot be decoded; `at` are the byte and the line where the decoder's piece begins."""
    data, start, (place, line) = error.object, error.start, at
    line += data[:start].count(b"\n")
    said = {WESTERN: "Windows-1252"}.get(encoding, encoding.upper())
    held = f" is 0x{data[start]:02x}" if start < len(data) else ""
    what = f"{name} is not valid {said}: byte {place + start} (line {line}){held}"
    remedy = 'Name its encoding in the brief, [data] encoding = "…", or save it as UTF-8: iconv -f OLD -t UTF-8.'
    return DataError(what, remedy=remedy)
