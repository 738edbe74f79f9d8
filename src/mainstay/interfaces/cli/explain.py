"""`mainstay explain`: why a version decides a row as it does, what would change it, and who is like it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from mainstay.domain.errors import Asked
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json, table
from mainstay.workflows.explain import Explained, explain_row
from mainstay.workflows.place import open_project, version_meant


class Row(click.ParamType[bytes]):
    """A row as JSON: its text, a file that holds it, or `-` for what is piped in."""

    name = "JSON|FILE|-"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        """Return the text; what begins with a brace or a bracket is no file."""
        if value.lstrip()[:1] in ("{", "["):
            return value.encode()
        read: bytes = click.File("rb").convert(value, param, ctx).read()
        return read


@click.command()
@click.argument("version")
@click.option("--row", required=True, type=Row(), help="The row: JSON, a file of it, or - for what is piped in.")
@click.option("--top", default=5, show_default=True, type=click.IntRange(1, 100), help="How many reasons.")
@click.option("--near", default=5, show_default=True, type=click.IntRange(0, 100), help="How many training rows.")
@options.project
@options.as_json
def explain(version: str, row: bytes, top: int, near: int, project: str, as_json: bool) -> None:
    """Say why a version decides a row so, and which training rows are like it."""
    _, name = version_meant(version, Path(project))
    told = explain_row(open_project(Path(project)), name, _row(row), top=top, n_near=near)
    if as_json:
        near_rows = [msgspec.to_builtins(each) for each in told.near]
        print_json({"version": str(name), "answer": msgspec.to_builtins(told.answer), "near": near_rows})
        return
    _show(told)


def _row(text: bytes) -> dict[str, Any]:
    try:
        read = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:  # of brackets in brackets without end
        raise Asked(f"the row is not JSON: {error}", remedy='Write one object: {"age": 42, …}') from error
    if isinstance(read, dict) and isinstance(read.get("rows"), list) and read["rows"]:
        read = read["rows"][0]
    if not isinstance(read, dict):
        raise Asked("there is no row", remedy='Write one object: {"age": 42, …}')
    return read


def _show(told: Explained) -> None:
    given, why, instead = told.answer, told.answer.reasons, told.answer.instead
    answer(f"{told.version} answers {given.decision or given.score}, with score {_score(given.score)}.")
    if why is not None and why.none_because:
        answer(f"No reasons: {why.none_because}.")
    elif why is not None and why.raw is not None:
        answer(f"\nFrom the usual {why.usual:.4g} to {why.raw:.4g} ({why.unit}); {why.follows}:")
        rows = [(each.meaning, _values(each.values), f"{each.contribution:+.4g}") for each in why.top]
        table(("what", "is", "adds"), [*rows, ("all others", "", f"{why.others:+.4g}")], left=2)
    if instead is not None and instead.changes:
        changes = ", and ".join(f"{each.meaning} {each.to} instead of {each.was}" for each in instead.changes)
        answer(f"\nWith {changes} it would be {instead.decision} (score {_score(instead.score)}).")
    elif instead is not None:
        answer(f"\nNo other decision: {instead.none_because}.")
    if told.near:
        answer("\nThe training rows most like it:")
        near = [(str(each.row), each.entity, each.outcome, f"{each.score:.3g}") for each in told.near]
        table(("row", "who", "outcome", "score"), near, left=3)
    next_step(f"mainstay report {told.version}, for the whole of it.")


def _score(score: float | dict[str, float] | None) -> str:
    if isinstance(score, dict):
        return ", ".join(f"{name} {value:.3g}" for name, value in score.items())
    return "none" if score is None else f"{score:.4g}"


def _values(values: tuple[object, ...]) -> str:
    return ", ".join("missing" if value is None else str(value) for value in values)
