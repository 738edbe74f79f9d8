"""Writes `docs/confusion.json`: planted faults and who spoke, and what twenty clean tables were told. A few minutes.

Run from the checkout, with it on the path: `PYTHONPATH=. python docs/confusion.py`, then `python docs/generate.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from tests.checks.faults import FAULTS, OF_DATA, OF_MODEL, Fault, lent
from tests.checks.planted import WORLDS, bad, clean

from mainstay.checks.check import Check
from mainstay.checks.examined import Examined
from mainstay.domain.finding import Verdict

N_CLEAN, ROWS = 20, 2000
FILE = Path(__file__).with_suffix(".json")


@cache
def spoke(planted: Callable[[], Examined], asked: tuple[Check, ...]) -> list[str]:
    """Who speaks of a version; faults of one kind share a twin, which is examined once."""
    return sorted(bad(planted(), asked))


def told(fault: Fault) -> dict[str, object]:
    """Who was to find a fault, who spoke, and who speaks of its clean twin."""
    said = {name: spoke(planted, fault.asked) for name, planted in (("spoke", fault.plant), ("twin", fault.twin))}
    return {"fault": fault.plant.__doc__, "by": fault.code, **said}


def honest() -> Iterator[tuple[Examined, tuple[Check, ...]]]:
    """Twenty clean tables of data, dealt over three worlds, and twenty honest models."""
    worlds = list(WORLDS)
    for seed in range(N_CLEAN):
        yield clean(worlds[seed % len(worlds)], ROWS, 100 + seed), OF_DATA
        yield lent(data='protected = ["c4"]\nsegments = ["c3"]', seed=100 + seed), OF_MODEL


def main() -> None:
    """Plant, ask, and write."""
    found = [finding for made, checks in honest() for check in checks for finding in check.look(made)]
    by_verdict = {verdict: sorted(each.code for each in found if each.verdict is verdict) for verdict in Verdict}
    counts = {"asked": len(found), "failed": by_verdict[Verdict.FAIL], "warned": by_verdict[Verdict.WARN]}
    page = {"faults": [told(fault) for fault in FAULTS], "clean": {"tables": 2 * N_CLEAN, **counts}}
    FILE.write_text(json.dumps(page, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
