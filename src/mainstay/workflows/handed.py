"""Handing what is examined to another process: its rows as files that both can read, and no object of Python's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from mainstay.bundle.inspect import inspect
from mainstay.checks.examined import Examined, Footprint, Kept
from mainstay.data.columns import columns_named
from mainstay.data.money import columns_of
from mainstay.data.outcome import Outcomes
from mainstay.data.roles import expressed_columns
from mainstay.data.worth import worth
from mainstay.domain.brief import parse_brief
from mainstay.domain.evaluation import Summary
from mainstay.domain.own_checks import Take
from mainstay.domain.task import Task
from mainstay.domain.version import VersionName
from mainstay.domain.worth import ActionWorth, Worth
from mainstay.serving.service import Service
from mainstay.store.files import disk_faults
from mainstay.store.project import Project, open_project
from mainstay.store.recipes import read_rows, write_rows
from mainstay.workflows.asking import replies, scores
from mainstay.workflows.expected import expected
from mainstay.workflows.footprint import footprint
from mainstay.workflows.opened import opened
from mainstay.workflows.route import load_service

TOLD = "told.json"
ARRAYS = (
    *("outcomes", "training", "calibration", "holdout", "scores", "decided"),
    *("today", "clusters", "moments"),  # these may be absent
)
REPRODUCE = "mainstay.workflows.reproduce"  # it loads the learners: only where a check asks for it


class Told(msgspec.Struct, frozen=True):
    """What is no array. `actions` are those of the money, where it is stated by action."""

    task: Task
    summary: Summary
    kept: Kept | None
    acts: frozenset[str]
    no_population: str = ""
    actions: tuple[str, ...] = ()


def hand(exam: Examined, folder: Path) -> None:
    """Write what is examined into an empty folder; raises `StoreError` where the disk does not take it."""
    write_rows(exam.table, folder / "table.arrow")
    write_rows(exam.used[:], folder / "used.arrow")
    if exam.population is not None:
        write_rows(exam.population, folder / "population.arrow")
    arrays = {name: getattr(exam, name) for name in ARRAYS}
    by_action = exam.worth if isinstance(exam.worth, ActionWorth) else None
    if by_action is not None:
        arrays |= {"amounts": by_action.amounts, "payoffs": by_action.payoffs}
    actions = () if by_action is None else by_action.actions
    told = Told(exam.task, exam.summary, exam.kept, exam.acts, exam.no_population, actions)
    with disk_faults("handing the rows to your own checks"):
        for name, array in arrays.items():
            if array is not None:
                np.save(folder / f"{name}.npy", array, allow_pickle=False)
        (folder / TOLD).write_bytes(msgspec.json.encode(told))


def taken(request: Take) -> Examined:
    """Return what was handed over, for its exam; its rows stay on the disk until they are looked at."""
    project, rows = open_project(Path(request.project)), Path(request.rows)
    version = VersionName(request.model, request.number)
    contents = inspect(project.home.artifacts.version_files(version.model, version.number))
    told = msgspec.json.decode((rows / TOLD).read_bytes(), type=Told)
    then, service = replace(project, brief=parse_brief(contents.brief)), load_service(project.home, version)
    expects, fault = expected(project.folder)
    made = Examined(
        brief=then.brief,
        schema=contents.schema,
        summary=told.summary,
        plan=contents.plan,
        task=told.task,
        table=read_rows(rows / "table.arrow"),
        used=read_rows(rows / "used.arrow"),
        population=read_rows(rows / "population.arrow") if (rows / "population.arrow").exists() else None,
        no_population=told.no_population,
        seed=told.summary.seed,
        at=request.at,
        expectations=expects,
        expectations_fault=fault,
        acts=told.acts,
        opened=opened(contents.plan),
        kept=told.kept,
        reply=partial(replies, service),
        score=partial(scores, service),
        footprint=lambda: Footprint(0, 0, 0, 0, 0, 0),
        refitted=partial(_refitted, project, version),
        **{name: _array(rows, name) for name in ARRAYS},
    )
    return replace(made, worth=_worth(made, told, rows), footprint=_measured(project, version, service, made))


def _array(folder: Path, name: str) -> Any:
    path = folder / f"{name}.npy"
    return np.load(path, mmap_mode="r", allow_pickle=False) if path.exists() else None


def _worth(exam: Examined, told: Told, rows: Path) -> Worth | None:
    """Return the money of decisions: the amounts that were handed over, or the judge of predicted ones made anew."""
    if told.actions:
        return ActionWorth(told.actions, _array(rows, "amounts"), _array(rows, "payoffs"))
    if exam.task is not Task.REGRESSION:
        return None
    columns = columns_of(columns_named(exam.used, sorted(expressed_columns(exam.brief))))
    return worth(columns, Outcomes(exam.task, exam.outcomes, np.isfinite(exam.outcomes)), exam.brief)


def _measured(project: Project, version: VersionName, service: Service, exam: Examined) -> Callable[[], Footprint]:
    return lambda: footprint(project, version, service, exam.table.head(1000).to_dicts())


def _refitted(project: Project, version: VersionName) -> str:
    digest: str = import_module(REPRODUCE).reproduce(project, str(version)).model_digest
    return digest
