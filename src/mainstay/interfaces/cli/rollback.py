"""`mainstay rollback`: go back to the version that was live before."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json
from mainstay.interfaces.cli.who import actor
from mainstay.workflows import live
from mainstay.workflows.place import home_and_model, now


@click.command()
@click.option("--why", default="", help="The reason, kept in the history.")
@options.model
@options.project
@options.as_json
def rollback(why: str, model_name: str | None, project: str, as_json: bool) -> None:
    """Go back to the version that was live before."""
    home, model = home_and_model(Path(project), model_name)
    before = home.ledger.life(model).live
    life = live.rollback(home, model, actor=actor(), at=now(), why=why)
    if as_json:
        print_json(
            {"model": model, "live": f"{model}/{life.live}", "before": f"{model}/{before}", "since": life.live_since}
        )
        return
    answer(f"{model}/{life.live} is live again; {model}/{before} is not.")
    next_step("mainstay history, to see it recorded; mainstay status, to see how it does.")
