"""`mainstay init --update`: what changed in the source since the last snapshot, who is hit, and whom to tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from mainstay.domain.source_change import BREAKING, Change, ColumnChange, Concerned, RowsChange, SourceUpdate
from mainstay.interfaces.cli.show import answer, next_step, print_json, verdict
from mainstay.workflows.place import open_project
from mainstay.workflows.update import update

MAX_LEVELS = 5  # named in a line


def show_update(folder: Path, *, as_json: bool) -> int:
    """Set the source beside its last snapshot and print what changed; return 1 if the live version is hit, else 0."""
    seen = update(open_project(folder))
    if as_json:
        print_json(update_json(seen))
    else:
        answer("\n".join(_lines(seen)))
        next_step(_next(seen))
    return int(seen.hits_live)


def update_json(seen: SourceUpdate) -> dict[str, Any]:
    """Return the JSON form of an update."""
    return {**msgspec.to_builtins(seen), "hits_live": seen.hits_live}


def _lines(seen: SourceUpdate) -> list[str]:
    lines = [f"{seen.source} beside the snapshot of {seen.taken_at[:16].replace('T', ' ')} UTC:", *_rows(seen.rows)]
    if not seen.changes:
        return [*lines, "No column changed."]
    who = {each.column: each for each in seen.concerned}
    for change in seen.changes:
        hit = who[change.column].broken
        shape = "fail" if seen.live in hit else "warn" if hit or change.change in BREAKING else "unknown"
        lines += ["", f"{verdict(shape).partition(' ')[0]} {change.column}: {said(change)}", *_who(who[change.column])]
    if seen.proposed:
        lines += ["", "To add to mainstay.toml, filled in (it was not written to):", "", seen.proposed]
    return lines


def said(change: ColumnChange) -> str:
    """Say a change in a sentence.

    >>> said(ColumnChange(column="x", change=Change.TYPE, was="numbers", now="texts"))
    'held numbers, and holds texts now.'
    """
    if change.change is Change.LEVELS:
        return _levels(change)
    share = f"{change.share:.1%}" if change.share is not None else ""
    times = f"{change.factor:g} times" if change.factor is not None else ""
    return {
        Change.NEW: f"is new, and holds {change.now}.",
        Change.LOST: f"is gone; it held {change.was}.",
        Change.RENAMED: f"is gone, and {change.now} holds what it held: renamed?",
        Change.TYPE: f"held {change.was}, and holds {change.now} now.",
        Change.UNIT: f"another unit? Its median went from {change.was} to {change.now}, {times} as much.",
        Change.MISSING: f"is missing in {change.now} of the rows; it was in {change.was}.",
        Change.RANGE: f"went from {change.was} to {change.now}; {share} of its values lie outside what was seen."
        if change.was
        else f"left the range that was seen, in {share} of its values.",
    }[change.change]


def _levels(change: ColumnChange) -> str:
    share = f" ({change.share:.1%} of its values)" if change.share else ""
    new = f"new levels{share}: {_named(change.new_levels)}" if change.new_levels else ""
    lost = f"gone levels: {_named(change.lost_levels)}" if change.lost_levels else ""
    named = "; ".join(filter(None, (new, lost)))
    return f"{named}." if named else f"{change.was} became {change.now}{share}."


def _named(levels: tuple[str, ...]) -> str:
    more = f" and {len(levels) - MAX_LEVELS:,} more" if len(levels) > MAX_LEVELS else ""
    return ", ".join(repr(level) for level in levels[:MAX_LEVELS]) + more


def _rows(rows: RowsChange) -> list[str]:
    changed = f", {rows.changed:,} changed" if rows.changed is not None else ""
    how = f"told apart by {rows.key}" if rows.key else "told apart by all they hold"
    lines = [f"{rows.now:,} rows, {rows.was:,} before: {rows.new:,} new, {rows.gone:,} gone{changed} ({how})."]
    if rows.newest_now and rows.newest_was:
        now, was = (moment[:16].replace("T", " ") for moment in (rows.newest_now, rows.newest_was))
        lines.append(f"The newest is of {now}{'' if now == was else f', before {was}'}.")
    return lines


def _who(concerned: Concerned) -> list[str]:
    facts = [("from", concerned.source), ("owner", concerned.owner), ("contract", concerned.contract)]
    known = "; ".join(f"{name} {text}" for name, text in facts if text)
    lines = [f"  {known}." if known else "  The brief does not say where it comes from, nor who answers for it."]
    if concerned.roles:
        lines.append(f"  The brief names it: {', '.join(concerned.roles)}.")
    if concerned.versions:
        hit = f"; no longer as they did: {', '.join(concerned.broken)}" if concerned.broken else ""
        lines.append(f"  Read by {', '.join(concerned.versions)}{hit}.")
    if concerned.tell:
        lines.append(f"  Tell {', '.join(concerned.tell)}.")
    return lines


def _next(seen: SourceUpdate) -> str:
    if seen.hits_live:
        return (
            f"tell the owners; {seen.live} answers wrongly on such rows until the source is mended or a version fits it"
        )
    if seen.changes:
        return "settle the changes with the owners, then mainstay train"
    moved = seen.rows.new or seen.rows.gone or seen.rows.changed
    return "mainstay train" if moved else "nothing to do: the source holds what was trained on"
