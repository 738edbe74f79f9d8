"""`mainstay holdouts`: the sealed holdouts of a model, and the looks that were taken at them."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, money, next_step, print_json, table
from mainstay.workflows.holdout_account import Stands, holdouts_json, tell
from mainstay.workflows.place import open_project

NAMES = {"roc_auc": "ROC AUC", "r2": "R²", "f1_macro": "F1", "accuracy": "accuracy"}


@click.command()
@options.project
@options.as_json
def holdouts(project: str, as_json: bool) -> None:
    """Say which rows are sealed for judging, and how many looks they have left."""
    opened = open_project(Path(project))
    told = tell(opened.home, opened.model, opened.brief)
    if as_json:
        print_json(holdouts_json(told))
        return
    if not told.holdouts:
        answer(f"{told.model} has sealed no rows yet: its first training does.")
        next_step("mainstay train")
        return
    headings = (
        "holdout",
        "status",
        "dealt",
        "sealed",
        "by versions",
        "rows",
        "looks",
        "best answer",
        "worth a decision",
    )
    shown = len(headings) if any(each.best_value is not None for each in told.holdouts) else len(headings) - 1
    rows = [_row(each, opened.brief.value.currency)[:shown] for each in told.holdouts]
    table(headings[:shown], rows, left=5)
    answer("")
    answer(told.said)
    next_step(told.next_step)


def _row(each: Stands, currency: str) -> tuple[str, ...]:
    holdout = each.holdout
    return (
        holdout.name,
        each.status,
        "by time" if holdout.kind == "time" else "at random",
        holdout.sealed_at[:16].replace("T", " "),
        each.versions_said or "–",
        f"{holdout.n_rows:,}",
        f"{each.used} of {each.budget}",
        f"{NAMES[each.best_name or '']} {each.best:.3f}" if each.best is not None else "–",
        money(each.best_value, currency) if each.best_value is not None else "–",
    )
