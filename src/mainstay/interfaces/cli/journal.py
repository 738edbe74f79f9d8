"""`mainstay journal`: bring a log of decisions that were made elsewhere into the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from mainstay.domain.errors import Asked
from mainstay.domain.moments import iso
from mainstay.domain.traffic import Fault
from mainstay.domain.version import parse_version
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, note, print_json, progress, table
from mainstay.workflows.import_log import ImportedLog, WantedLog, import_log, source_of
from mainstay.workflows.place import home_and_model, now

SHOWN = 10
NAMED = 8  # columns named in a line


@click.group()
def journal() -> None:
    """Bring a log of decisions that were made elsewhere into the journal."""


@journal.command("import")
@click.argument("log", metavar="TABLE")
@click.option("--map", "maps", multiple=True, metavar="COLUMN=PART", help="What a column holds; again for each.")
@click.option("--query", default="", metavar="SQL", help="The rows of this query, where TABLE is a database's address.")
@click.option(
    "--version", "version_text", metavar="VERSION", help="Whose decisions they are; the live one's if left out."
)
@options.model
@options.project
@options.as_json
def import_(  # noqa: PLR0913, PLR0917 - one parameter per option
    log: str,
    maps: tuple[str, ...],
    query: str,
    version_text: str | None,
    model_name: str | None,
    project: str,
    as_json: bool,
) -> int:
    """Import decisions and their outcomes from a file, a folder, a Delta table or a database."""
    home, model = home_and_model(Path(project), model_name)
    source = source_of(log, query=query)
    version = parse_version(version_text, model=model) if version_text is not None else None
    wanted = WantedLog(source, model, _named(maps), version)
    try:
        done = import_log(home, wanted, at=now(), on_progress=progress(quiet=as_json))
    except KeyboardInterrupt:
        note("\nWhat was imported stays; the same command goes on from there.")
        raise
    return _show(done, log=log, as_json=as_json)


def _named(maps: Sequence[str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for said in maps:
        column, equals, part = said.rpartition("=")
        if not equals or not column or not part:
            raise Asked(f"{said!r} says of no column what it holds", remedy="Write --map COLUMN=PART, such as ts=at.")
        if column in named:
            raise Asked(f"column {column!r} is mapped twice", remedy="Say once what it holds.")
        named[column] = part
    return named


def _show(done: ImportedLog, *, log: str, as_json: bool) -> int:
    if as_json:
        print_json(_json(done, log=log))
        return int(bool(done.n_aside))
    if done.resumed_at and not done.rows:
        answer(f"All {done.resumed_at:,} rows of {log} were imported before: nothing is new.")
        next_step(done.toward or "mainstay watch --once")
        return 0
    went_on = f" (it went on behind row {done.resumed_at:,})" if done.resumed_at else ""
    answer(f"{done.rows:,} rows of {log}{went_on}: {done.new:,} new decisions, {done.repeated:,} known already.")
    if "outcome" in done.found.parts:
        answer(f"{done.outcomes:,} new outcomes, {done.outcomes_repeated:,} known already.")
    _show_columns(done)
    if done.kinds:
        answer("\nNot as expected:\n")
        kinds = sorted(done.kinds.items(), key=lambda each: (not each[0][2], -each[1], each[0]))
        table(("field", "code", "what became of it", "rows"), [_kind_row(kind, n) for kind, n in kinds[:SHOWN]], left=3)
    if done.aside:
        answer(
            f"\n{done.n_aside:,} rows were put aside, as they came, in journal/{done.version.model}/aside. The first:\n"
        )
        table(("row", "field", "came", "wanted"), [_aside_row(fault) for fault in done.aside[:SHOWN]], left=4)
    next_step(done.toward or "mainstay watch --once")
    return int(bool(done.n_aside))


def _show_columns(done: ImportedLog) -> None:
    found = done.found
    parts = ", ".join(f"{part} from {column}" if part != column else part for part, column in found.parts.items())
    answer(f"Of {done.version}: {parts}; {len(found.inputs):,} inputs.")
    if found.absent:
        answer(f"No column holds {_listed(found.absent)}: counted as absent in every row.")
    if found.passed_over:
        answer(f"Passed over, as nothing reads them: {_listed(found.passed_over)}.")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _kind_row(kind: tuple[str, str, bool], n: int) -> tuple[str, ...]:
    name, code, is_aside = kind
    became = "put aside" if is_aside else "outcome put aside" if name == "outcome" else "imported"
    return name or "–", code, became, f"{n:,}"


def _aside_row(fault: Fault) -> tuple[str, ...]:
    came = "nothing" if fault.got in (None, "") else str(fault.got)
    return str(fault.row), fault.field or "–", came, fault.wanted


def _json(done: ImportedLog, *, log: str) -> dict[str, Any]:
    found = done.found
    kinds = [
        {"field": name, "code": code, "aside": is_aside, "count": n}
        for (name, code, is_aside), n in sorted(done.kinds.items(), key=lambda each: (-each[1], each[0]))
    ]
    return {
        "model": done.version.model,
        "version": str(done.version),
        "is_live": done.is_live,
        "log": log,
        "columns": {
            "parts": dict(found.parts),
            "inputs": {name: column for column, name in found.inputs.items()},
            "absent": list(found.absent),
            "passed_over": list(found.passed_over),
        },
        "resumed_at": done.resumed_at,
        "rows": done.rows,
        "new": done.new,
        "repeated": done.repeated,
        "aside": done.n_aside,
        "outcomes": {"new": done.outcomes, "repeated": done.outcomes_repeated},
        "first_at": _moment(done.first_us),
        "last_at": _moment(done.last_us),
        "unexpected": kinds,
        "faults": [msgspec.to_builtins(fault) for fault in done.aside],
    }


def _moment(at_us: int | None) -> str | None:
    return None if at_us is None else iso(datetime.fromtimestamp(at_us / 1e6, UTC))
