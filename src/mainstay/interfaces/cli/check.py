"""`mainstay check`: look before something is relied on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mainstay.domain.finding import Finding, Verdict, finding_json
from mainstay.domain.recipe_rules import ALL, RULES, WAITS
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.exam import examine_version
from mainstay.interfaces.cli.show import answer, next_step, print_json, progress, sentences, verdict
from mainstay.workflows.check import Examination, check_recipe
from mainstay.workflows.place import open_project

ASKS = {rule.code: rule.asks for rule in RULES}


@click.command()
@click.argument("version", required=False)
@click.option(
    "--recipe",
    "recipe_file",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[FILE]",
    help="Say whether a recipe (recipe.py beside the brief, or FILE) can live here.",
)
@click.option("--only", multiple=True, metavar="CODE", help="Ask only the checks of a code, or of its first words.")
@options.seed(0)
@options.project
@options.as_json
def check(
    version: str | None, recipe_file: str | None, seed: int, only: tuple[str, ...], project: str, as_json: bool
) -> int:
    """Examine a version, or say whether a recipe can live here."""
    if recipe_file is None:
        return examine_version(version, only, Path(project), as_json=as_json)
    show = progress()
    found = check_recipe(
        open_project(Path(project)),
        Path(recipe_file) if recipe_file else None,
        seed=seed,
        on_rule=lambda code: show(ASKS[code], ALL.index(code) / len(ALL)),
    )
    show("examined", 1.0)
    if as_json:
        print_json(examination_json(found))
    else:
        _show(found)
    return 0 if found.can_live_here else 1


def examination_json(found: Examination) -> dict[str, object]:
    """Return the JSON form of an examination."""
    return {
        "recipe": found.recipe,
        "verdict": Verdict.PASS.value if found.can_live_here else Verdict.FAIL.value,
        "findings": [finding_json(finding) for finding in found.findings],
    }


def _show(found: Examination) -> None:
    for finding in found.findings:
        if finding.because != WAITS:
            answer(f"{verdict(finding.verdict.value)}  {finding.code}  {_told(finding)}")
    broken = [finding.code for finding in found.findings if finding.verdict is Verdict.FAIL]
    waiting = [finding.code for finding in found.findings if finding.because == WAITS]
    if waiting:
        answer(f"{verdict(Verdict.UNKNOWN.value)}  {_waiting(waiting, broken)}")
    answer("")
    if not broken:
        answer(f"{found.recipe} can live here.")
        next_step("mainstay train")
        return
    answer(f"{found.recipe} cannot live here: it breaks {', '.join(broken)}.")
    next_step("mend it, then mainstay check --recipe")


def _waiting(waiting: Sequence[str], broken: Sequence[str]) -> str:
    """Say which rules were not looked at, as nothing can be said of them yet."""
    named = waiting[0] if len(waiting) == 1 else f"{waiting[0]} to {waiting[-1]}"
    wait = "rule waits" if len(waiting) == 1 else "rules wait"
    return f"{len(waiting)} {wait} for {' and '.join(broken[:2])} to be mended: {named}."


def _told(finding: Finding) -> str:
    return sentences(finding.because, finding.remedy)
