"""The folder a person works in: the brief, and beside it the home where everything is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mainstay.domain.address import is_address
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.errors import Asked, NotFound, Refused
from mainstay.domain.expectation import Expectation, parse_expectations
from mainstay.store.files import disk_faults, put_file_once, remove_folder
from mainstay.store.home import Home, open_home
from mainstay.store.source import Encoded, Frame, Query, Source

BRIEF = "mainstay.toml"
EXPECTATIONS = "expectations.toml"
OWN_CHECKS = "checks.py"
MOST_BESIDE = 1_000_000  # bytes of the last two: what a person wrote has a hundredth of it


@dataclass(frozen=True, slots=True)
class Project:
    """A brief as read, its text as written, and its home."""

    folder: Path
    text: str
    brief: Brief
    home: Home
    frame: Frame = None

    @property
    def model(self) -> str:
        """The model's name."""
        return self.brief.model.name

    @property
    def source(self) -> Source:
        """The frame that was given, else where the brief says the data is, relative to the brief."""
        data = self.brief.data
        if self.frame is not None:
            return self.frame
        if not data.source:
            remedy = f"Write source = … under [data] in {self.folder / BRIEF}."
            raise NotFound("the brief names no data.source", remedy=remedy)
        if is_address(data.source):
            return Query(data.source, data.query, self.folder)
        place = self.folder / data.source
        return Encoded(place, data.encoding) if data.encoding else place


def open_project(folder: Path, *, frame: Frame = None) -> Project:
    """Read the brief of a folder and open its home; raises `NotFound` or `BriefError`.

    A `frame` (Polars, pandas, or any table that speaks Arrow) is read in place of the brief's source.
    """
    text, brief = read_brief(folder)
    return Project(folder, text, brief, open_home(folder, ledger=brief.store.ledger), frame)


def read_brief(folder: Path) -> tuple[str, Brief]:
    """Return the text of a folder's brief and what it says; raises `NotFound` or `BriefError`."""
    path = folder / BRIEF
    text = _text_of(path)
    if text is None:
        raise NotFound(f"there is no {BRIEF} in {folder.absolute()}", remedy=_where(folder))
    return text, parse_brief(text, file=str(path))


def read_expectations(folder: Path) -> tuple[Expectation, ...]:
    """Return what a folder's `expectations.toml` expects of every version; nothing without one. Raises `BriefError`."""
    path = folder / EXPECTATIONS
    text = _text_beside(path)
    return () if text is None else parse_expectations(text, file=str(path))


def read_own_checks(folder: Path) -> str | None:
    """Return the text of a folder's `checks.py`, None where there is none; raises `Asked`."""
    return _text_beside(folder / OWN_CHECKS)


def _text_beside(path: Path) -> str | None:
    """Return the text of a file that may stand beside the brief; where its link leads nowhere it is no missing file."""
    if path.is_symlink() and not path.exists():
        raise Asked(f"{path} is a link to what is not there", remedy="Mend the link, or remove it.")
    return _text_of(path, most_bytes=MOST_BESIDE)


def _text_of(path: Path, *, most_bytes: int | None = None) -> str | None:
    """Return the text of a file, None where there is none; raises `Asked`, or `StoreError` where it cannot be read."""
    try:
        with disk_faults(f"reading {path.name}"):
            if not path.exists():
                return None
            if not path.is_file():  # of a pipe nobody may ever write the end
                raise Asked(f"{path} is no file", remedy="Write a text file of that name, or move it away.")
            if most_bytes is not None and path.stat().st_size > most_bytes:
                remedy = "Keep there what a person wrote; tables belong elsewhere."
                raise Asked(f"{path} has more than {most_bytes // 10**6} MB", remedy=remedy)
            return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Asked(f"{path} is not UTF-8 text (byte {error.start})", remedy="Save it as UTF-8.") from error


def _where(folder: Path) -> str:
    inside = sorted(p.parent.name for p in folder.glob(f"*/{BRIEF}"))
    if inside:
        return f"There is one in {', '.join(inside[:5])}: go there, or add --project {inside[0]}."
    return "Draft one: mainstay init FOLDER --data FILE --target COLUMN."


def write_brief(folder: Path, text: str) -> Path:
    """Write a new brief whole or not at all; raises `Refused` when there is one already."""
    path = folder / BRIEF
    with disk_faults(f"writing {path}"):
        folder.mkdir(parents=True, exist_ok=True)
    if not put_file_once(path, text.encode()):
        raise Refused(f"{path} is there already", remedy="Move it away first, or choose another folder.")
    return path


def fresh_folder(folder: Path, *, mark: str) -> None:
    """Make an empty folder that carries a mark; one that carries it already is made anew, any other is `Refused`."""
    if folder.exists() and any(folder.iterdir()) and not (folder / mark).exists():
        raise Refused(f"{folder.absolute()} is not empty", remedy="Choose another folder.")
    with disk_faults(f"making {folder}"):
        if folder.exists():
            remove_folder(folder)
        folder.mkdir(parents=True)
        (folder / mark).touch()
