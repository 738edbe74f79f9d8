"""`mainstay versions`: the versions of a model with their worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mainstay.domain.life import Life, VersionLife
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, between, money, next_step, print_json, table
from mainstay.workflows.place import home_and_model


@click.command()
@options.model
@options.project
@options.as_json
def versions(model_name: str | None, project: str, as_json: bool) -> None:
    """List versions with their worth."""
    home, model = home_and_model(Path(project), model_name)
    life = home.ledger.life(model)
    if as_json:
        print_json([version_json(life, version) for version in life.versions])
        return
    if not life.versions:
        answer(f"{model} has no version yet.")
        next_step("mainstay train")
        return
    table(
        ("version", "status", "made", "ROC AUC", "money per decision", "likely"),
        [_row(life, v) for v in life.versions],
        left=3,
    )
    ready = [version.number for version in life.versions if life.status(version.number) == "ready"]
    if life.live is None and ready:
        next_step(f"mainstay deploy {model}/{ready[-1]}")
    else:
        next_step(f"mainstay report {model}/{life.versions[-1].number}")


def version_json(life: Life, version: VersionLife) -> dict[str, Any]:
    """Return a version's JSON form."""
    return {
        "version": f"{life.model}/{version.number}",
        "status": life.status(version.number),
        "created_at": version.created_at,
        "model_digest": version.model_digest,
        "failed_gates": list(version.failed_gates),
        "metrics": version.summary.get("metrics", {}),
        "value": version.summary.get("value"),
        "currency": version.summary.get("currency", ""),
    }


def _row(life: Life, version: VersionLife) -> tuple[str, ...]:
    summary = version.summary
    area = summary.get("metrics", {}).get("roc_auc") or {}
    value = summary.get("value") or {}
    return (
        f"{life.model}/{version.number}",
        life.status(version.number),
        version.created_at[:16].replace("T", " "),
        f"{area['value']:.3f}" if area else "–",
        money(value.get("value"), summary.get("currency", "")) if value else "–",
        between(value.get("low"), value.get("high")) if value else "–",
    )
