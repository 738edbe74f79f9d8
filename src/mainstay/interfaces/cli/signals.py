"""`mainstay signals`: what is open, since when, why, and what to do."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.domain.finding import signal_json
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json, signal_lines
from mainstay.workflows.place import home_and_model


@click.command()
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@options.model
@options.project
@options.as_json
def signals(everything: bool, model_name: str | None, project: str, as_json: bool) -> None:
    """Show open signals."""
    home, model = home_and_model(Path(project), model_name)
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
