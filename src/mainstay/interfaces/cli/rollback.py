"""`mainstay rollback`: go back to the version that was live before."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, note, print_json
from mainstay.interfaces.cli.who import actor
from mainstay.workflows import live, shadow
from mainstay.workflows.place import home_and_model, now


@click.command()
@click.option("--shadow", "ends_shadow", is_flag=True, help="End the shadow; what is live stays.")
@click.option("--why", default="", help="The reason, kept in the history.")
@options.model
@options.project
@options.as_json
def rollback(ends_shadow: bool, why: str, model_name: str | None, project: str, as_json: bool) -> None:
    """Go back to the version that was live before."""
    home, model = home_and_model(Path(project), model_name)
    if ends_shadow:
        ended = shadow.end_shadow(home, model, actor=actor(), at=now(), why=why)
        if as_json:
            print_json({"model": model, "shadow": None, "before": f"{model}/{ended}"})
            return
        answer(f"{model}/{ended} is no longer the shadow; what it said is kept.")
        next_step("mainstay status, to see what is live.")
        return
    before = home.ledger.life(model).live
    life = live.rollback(home, model, actor=actor(), at=now(), why=why)
    changed = live.words_changed(home, model, before, life.live or 0)
    if changed is not None:
        note(changed)
    if as_json:
        told = {"model": model, "live": f"{model}/{life.live}", "before": f"{model}/{before}", "since": life.live_since}
        print_json(told | {"words_changed": changed is not None})
        return
    answer(f"{model}/{life.live} is live again; {model}/{before} is not.")
    next_step("mainstay history, to see it recorded; mainstay status, to see how it does.")
