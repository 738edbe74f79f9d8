"""Inputs that go together otherwise than they did, where neither moved alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from mainstay.domain.finding import Finding, Judged
from mainstay.domain.signature import FIRST_BIN, Pair, input_subject
from mainstay.monitoring.bins import Flags
from mainstay.monitoring.drift import LARGE_SHIFT, LEAST_SHIFT, alarms
from mainstay.monitoring.look import DATA_PIPE, WORLD, Look, judged, worse
from mainstay.monitoring.yardstick import Watched
from mainstay.stats.creep import Gathered

RELATION = "F29-relation-moved"
CLOSE = 0.8  # correlation from which on two inputs tell of one thing: parted, it is rather the way in that broke
MARGINS = (Watched.MOVED, Watched.MISSING, Watched.RANGE)


def relations(look: Look, crept: Gathered) -> Iterator[Judged]:
    """Return a finding for each pair of inputs and stretch whose relation moved while both stayed what they were.

    A pair of which one side itself moved, went missing or left its range is that side's matter.
    """
    moved = alarms(look, crept, Watched.RELATION)
    alone = np.logical_or.reduce([alarms(look, crept, kind) for kind in MARGINS])
    for t in look.told + np.flatnonzero(moved[look.told :].any(axis=1)):
        pairs = [pair for pair in look.yardstick.reference.pairs if _is_told(look, pair, moved[t], alone[t])]
        for pair in pairs:
            yield _judged(look, int(t), _named_first(pair, pairs), moved[t], crept)


def _is_told(look: Look, pair: Pair, moved: Flags, alone: Flags) -> bool:
    sides = (input_subject(pair.first), input_subject(pair.second))
    subjects = np.array(look.yardstick.subjects)
    of_calendar = any(side in look.yardstick.clocks for side in sides)
    return bool(moved[subjects == pair.subject].any() and not alone[np.isin(subjects, sides)].any() and not of_calendar)


def _named_first(pair: Pair, pairs: Sequence[Pair]) -> tuple[Pair, tuple[str, str]]:
    """The pair's names, first the one that is in more of the pairs that moved: it is likelier the cause."""
    n_in = Counter(name for each in pairs for name in (each.first, each.second))
    first, second = sorted((pair.first, pair.second), key=lambda name: -n_in[name])
    return pair, (first, second)


def _judged(look: Look, t: int, told: tuple[Pair, tuple[str, str]], moved: Flags, crept: Gathered) -> Judged:
    pair, (first, second) = told
    columns = np.flatnonzero(moved & (np.array(look.yardstick.subjects) == pair.subject))
    column = int(columns[np.argmax(np.abs(look.found.shift[t, columns]))])
    contrast, chance = look.yardstick.contrasts[column], float(look.found.chance[t, column])
    shift, usual = float(look.found.shift[t, column]), contrast.usual
    sudden = bool((look.found.chance[t, columns] < look.alpha[columns]).any())
    now = float(np.clip(usual + shift * contrast.unit, -1.0, 1.0))
    evidence = f"chance alone: {chance:.1e}" if sudden else "weak evidence gathered over many periods"
    n_rows = int(look.done.counts[t, look.yardstick.layout.columns(pair.subject)][FIRST_BIN:].sum())
    finding = Finding(
        code=RELATION,
        verdict=worse(fails=abs(shift) >= LARGE_SHIFT),
        because=f"{first} and {second} no longer go together as they did, though neither moved enough alone to say so: "
        f"correlation of their groups {now:+.2f} where the reference makes expect {usual:+.2f}, by {abs(shift):.2f} "
        f"standard deviations of a row; {evidence}; {n_rows} rows",
        subjects=(first, second),
        measured=abs(shift),
        limit=LEAST_SHIFT,
        remedy=f"Check that {first} and {second} still come from the same rows (a join, an id, an order); if the world "
        "changed, retrain on rows since then.",
    )
    start = t if sudden else int(crept.begun[t, column])
    cause = DATA_PIPE if abs(usual) >= CLOSE else WORLD
    return judged(finding, look.done.starts[start], look.done.ends[t], cause)
