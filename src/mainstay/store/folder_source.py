"""Reading a folder of files as one table: every file must have the same columns, and the one that differs is named.

Folders named `column=value` (as Hive and Spark write them) give their files a column. Files and folders whose names
begin with `.` or `_` are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from polars.exceptions import PolarsError

from mainstay.domain.errors import DataError
from mainstay.store.csv_source import CsvText, csv_pieces, csv_text, named_table, typed
from mainstay.store.files import disk_faults
from mainstay.store.files_source import CSV, File, look, read_file
from mainstay.store.pieces import assembled

HIVE_MISSING = "__HIVE_DEFAULT_PARTITION__"
MAX_NAMED = 5  # columns or files named in a message


def read_folder(folder: Path, *, encoding: str | None = None) -> pl.DataFrame:
    """Read every file of a folder, in the order of their names; raises `DataError` that says which file differs."""
    paths = files_in(folder)
    files = [look(path, encoding=encoding) for path in paths]
    _same([file.holds for file in files], paths, folder, "holds {} where {} holds {}")
    places = [partitions_of(path, folder) for path in paths]
    _same([", ".join(place) or "no such folder" for place in places], paths, folder, "lies in {}, and {} in {}")
    heights, table = _csv_folder(files, folder) if files[0].holds == CSV else _typed_folder(files, folder)
    return _with_partitions(table, places, heights, folder)


def files_in(folder: Path) -> list[Path]:
    """Return every file of a folder, in the order of their names; raises `DataError` where there is none."""
    with disk_faults(f"reading {folder.name}"):
        paths = sorted(_files(folder))
    if not paths:
        remedy = "Put a CSV, NDJSON, Parquet or Arrow file there, or name another folder."
        raise DataError(f"{folder} is a folder without a file in it", remedy=remedy)
    return paths


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith((".", "_")):
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and "=" in path.name:
            yield from _files(path)
        elif path.is_dir():
            what = f"{folder.name} holds a folder {path.name}, which is not named column=value"
            raise DataError(what, remedy="Name one folder of files, or the folder of a Delta table.")


def _csv_folder(files: Sequence[File], folder: Path) -> tuple[list[int], pl.DataFrame]:
    texts = [csv_text(file.open, name=file.path.name, encoding=file.encoding) for file in files]
    _same_columns([text.titles for text in texts], [file.path for file in files], folder)
    heights = [0] * len(texts)
    columns = assembled(partial(_ordered_pieces, texts, heights))
    return heights, named_table(texts[0].titles, columns, name=folder.name)


def _ordered_pieces(texts: Sequence[CsvText], heights: list[int]) -> Iterator[list[pl.Series]]:
    for number, text in enumerate(texts):
        heights[number] = 0
        order = [text.titles.index(title) for title in texts[0].titles]
        for piece in csv_pieces(text):
            heights[number] += piece[0].len()
            yield [piece[place] for place in order]


def _typed_folder(files: Sequence[File], folder: Path) -> tuple[list[int], pl.DataFrame]:
    tables: list[pl.DataFrame] = []
    for file in files:
        table = read_file(file)
        first = tables[0].columns if tables else table.columns
        _same_columns([first, table.columns], [files[0].path, file.path], folder)
        tables.append(table.select([table[name] for name in first]))
    heights = [table.height for table in tables]
    _same_types(tables, files)
    try:
        return heights, pl.concat(tables, how="vertical_relaxed")
    except PolarsError as error:
        remedy = "Write the files again with one type for each column."
        raise DataError(f"the files of {folder.name} do not fit together", remedy=remedy) from error


def _same_types(tables: Sequence[pl.DataFrame], files: Sequence[File]) -> None:
    """Raise `DataError` for a column that is of one family of types in one file and of another in the next."""
    for name in tables[0].columns:
        seen: tuple[str, File] | None = None
        for table, file in zip(tables, files, strict=True):
            dtype = table[name].dtype
            family = _family(dtype)
            if seen is not None and family not in (seen[0], "nothing"):
                what = f"{file.path.name} differs: column {name!r} holds {family}, and {seen[0]} in {seen[1].path.name}"
                raise DataError(what, remedy="Write the files again with one type for each column.")
            seen = seen or ((family, file) if family != "nothing" else None)


def _family(dtype: pl.DataType) -> str:
    if dtype == pl.Null:
        return "nothing"
    if dtype.is_numeric():
        return "numbers"
    return "texts" if dtype in (pl.String, pl.Categorical, pl.Enum) else str(dtype)


def _same_columns(titles: Sequence[Sequence[str]], paths: Sequence[Path], folder: Path) -> None:
    for path, names in zip(paths[1:], titles[1:], strict=True):
        new = [name for name in names if name not in titles[0]]
        lost = [name for name in titles[0] if name not in names]
        if new or lost:
            said = [f"it has {_named(new)}" if new else "", f"it lacks {_named(lost)}" if lost else ""]
            differs = path.relative_to(folder).as_posix()
            what = f"{differs} has other columns than {paths[0].relative_to(folder).as_posix()}: "
            raise DataError(
                what + "; ".join(filter(None, said)), remedy=f"Mend {differs}, or move it out of {folder.name}."
            )


def _same(said: Sequence[str], paths: Sequence[Path], folder: Path, words: str) -> None:
    for each, path in zip(said, paths, strict=True):
        if each != said[0]:
            first, other = paths[0].relative_to(folder).as_posix(), path.relative_to(folder).as_posix()
            what = f"{other} differs: it {words.format(each, first, said[0])}"
            raise DataError(what, remedy=f"Move {other} out of {folder.name}, or name one file.")


def partitions_of(path: Path, folder: Path) -> dict[str, str | None]:
    """Return the columns that the folders on the way to a file give it."""
    steps = [step.partition("=") for step in path.relative_to(folder).parts[:-1]]
    return {unquote(name): None if value == HIVE_MISSING else unquote(value) for name, _, value in steps}


def _with_partitions(
    table: pl.DataFrame, places: Sequence[dict[str, str | None]], heights: Sequence[int], folder: Path
) -> pl.DataFrame:
    for name in places[0]:
        if name in table.columns:
            what = f"column {name!r} of {folder.name} stands in its files and in the names of its folders"
            raise DataError(what, remedy="Remove it from the files: it could not be told which is meant.")
        by_file = typed(pl.Series(name, [place[name] for place in places], dtype=pl.String))
        numbers = pl.Series([number for number, height in enumerate(heights) for _ in range(height)], dtype=pl.UInt32)
        table = table.with_columns(by_file.gather(numbers).alias(name))
    return table


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(repr(name) for name in names[:MAX_NAMED]) + more
