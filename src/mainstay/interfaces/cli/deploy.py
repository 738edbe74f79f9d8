"""`mainstay deploy`: make a version live, or the shadow of the live one."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, note, print_json
from mainstay.interfaces.cli.who import actor
from mainstay.workflows import live, shadow
from mainstay.workflows.place import Home, VersionName, now, version_meant


@click.command()
@click.argument("version")
@click.option(
    "--as",
    "role",
    type=click.Choice(["live", "shadow"]),
    default="live",
    help="A shadow is scored beside the live version and answers nobody.",
)
@click.option("--override", is_flag=True, help="Deploy although a gate failed; needs --why and is recorded.")
@click.option("--why", default="", help="The reason, kept in the history.")
@options.project
@options.as_json
def deploy(version: str, role: str, override: bool, why: str, project: str, as_json: bool) -> None:
    """Make a version live, or a shadow."""
    home, name = version_meant(version, Path(project))
    if role == "shadow":
        _shadow(home, name, why=why, as_json=as_json)
        return
    model = name.model
    before = home.ledger.life(model).live
    life = live.deploy(home, name, actor=actor(), at=now(), override=override, why=why)
    changed = live.words_changed(home, model, before, name.number)
    if changed is not None:
        note(changed)
    if as_json:
        told = {"model": model, "live": str(name), "before": before and f"{model}/{before}", "since": life.live_since}
        print_json(told | {"words_changed": changed is not None})
        return
    answer(f"{name} is live." if before != name.number else f"{name} was live already; nothing changed.")
    if before is not None and before != name.number:
        answer(f"{model}/{before} was live before; `mainstay rollback` goes back to it.")
    next_step("mainstay serve, or, if it runs already, nothing: it follows within a second.")


def _shadow(home: Home, name: VersionName, *, why: str, as_json: bool) -> None:
    before = home.ledger.life(name.model).shadow
    life = shadow.deploy_shadow(home, name, actor=actor(), at=now(), why=why)
    if as_json:
        print_json(
            {"model": name.model, "shadow": str(name), "since": life.shadow_since, "live": f"{name.model}/{life.live}"}
        )
        return
    if before == name.number:
        answer(f"{name} was the shadow already; nothing changed.")
    else:
        answer(f"{name} is the shadow of {name.model}/{life.live}: scored on what that decides, answering nobody.")
    next_step("mainstay status, to see what it would have decided; mainstay rollback --shadow ends it.")
