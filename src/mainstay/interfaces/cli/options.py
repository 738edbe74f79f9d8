"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")
project = click.option(
    "--project",
    "-p",
    default=".",
    envvar="MAINSTAY_PROJECT",
    show_default=True,
    type=click.Path(file_okay=False),
    help="The folder that holds mainstay.toml.",
)
model = click.option("--model", "model_name", default=None, help="Which model, where the home holds several.")
LARGEST_SEED = 2**31 - 1  # what every learner takes


def seed(default: int) -> Callable[[F], F]:
    """Return the option for the seed of every random choice; one that no learner takes is refused."""
    said = "The seed of every random choice."
    return click.option("--seed", default=default, show_default=True, type=click.IntRange(0, LARGEST_SEED), help=said)


at = click.option("--at", "at_text", default=None, metavar="TIME", help="As known at this ISO moment; now if left out.")


def columns(named: Mapping[str, str | None]) -> dict[str, str]:
    """Return which column was named for which part of a table, those left out that nobody named.

    >>> columns({"id_": "CASE", "outcome": None})
    {'id': 'CASE'}
    """
    return {part.rstrip("_"): column for part, column in named.items() if column is not None}
