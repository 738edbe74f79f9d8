"""Findings that say the same of several columns, told once: people read a line, programs still get each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from mainstay.domain.finding import Finding

NUMBERS = re.compile(r"\d[\d.,]*")
MOST_NAMED = 8  # columns in a line; the others are counted


def grouped(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, those of one code and verdict joined that differ in their subject and its numbers alone.

    >>> from mainstay.domain.finding import Verdict
    >>> one = Finding(code="F10-identifier", verdict=Verdict.WARN, because="a is empty", remedy="Mend a.")
    >>> one = replace(one, subjects=("a",))
    >>> two = replace(one, subjects=("b",), because="b is empty", remedy="Mend b.")
    >>> [(each.because, each.subjects, each.remedy) for each in grouped([one, two])]
    [('a and b (2 columns): each is empty', ('a', 'b'), 'Mend a. So for each.')]
    """
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for i, finding in enumerate(findings):
        alike.setdefault((finding.code, finding.verdict, _pattern(finding) or i), []).append(finding)
    return tuple(found[0] if len(found) == 1 else _joined(found) for found in alike.values())


def named(names: Sequence[str]) -> str:
    """Write names as people list them, and count those beyond the first few.

    >>> named(["a"]), named(["a", "b", "c"]), named([str(i) for i in range(11)])
    ('a', 'a, b and c', '0, 1, 2, 3, 4, 5, 6, 7 and 3 more')
    """
    if len(names) > MOST_NAMED:
        return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED:,} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _pattern(finding: Finding) -> str:
    """What is said, without the subject and its numbers; empty for what is said of the whole."""
    name = finding.subject
    if not name or name not in finding.because:
        return ""
    return NUMBERS.sub("#", re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "·", finding.because))


def _joined(found: Sequence[Finding]) -> Finding:
    names = tuple(dict.fromkeys(name for finding in found for name in finding.subjects))
    first, what = found[0], "keys" if found[0].code == "F01-not-judged-yet" else "columns"
    said = {finding.because.removeprefix(f"{finding.subject} ") for finding in found}
    if len(said) == 1:
        because = f"{named(names)} ({len(names):,} {what}): each {said.pop()}"
    else:
        because = f"{first.because}; and alike of {named(names[1:])} ({len(names):,} {what} in all)"
    remedies = {finding.remedy for finding in found}
    remedy = first.remedy if len(remedies) == 1 else f"{first.remedy} So for each."
    return replace(first, subjects=names, because=because, remedy=remedy, measured=None, low=None, high=None)
