"""What a caller is told of each row: the nearest level where one was unseen, and no more notes than the rows deserve.

A few bytes can give rise to hundreds of warnings: a row without any of a wide table's columns. The journal keeps and
the metrics count all of them; the reply stays in proportion to the request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from mainstay.domain.reading import UNSEEN
from mainstay.domain.schema import Field
from mainstay.domain.traffic import Fault, Warned
from mainstay.serving.admission import Index
from mainstay.serving.answer import Answer, Entry, Failed
from mainstay.serving.nearest import nearest

MORE = "more"  # further warnings or faults of the row, counted
MAX_NOTES = 5_000  # warnings and faults in one reply: some 500 kB
MAX_ROW_NOTES = 100  # of one row
MAX_HINTS = 100  # different unseen levels in one reply whose nearest is looked for


@dataclass(frozen=True, slots=True)
class _Hints:
    """The nearest levels found for this reply, by field and text."""

    fields: Mapping[str, Field]
    found: dict[tuple[str, str], str | None] = field(default_factory=dict)


def tell(entries: Sequence[Entry], index: Index) -> tuple[Entry, ...]:
    """Return the entries as their caller sees them."""
    n_odd = len([entry for entry in entries if not isinstance(entry, Answer) or entry.warnings])
    if not n_odd:
        return tuple(entries)
    most = max(1, min(MAX_ROW_NOTES, MAX_NOTES // n_odd))
    hints = _Hints(index.fields)
    return tuple(
        [entry if isinstance(entry, Answer) and not entry.warnings else _told(entry, most, hints) for entry in entries]
    )


def _told(entry: Entry, most: int, hints: _Hints) -> Entry:
    if isinstance(entry, Failed):
        return _failed(entry, most, hints)
    warnings = tuple([_warned(warning, hints) for warning in entry.warnings[:most]])
    n_more = len(entry.warnings) - most
    if n_more > 0:
        warnings = (*warnings, Warned("…", MORE, f"{n_more} more warnings", None))
    return msgspec.structs.replace(entry, warnings=warnings)


def _failed(entry: Failed, most: int, hints: _Hints) -> Failed:
    error = entry.error
    also = tuple([msgspec.structs.replace(each, wanted=_wanted(each, hints)) for each in error.also[: most - 1]])
    n_more = len(error.also) - len(also)
    if n_more > 0:
        more = Fault(row=error.row, field="…", code=MORE, got=f"{n_more} more faults", wanted="each as /docs says")
        also = (*also, more)
    wanted = _wanted(Fault(row=0, field=error.field, code=error.code, got=error.got, wanted=error.wanted), hints)
    return Failed(entry.id, msgspec.structs.replace(error, wanted=wanted, also=also))


def _warned(warning: Warned, hints: _Hints) -> Warned:
    if warning.code != UNSEEN or not isinstance(warning.used, str):
        return warning
    return msgspec.structs.replace(warning, nearest=_nearest(warning.field, warning.used, hints))


def _wanted(fault: Fault, hints: _Hints) -> str:
    """What is wanted instead of a value, with the level that may have been meant."""
    if fault.code != UNSEEN or fault.field is None:
        return fault.wanted
    found = _nearest(fault.field, str(fault.got), hints)
    return fault.wanted if found is None else f"{fault.wanted}. Did you mean {found!r}?"


def _nearest(name: str, text: str, hints: _Hints) -> str | None:
    known = hints.fields.get(name)
    if known is None or ((name, text) not in hints.found and len(hints.found) >= MAX_HINTS):
        return None
    if (name, text) not in hints.found:
        hints.found[name, text] = nearest(text, known.levels)
    return hints.found[name, text]
