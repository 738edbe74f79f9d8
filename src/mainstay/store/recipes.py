"""A recipe of one's own on disk, and the process that it runs in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import msgspec
import polars as pl

from mainstay.domain.errors import NotFound, RecipeError
from mainstay.domain.recipe import RECIPE, Reply
from mainstay.store.files import disk_faults
from mainstay.store.own_process import ONE_THREAD, OwnProcess, Written, own_process

ENTRY = "mainstay.interfaces.recipe_child"
AGAIN = "Mend it, and try it: mainstay check --recipe"

RecipeProcess: TypeAlias = OwnProcess[Reply]

_says: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def recipe_text(folder: Path, file: Path | None = None) -> tuple[str, str] | None:
    """Return name and text of a recipe: of `file`, else of `recipe.py` in a folder; None where there is none.

    Raises `NotFound` for a file that is named and not there, `RecipeError` for one that is no text.
    """
    path = file or folder / RECIPE
    if path.is_dir():
        raise RecipeError(f"{path} is a folder; a recipe is one file", remedy="Move the folder, or name a file in it.")
    if not path.is_file():
        if file is None:
            return None
        raise NotFound(f"there is no {path}", remedy="Write it: see docs/recipes.md, or name another file.")
    try:
        with disk_faults(f"reading {path.name}"):
            return path.name, path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path.name} is not UTF-8 text (byte {error.start})", remedy="Save it as UTF-8.") from error


def write_rows(rows: pl.DataFrame, path: Path) -> None:
    """Write rows where the process of a recipe can read them."""
    with disk_faults(f"writing {path.name}"):
        rows.write_ipc(path)


def read_rows(path: Path) -> pl.DataFrame:
    """Read rows that were written for a recipe."""
    return pl.read_ipc(path)


@contextmanager
def recipe_process(name: str, *, environment: Mapping[str, str] = ONE_THREAD) -> Iterator[RecipeProcess]:
    """Start a process for a recipe, `name` being that of its file, and end it when the block is left."""
    with own_process(Written(name, ENTRY, _says, AGAIN), environment=environment) as process:
        yield process
