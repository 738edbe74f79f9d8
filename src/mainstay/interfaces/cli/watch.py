"""`mainstay watch`: ingest, count, judge, and raise signals; once or again and again."""

from __future__ import annotations

import time
from pathlib import Path

import click

from mainstay.domain.errors import Asked, MainstayError
from mainstay.domain.finding import signal_json
from mainstay.domain.moments import iso, parse_duration
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.estimates import estimate_lines, estimates_json
from mainstay.interfaces.cli.show import answer, next_step, note, print_json, sentences, signal_lines
from mainstay.interfaces.notify.deliver import deliver
from mainstay.workflows.counting import Watched, count_decisions
from mainstay.workflows.estimates import estimated
from mainstay.workflows.last_look import note_look
from mainstay.workflows.notify import tell
from mainstay.workflows.place import home_and_model, moment, now
from mainstay.workflows.shadow import score_shadow
from mainstay.workflows.watch import Tick, open_watch, tick
from mainstay.workflows.watch_spark import counting_on

LOCAL = "local"


@click.command()
@click.option("--once", is_flag=True, help="Look once and end; this is the default.")
@click.option("--every", default=None, metavar="DURATION", help="Look again and again, such as every 5m.")
@click.option("--engine", default=LOCAL, show_default=True, metavar="ENGINE", help="Where to count: spark://, sc://.")
@options.at
@options.model
@options.project
@options.as_json
def watch(  # noqa: PLR0913, PLR0917 - one parameter per option
    once: bool,
    every: str | None,
    engine: str,
    at_text: str | None,
    model_name: str | None,
    project: str,
    as_json: bool,
) -> None:
    """Ingest, count, judge, and raise signals."""
    if every and (once or at_text):
        raise Asked("--every goes on for ever; --once and --at name one look", remedy="Use one of them.")
    counting = count_decisions if engine == LOCAL else counting_on(engine)
    home, model = home_and_model(Path(project), model_name)
    watched, pause = open_watch(home, model), parse_duration(every) if every else None
    while True:
        seen = tick(watched, at=moment(at_text), counting=counting)
        _show(watched, seen, as_json=as_json)
        if not at_text:  # how it was known once is nothing to be told of now
            note_look(watched, seen)
            _tell(watched)
        score_shadow(home, model, at=now())
        if pause is None:
            return
        time.sleep(pause.total_seconds())


def _is_trained(watched: Watched) -> bool:
    return bool(watched.home.ledger.life(watched.model).versions)


def _tell(watched: Watched) -> None:
    """Tell people, and say who could not be told; a brief that cannot be read must not end the watch."""
    try:
        told = tell(watched.home, watched.model, at=now(), deliver=deliver)
    except MainstayError as error:
        note(f"Nobody was told: {error}")
        return
    for problem in told.problems:
        note(sentences(f"Not told, and tried again: {problem.why}"))


def _show(watched: Watched, seen: Tick, *, as_json: bool) -> None:
    foretold = estimated(watched, watched.home.ledger.life(seen.model), at=seen.at)
    if as_json:
        signals = [signal_json(signal) for signal in seen.signals]
        told = {"model": seen.model, "at": iso(seen.at), "ingested": seen.ingested, "signals": signals}
        print_json(told | {"estimates": estimates_json(foretold)})
        return
    moved = (
        ", ".join(f"{n:,} {what if n != 1 else what.removesuffix('s')}" for what, n in seen.ingested.items() if n)
        or "nothing new"
    )
    answer(f"{seen.model} at {iso(seen.at)[:16].replace('T', ' ')} UTC: {moved}.")
    for line in estimate_lines(foretold):
        answer(line)
    if not seen.signals:
        answer("No open signal." if seen.judged else "Too little to judge yet.")
        next_step("mainstay status" if _is_trained(watched) else "mainstay train")
        return
    for line in signal_lines(seen.signals):
        answer(line)
    next_step("mainstay status, or mainstay rollback if the live version is to blame.")
