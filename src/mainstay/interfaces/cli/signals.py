"""`mainstay signals`: what is open, since when, why, and what to do."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.domain.finding import signal_json
from mainstay.domain.moments import parse_duration
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.inputs import input_json, show_inputs
from mainstay.interfaces.cli.show import answer, next_step, print_json, signal_lines
from mainstay.workflows.inputs import odd_inputs, spooled_rows
from mainstay.workflows.place import home_and_model, now


@click.command()
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option("--inputs", is_flag=True, help="What callers send that is not as it should be, instead.")
@click.option("--within", default="30d", show_default=True, metavar="TIME", help="Of inputs: how far to look back.")
@options.model
@options.project
@options.as_json
def signals(everything: bool, inputs: bool, within: str, model_name: str | None, project: str, as_json: bool) -> None:
    """Show open signals, or what callers send that is not as it should be."""
    home, model = home_and_model(Path(project), model_name)
    if inputs:
        since = now() - parse_duration(within)
        found = odd_inputs(home, model, since=since)
        if as_json:
            print_json([input_json(each) for each in found])
        else:
            show_inputs(found, since=since, n_waiting=spooled_rows(home, model))
        return
    life = home.ledger.life(model)
    shown = tuple(life.signals.values()) if everything else life.open_signals
    if as_json:
        print_json([signal_json(signal) for signal in shown])
        return
    if not shown:
        answer("No open signal.")
    for line in signal_lines(shown):
        answer(line)
    next_step("mainstay watch, to look again now.")
