"""`mainstay watch`: ingest, count, judge, and raise signals; once or again and again."""

from __future__ import annotations

import time
from pathlib import Path

import click

from mainstay.domain.errors import Asked
from mainstay.domain.finding import signal_json
from mainstay.domain.moments import iso, parse_duration, parse_moment
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json, signal_lines
from mainstay.workflows.place import home_and_model, now
from mainstay.workflows.shadow import score_shadow
from mainstay.workflows.watch import Tick, open_watch, tick


@click.command()
@click.option("--once", is_flag=True, help="Look once and end; this is the default.")
@click.option("--every", default=None, metavar="DURATION", help="Look again and again, such as every 5m.")
@options.at
@options.model
@options.project
@options.as_json
def watch(
    once: bool, every: str | None, at_text: str | None, model_name: str | None, project: str, as_json: bool
) -> None:
    """Ingest, count, judge, and raise signals."""
    if every and (once or at_text):
        raise Asked("--every goes on for ever; --once and --at name one look", remedy="Use one of them.")
    home, model = home_and_model(Path(project), model_name)
    watched = open_watch(home, model)
    if not every:
        seen = tick(watched, at=parse_moment(at_text) if at_text else now())
        _show(seen, trained=bool(home.ledger.life(model).versions), as_json=as_json)
        score_shadow(home, model, at=now())
        return
    pause_s = parse_duration(every).total_seconds()
    while True:
        _show(tick(watched, at=now()), trained=bool(home.ledger.life(model).versions), as_json=as_json)
        score_shadow(home, model, at=now())
        time.sleep(pause_s)


def _show(seen: Tick, *, trained: bool, as_json: bool) -> None:
    if as_json:
        signals = [signal_json(signal) for signal in seen.signals]
        print_json({"model": seen.model, "at": iso(seen.at), "ingested": seen.ingested, "signals": signals})
        return
    moved = (
        ", ".join(f"{n:,} {what if n != 1 else what.removesuffix('s')}" for what, n in seen.ingested.items() if n)
        or "nothing new"
    )
    answer(f"{seen.model} at {iso(seen.at)[:16].replace('T', ' ')} UTC: {moved}.")
    if not seen.signals:
        answer("No open signal." if seen.judged else "Too little to judge yet.")
        next_step("mainstay status" if trained else "mainstay train")
        return
    for line in signal_lines(seen.signals):
        answer(line)
    next_step("mainstay status, or mainstay rollback if the live version is to blame.")
