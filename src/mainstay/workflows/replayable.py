"""What a replay lives by: the brief of a folder, or one drafted on the spot from a few named columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mainstay.data.draft import draft_brief
from mainstay.domain.errors import Asked
from mainstay.store.project import BRIEF, Project, open_project
from mainstay.store.sources import read_table
from mainstay.store.throwaway import throwaway_project
from mainstay.workflows.init import model_name


@contextmanager
def replayable(folder: Path, table: Path, columns: Mapping[str, str | None]) -> Iterator[tuple[Project, bool]]:
    """Give the project to replay with, and whether it is the folder's own.

    `columns` names `target`, `time` and `positive` where there is no brief; naming any of them where there is one would
    leave open which of the two counts, and is refused.
    """
    target = columns.get("target")
    if target is None:
        _require_unsaid(folder, columns)
        yield open_project(folder), True
        return
    if (folder / BRIEF).exists():
        what = f"{folder / BRIEF} says what is replayed; --target says it again"
        raise Asked(what, remedy="Leave --target, --time and --positive out, or go to another folder.")
    rows = read_table(table)
    name = model_name(table.stem)
    found = {"time": columns.get("time"), "positive": columns.get("positive")}
    text = draft_brief(rows, source=table.name, target=target, name=name, **found)
    with throwaway_project(text, rows.head(0)) as drafted:
        yield drafted, False


def _require_unsaid(folder: Path, columns: Mapping[str, str | None]) -> None:
    said = [part for part in ("time", "positive") if columns.get(part) is not None]
    if not said:
        return
    if (folder / BRIEF).exists():
        keys = " and ".join(f"data.{part}" for part in said)
        options = " and ".join(f"--{part}" for part in said)
        what = f"here the brief decides: set {keys} in {folder / BRIEF}"
        raise Asked(what, remedy=f"Then leave {options} out.")
    raise Asked("which column holds the outcome?", remedy="There is no brief here: name it with --target COLUMN.")
