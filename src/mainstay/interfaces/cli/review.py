"""`mainstay review`: name the rows worth labelling next, or say what picking them would have saved."""

from __future__ import annotations

import shlex
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from mainstay.domain.errors import Asked
from mainstay.domain.version import VersionName
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, formulas, next_step, note, print_json, sentences, table
from mainstay.workflows.place import Home, home_and_model, newest
from mainstay.workflows.review import Pick, Review, write_rows
from mainstay.workflows.review import review as pick_rows

SAVINGS = "mainstay.interfaces.cli.savings"  # fits models: loaded only where a simulation is asked for
SHOWN = 20


@click.command()
@click.option("--next", "n_next", type=click.IntRange(1), default=50, show_default=True, help="How many rows to name.")
@click.option("--from", "file", metavar="FILE", help="The table to pick rows from.")
@click.option("--out", type=click.Path(dir_okay=False), help="Write the rows as CSV, ready to fill in.")
@click.option("--simulate", is_flag=True, help="Say what picking would have saved on the project's own table.")
@click.option("--repeats", type=click.IntRange(2, 100), default=5, show_default=True, help="Repeats of --simulate.")
@options.seed(0)
@options.model
@options.project
@options.as_json
def review(file: str | None, simulate: bool, project: str, as_json: bool, **asked: Any) -> None:
    """Name the rows worth labelling next."""
    if simulate:
        if file is not None or asked["out"] is not None:
            raise Asked("--simulate takes the project's own table", remedy="Leave --from and --out away.")
        import_module(SAVINGS).tell(Path(project), asked["repeats"], seed=asked["seed"], as_json=as_json)
        return
    if file is None:
        raise Asked("which table are rows to be picked from?", remedy="Name it: mainstay review --next 50 --from FILE")
    home, model = home_and_model(Path(project), asked["model_name"])
    version = _version(home, model)
    found = pick_rows(home, version, Path(file), name=file, n=asked["n_next"], seed=asked["seed"])
    _keep(found, file, asked["out"])
    if as_json:
        print_json(review_json(found, file=file, out=asked["out"]))
        return
    _show(found, file, asked["out"], asked["n_next"])


def review_json(found: Review, *, file: str, out: str | None) -> dict[str, Any]:
    """Return the JSON form of a review."""
    return {
        "version": str(found.version),
        "file": file,
        "out": out,
        "formulas": list(found.formulas),
        "rows": found.rows,
        "labelled": found.labelled,
        "picked": [
            {
                "row": pick.row,
                "entity": pick.entity,
                "score": pick.score,
                "foretold": pick.foretold or None,
                "uncertainty": pick.uncertainty,
                "why": pick.why,
            }
            for pick in found.picked
        ],
    }


def _version(home: Home, model: str) -> VersionName:
    live = home.ledger.life(model).live
    return newest(home, model) if live is None else VersionName(model, live)


def _keep(found: Review, file: str, out: str | None) -> None:
    if out is None:
        return
    if Path(out).resolve() == Path(file).resolve():
        raise Asked(
            f"--out is the table itself, {file}", remedy="Name another file: what you brought is never changed."
        )
    write_rows(found, Path(out))


def _show(found: Review, file: str, out: str | None, n_asked: int) -> None:
    for finding in found.findings:
        note(sentences(finding.because, finding.remedy))
    left = found.rows - found.labelled
    if not found.picked:
        answer(f"All {found.rows:,} rows of {file} have an outcome already: there is nothing to label.")
        next_step("name a table with rows that have none yet: mainstay review --from FILE")
        return
    of = f"all {left:,}" if len(found.picked) == left and n_asked >= left else f"{len(found.picked):,} of {left:,}"
    known = f"; {found.labelled:,} more have one already" if found.labelled else ""
    answer(
        f"{of} rows of {file} without an outcome, the most worth labelling first, as {found.version} sees them{known}."
    )
    answer("")
    has_entity = any(pick.entity is not None for pick in found.picked)
    headings = ("row", *(("entity",) if has_entity else ()), "why", "score")
    table(headings, [_row(pick, has_entity) for pick in found.picked[:SHOWN]], left=len(headings) - 1)
    if len(found.picked) > SHOWN and out is None:
        answer(f"… and {len(found.picked) - SHOWN:,} more: --json names all, --out FILE writes them.")
    if out is not None:
        answer(f"\nWrote {len(found.picked):,} rows to {out}: fill in the outcome.")
        formulas(found.formulas, out)
    if out is None:
        write = f"mainstay review --next {n_asked} --from {shlex.quote(file)} --out to-label.csv"
        next_step(f"{write}, fill in the outcome, add the rows to the training table, then mainstay train")
    else:
        next_step(f"fill in the outcome in {out}, add its rows to the training table, then mainstay train")


def _row(pick: Pick, has_entity: bool) -> tuple[str, ...]:
    score = f"{pick.foretold} {pick.score:.3g}".strip()
    return (str(pick.row), *((pick.entity or "",) if has_entity else ()), pick.why, score)
