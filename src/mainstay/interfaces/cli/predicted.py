"""How an answered table is told: counts first, then what was unexpected in it, by column and code."""

from __future__ import annotations

from typing import Any

from mainstay.interfaces.cli.show import answer, formulas, next_step, note, print_json, table
from mainstay.workflows.predict import Predicted

SHOWN = 20


def show_predicted(done: Predicted, *, of: str, out: str, as_json: bool) -> int:
    """Print what became of a table and return the exit code: 1 if not one row could be answered."""
    code = 0 if done.tally.answered or not done.tally.rows else 1
    if as_json:
        print_json(predicted_json(done, of=of, out=out))
        return code
    if done.anew:
        note(f"An earlier attempt at {out} was of something else ({done.anew}): began anew.")
    if done.resumed_at:
        note(f"{done.resumed_at:,} rows were answered before.")
    tally = done.tally
    answer(f"{tally.answered:,} of {tally.rows:,} rows of {of} answered by {done.version}, in {out}.")
    if tally.warned:
        answer(f"{tally.warned:,} of them with a warning.")
    if tally.refused:
        answer(f"{tally.refused:,} refused: each is in its place, with its fault under `error`.")
    _show_kinds(done)
    formulas(sorted(tally.formulas), out)
    if not done.is_live:
        answer(f"\n{done.version} is not live, so its decisions are not journalled: they are for trying.")
    next_step(_next(done))
    return code


def predicted_json(done: Predicted, *, of: str, out: str) -> dict[str, Any]:
    """Return the JSON form of an answered table."""
    tally = done.tally
    return {
        "version": str(done.version),
        "of": of,
        "out": out,
        "rows": tally.rows,
        "answered": tally.answered,
        "warned": tally.warned,
        "refused": tally.refused,
        "journalled": done.journalled,
        "resumed_at": done.resumed_at,
        "began_anew": done.anew or None,
        "formulas": sorted(tally.formulas),
        "unexpected": [
            {"field": field, "code": code, "refused": refused, "n": n}
            for (field, code, refused), n in tally.kinds.most_common()
        ],
    }


def _show_kinds(done: Predicted) -> None:
    kinds = done.tally.kinds.most_common()
    if not kinds:
        return
    answer("")
    rows = [(field or "–", code, "refused" if refused else "warned", f"{n:,}") for (field, code, refused), n in kinds]
    table(("column", "code", "", "rows"), rows[:SHOWN], left=3)
    if len(kinds) > SHOWN:
        answer(f"… and {len(kinds) - SHOWN:,} more kinds: --json lists them all.")


def _next(done: Predicted) -> str:
    if done.journalled:
        return "mainstay watch --once, which counts them, and mainstay outcomes FILE when the truth is known."
    if done.is_live:
        return "act on them."
    is_ready = done.toward == f"mainstay deploy {done.version}"
    return f"{done.toward}, so that its decisions are watched." if is_ready else done.toward
