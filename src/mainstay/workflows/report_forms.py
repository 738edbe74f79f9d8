"""The forms of a report: the ending of a path says which one is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from mainstay.domain.errors import Asked
from mainstay.report.framed import framed
from mainstay.store.files import disk_faults, put_file


class Form(StrEnum):
    """What can be written."""

    PAGE = "page"
    CARD = "card"
    PDF = "pdf"
    PICTURES = "pictures"


ENDINGS = {".html": Form.PAGE, ".htm": Form.PAGE, ".md": Form.CARD, ".pdf": Form.PDF, "": Form.PICTURES}
WANTED = "End it in .html (a page), .md (a model card), .pdf, or / (a folder of pictures)."
SHOWN = 40  # letters of a name that no disk takes


@dataclass(frozen=True, slots=True)
class Written:
    """A report on disk. `digest` is that of the page, which the ledger knows of a report of one version.

    `failed_gates` refuse to deploy its version, `instead` says what to do where that is not it; `page` is the page
    itself, which a notebook shows.
    """

    path: Path
    digest: str
    n_bytes: int
    failed_gates: tuple[str, ...] = ()
    instead: str = ""
    form: Form = Form.PAGE
    page: str = field(default="", repr=False)

    def _repr_html_(self) -> str:
        """The page within a notebook."""
        return framed(self.page, self.path.name)


def form_of(out: Path) -> Form:
    """Which form a path asks for; raises `Asked` for an ending that is none, and for a place that cannot be.

    A folder in a file's place, a file in a folder's, and a folder around it that is not there are told before any work.

    >>> form_of(Path("card.md")).value, form_of(Path("pictures")).value
    ('card', 'pictures')
    """
    form = ENDINGS.get(out.suffix.lower())
    if form is None:
        raise Asked(f"{out.name!r} ends in {out.suffix!r}, which no report does", remedy=WANTED)
    try:
        is_there, is_folder = out.exists(), out.is_dir()
    except OSError as error:
        what = f"nothing can be written to {out.name[:SHOWN]!r}: {error.strerror}"
        raise Asked(what, remedy="Name another path.") from error
    if form is not Form.PICTURES and is_folder:
        raise Asked(f"{out} is a folder", remedy="Name a file in it, such as report.html, or end the path in /.")
    if form is Form.PICTURES and is_there and not is_folder:
        raise Asked(f"{out} is no folder, and pictures are written into a folder", remedy=WANTED)
    if not out.parent.is_dir():
        raise Asked(f"there is no folder {out.parent} to write {out.name} into", remedy="Make it, or name another.")
    return form


def put_files(folder: Path, files: Mapping[str, bytes]) -> int:
    """Write files into a folder that is made where it is not there; return how many bytes they have."""
    with disk_faults(f"making the folder {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        put_file(folder / name, data)
    return sum(len(data) for data in files.values())
