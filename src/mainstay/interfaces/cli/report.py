"""`mainstay report`: a version, two side by side, or the live one under watch, as a page, a card, a PDF or pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from mainstay.domain.errors import Asked
from mainstay.domain.moments import parse_duration
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.place import VersionName, home_and_model, moment, newest, now, version_meant
from mainstay.workflows.report import Form, Written, write_report
from mainstay.workflows.versus import compare_versions, comparison_json, write_comparison
from mainstay.workflows.watch_page import overview_of, write_watch_page

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
@click.option("--watch", "watched", is_flag=True, help="How the live version stands, instead: of --model, if several.")
@click.option("--since", default=None, metavar="TIME", help="Of --watch: how far to look back, 30d if left out.")
@options.at
@options.model
@options.project
@options.as_json
def report(  # noqa: PLR0913, PLR0917 - one parameter per option
    version: str | None,
    other: str | None,
    out: str | None,
    buckets: int,
    watched: bool,
    since: str | None,
    at_text: str | None,
    model_name: str | None,
    project: str,
    as_json: bool,
) -> None:
    """Write the report of a version, compare two, or show how the live one stands."""
    if out is not None and not out.strip():
        raise Asked(
            "--out is empty, and a report needs a name", remedy="Name a file: --out report.html, or leave it out."
        )
    if watched:
        if version is not None:
            raise Asked(
                "--watch is of the version that is live", remedy="Leave the version out; --model names a model."
            )
        _watched(Watch(since or "30d", at_text, model_name), out, Path(project), as_json=as_json)
        return
    if since or at_text or model_name:
        raise Asked("--since, --at and --model are of --watch", remedy="Add --watch, or leave them out.")
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


@dataclass(frozen=True, slots=True)
class Watch:
    """What was asked of the watch: how far back, as known when, and of which model."""

    since: str
    at: str | None
    model: str | None


def _watched(asked: Watch, out: str | None, project: Path, *, as_json: bool) -> None:
    """Show how the live version stands; `--json` alone prints and writes nothing."""
    home, model = home_and_model(project, asked.model)
    at = moment(asked.at)
    found = overview_of(home, model, since=parse_duration(asked.since), at=at)
    if as_json and out is None:
        print_json(msgspec.to_builtins(found))
        return
    written = write_watch_page(found, home, Path(out or "watch.html"), at=at)
    if as_json:
        print_json(msgspec.to_builtins(found) | {"written": _written_json(written)})
        return
    _say(written)
    next_step("mainstay signals" if found.signals else "mainstay watch, to look again now.")


def _second(version: str, other: str, project: Path) -> VersionName:
    """The second version: a number alone is of the first one's model."""
    model = version.rpartition("/")[0]
    return version_meant(f"{model}/{other}" if model and "/" not in other else other, project)[1]


def _say(written: Written) -> None:
    answer(f"Wrote {written.path} ({written.n_bytes / 1024:,.0f} kB): {OPENED[written.form]}")


def _written_json(written: Written) -> dict[str, object]:
    return {"path": str(written.path), "form": written.form, "digest": written.digest, "bytes": written.n_bytes}
