"""`mainstay backup` and `mainstay restore`: a home in one file, and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json, table
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.backup import BroughtBack, Held, back_up, bring_back
from mainstay.workflows.place import find_home, now

SHOWN = 20


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@options.project
@options.as_json
def backup(file: str | None, project: str, as_json: bool) -> None:
    """Copy the whole home into one file, while serving."""
    done = back_up(find_home(Path(project)), Path(file) if file else None, at=now())
    if as_json:
        print_json({"path": str(done.path), "digest": done.digest, "bytes": done.n_bytes, "holds": _json(done.held)})
        return
    answer(f"Wrote {done.path} ({done.n_bytes / 1e6:,.1f} MB).")
    answer("It holds the secret of this home too: keep it where only its owner can read it.\n")
    _show(done.held)
    next_step(f"mainstay restore {done.path} FOLDER, to try that it comes back")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
@click.argument("folder", type=click.Path(file_okay=False))
@options.as_json
def restore(file: str, folder: str, as_json: bool) -> int:
    """Bring a home back from a backup."""
    done = bring_back(Path(file), Path(folder), actor=actor(), at=now())
    if as_json:
        print_json(
            {
                "home": str(done.home.root),
                "digest": done.digest,
                "begun_at": done.begun_at,
                "whole": not done.breaks,
                "breaks": [{"model": b.model, "seq": b.seq, "what": b.what} for b in done.breaks],
                "holds": _json(done.held),
            }
        )
    elif done.breaks:
        _show_breaks(done)
    else:
        answer(f"Restored {done.home.root} as it was at {done.begun_at}; its history is whole.\n")
        _show(done.held)
        if done.home.ledger.all_keys():
            answer("\nKeys that were revoked since that moment hold again: see mainstay keys list.")
        answer("\nA backup holds no brief: bring mainstay.toml along, or take that of a version from its bundle.")
        next_step(f"mainstay doctor --project {folder}, then mainstay serve --project {folder}")
    return 1 if done.breaks else 0


def _json(held: Sequence[Held]) -> list[dict[str, object]]:
    return [msgspec.to_builtins(each) for each in held]


def _show(held: Sequence[Held]) -> None:
    headings = ("model", "live", "versions", "events", "decisions", "actions", "outcomes", "in the spool")
    table(headings, [_row(each) for each in held], left=2)


def _row(held: Held) -> tuple[str, ...]:
    live = f"{held.model}/{held.live}" if held.live is not None else "nothing"
    counts = (held.versions, held.events, held.decisions, held.actions, held.outcomes, held.waiting)
    return (held.model, live, *(f"{n:,}" for n in counts))


def _show_breaks(done: BroughtBack) -> None:
    answer(f"Restored {done.home.root}, but the history in the backup had been changed:")
    for each in done.breaks[:SHOWN]:
        answer(f"  {each.model or 'ledger'} event {each.seq}: {each.what}")
    next_step("mainstay restore, from a backup made before; and ask who could write to the home.")
