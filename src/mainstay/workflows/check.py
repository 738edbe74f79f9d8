"""Checks that are asked for before there is a version: whether a recipe of one's own can live here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mainstay.domain.errors import NotFound
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.recipe import RECIPE
from mainstay.store.project import Project
from mainstay.workflows.prepare import prepare
from mainstay.workflows.reading import read_rows
from mainstay.workflows.recipe import examined, source_of


@dataclass(frozen=True, slots=True)
class Examination:
    """What the conformance test of a recipe found."""

    recipe: str
    findings: tuple[Finding, ...]

    @property
    def can_live_here(self) -> bool:
        """Whether no rule is broken."""
        return all(finding.verdict is not Verdict.FAIL for finding in self.findings)


def check_recipe(project: Project, file: Path | None, *, seed: int, on_rule: Callable[[str], None]) -> Examination:
    """Examine a recipe (the project's own, or a file) on the project's rows; raises `NotFound` where there is none."""
    source = source_of(project.folder, file)
    if source is None:
        remedy = "Write it beside mainstay.toml (see docs/recipes.md), or name a file: mainstay check --recipe FILE."
        raise NotFound(f"there is no {RECIPE} in {project.folder.absolute()}", remedy=remedy)
    prepared = prepare(read_rows(project), project.brief, seed=seed).prepared

    return Examination(source.name, examined(source, prepared, on_rule=on_rule))
