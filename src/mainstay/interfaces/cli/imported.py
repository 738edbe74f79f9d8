"""How an import is told: counts first, then what could not be taken, row by row."""

from __future__ import annotations

from typing import Any

import msgspec

from mainstay.domain.traffic import Fault
from mainstay.interfaces.cli.show import answer, next_step, print_json, table
from mainstay.workflows.imports import Imported

SHOWN = 10
TOLD = 100  # faults in the JSON document: enough to mend a mapping, not a copy of the table


def show_import(done: Imported, *, what: str, file: str, as_json: bool) -> int:
    """Print what an import did and return the exit code: 1 if any row could not be taken."""
    if as_json:
        print_json(import_json(done, file=file))
        return int(bool(done.faults))
    answer(f"{done.rows:,} rows of {file}: {done.new:,} new {what}, {done.repeated:,} known already.")
    if done.silent:
        answer(f"{done.silent:,} without {what[:-1]} as yet, passed over.")
    if done.unknown:
        were = "id was" if done.unknown == 1 else "ids were"
        answer(f"{done.unknown:,} {were} never decided here: kept, and joined if the decision arrives.")
    if done.faults:
        _show_faults(done)
    next_step("mend those rows and import again: what is known stays" if done.faults else "mainstay watch --once")
    return int(bool(done.faults))


def import_json(done: Imported, *, file: str) -> dict[str, Any]:
    """Return the JSON form of an import."""
    return {
        "model": done.model,
        "file": file,
        "rows": done.rows,
        "new": done.new,
        "repeated": done.repeated,
        "silent": done.silent,
        "unknown_ids": done.unknown,
        "refused": len(done.faults),
        "faults": [msgspec.to_builtins(fault) for fault in done.faults[:TOLD]],
    }


def _show_faults(done: Imported) -> None:
    answer(f"{len(done.faults):,} could not be taken; the others are kept:\n")
    table(("row", "field", "came", "wanted"), [_fault_row(fault) for fault in done.faults[:SHOWN]], left=4)
    if len(done.faults) > SHOWN:
        answer(f"… and {len(done.faults) - SHOWN:,} more: --json lists up to {TOLD}.")


def _fault_row(fault: Fault) -> tuple[str, str, str, str]:
    return str(fault.row), fault.field or "", "nothing" if fault.got in (None, "") else str(fault.got), fault.wanted
