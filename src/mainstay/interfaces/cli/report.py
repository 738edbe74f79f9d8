"""`mainstay report`: the report of a version, or of two side by side, as a page, a model card, a PDF or pictures."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.domain.errors import Asked
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.place import VersionName, home_and_model, newest, now, version_meant
from mainstay.workflows.report import Form, Written, write_report
from mainstay.workflows.versus import compare_versions, comparison_json, write_comparison

OPENED = {
    Form.PAGE: "open it in a browser; it needs no network.",
    Form.CARD: "a model card, with what Hugging Face reads on top.",
    Form.PDF: "the page, printed.",
    Form.PICTURES: "one SVG and one PNG of every picture.",
}
OUT = "Where: .html is a page, .md a model card, .pdf a print, a folder gets the pictures; report.html if left out."


@click.command()
@click.argument("version", required=False)
@click.argument("other", required=False)
@click.option("--out", default=None, metavar="PATH", help=OUT)
@click.option("--buckets", default=10, show_default=True, type=click.IntRange(2, 50), help="Buckets of the lift table.")
@options.project
@options.as_json
def report(version: str | None, other: str | None, out: str | None, buckets: int, project: str, as_json: bool) -> None:
    """Write the report of a version, or compare two."""
    if out is not None and not out.strip():
        raise Asked(
            "--out is empty, and a report needs a name", remedy="Name a file: --out report.html, or leave it out."
        )
    if version is not None and other is not None:
        _compare(version, other, out, Path(project), as_json=as_json)
        return
    if version is None:
        home, model = home_and_model(Path(project), None)
        name = newest(home, model)
    else:
        home, name = version_meant(version, Path(project))
    written = write_report(home, name, Path(out or "report.html"), n_buckets=buckets, actor=actor(), at=now())
    if as_json:
        print_json(_written_json(written) | {"version": str(name)})
        return
    _say(written)
    if written.failed_gates:
        next_step(f"mend what failed and train again; deploying will be refused by: {', '.join(written.failed_gates)}")
    else:
        next_step(written.instead or f"mainstay deploy {name}")


def _compare(version: str, other: str, out: str | None, project: Path, *, as_json: bool) -> None:
    """Compare two versions; `--json` alone prints and writes nothing."""
    (home, first), then = version_meant(version, project), _second(version, other, project)
    found = compare_versions(home, first, then)
    if as_json and out is None:
        print_json(comparison_json(found))
        return
    written = write_comparison(found, Path(out or "report.html"), at=now())
    if as_json:
        print_json(comparison_json(found) | {"written": _written_json(written)})
        return
    _say(written)
    next_step(f"mainstay report {then}")


def _second(version: str, other: str, project: Path) -> VersionName:
    """The second version: a number alone is of the first one's model."""
    model = version.rpartition("/")[0]
    return version_meant(f"{model}/{other}" if model and "/" not in other else other, project)[1]


def _say(written: Written) -> None:
    answer(f"Wrote {written.path} ({written.n_bytes / 1024:,.0f} kB): {OPENED[written.form]}")


def _written_json(written: Written) -> dict[str, object]:
    return {"path": str(written.path), "form": written.form, "digest": written.digest, "bytes": written.n_bytes}
