"""`mainstay demo`: the whole story on simulated data with known truth."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import click

from mainstay.domain.errors import StoreError
from mainstay.domain.evaluation import Summary
from mainstay.domain.moments import iso
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.replay import replay_json
from mainstay.interfaces.cli.show import answer, between, money, next_step, print_json, progress, table
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.demo import LIVE_FROM, Laid, lay, live_on, make
from mainstay.workflows.place import now
from mainstay.workflows.replayed import Replayed
from mainstay.workflows.story import in_words, write_story

LISTENING = re.compile(r"answering on (http://\S+)")
OnProgress = Any
LOOK_AT = (
    ("report.html", "the report of the version"),
    ("story.html", "the year after, week by week, beside the truth"),
    ("mainstay.toml", "the brief that all of it comes from"),
)


@click.command()
@click.argument("folder", default="demo", required=False, type=click.Path(file_okay=False))
@click.option("--rows", default=90_000, show_default=True, type=click.IntRange(20_000, 1_000_000), help="Sign-ups.")
@options.seed(1)
@options.as_json
def demo(folder: str, rows: int, seed: int, as_json: bool) -> None:
    """Tell the whole story on simulated data with known truth."""
    show = progress()
    show("simulating two years of sign-ups", 0.0)
    laid = lay(Path(folder), seed=seed, n_rows=rows)
    summary = make(laid, seed=seed, actor=actor(), at=now(), on_progress=_part(show, 0.03, 0.22))
    show("asking the live service about three sign-ups", 0.25)
    answered = _ask(laid)
    replayed = live_on(laid, seed=seed, actor=actor(), at=now(), on_progress=_part(show, 0.28, 0.72))
    page = laid.project.folder / "story.html"
    write_story(replayed, laid.project.brief, page, made_at=now(), truth=laid.truth)
    if as_json:
        print_json(_document(laid, answered, replayed))
        return
    _tell(laid, summary, answered, replayed)


def _part(show: OnProgress, start: float, width: float) -> OnProgress:
    return lambda what, share: show(what, start + width * share)


def _ask(laid: Laid) -> dict[str, Any]:
    """Start the real service, send it three rows, and stop it."""
    body = {"rows": list(laid.examples), "ids": ["demo-1", "demo-2", "demo-3"]}
    with _serving(laid.project.folder) as address:
        place = f"{address}/v1/models/upsell/decide"
        request = Request(place, data=json.dumps(body).encode())  # noqa: S310 - an address of our own
        with urlopen(request, timeout=30) as response:  # noqa: S310 - as above
            answered: dict[str, Any] = json.load(response)
    return answered


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "mainstay", "serve", "--port", "0", "--workers", "1", "--project", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as service:
        try:
            yield _address(service)
        finally:
            service.terminate()
            service.communicate()


def _address(service: subprocess.Popen[str]) -> str:
    heard = []
    for line in service.stderr or ():
        heard.append(line.strip())
        if found := LISTENING.search(line):
            return found[1]
    raise StoreError(f"the service did not start: {' '.join(heard[-3:])}", remedy="mainstay doctor")


def _document(laid: Laid, answered: dict[str, Any], replayed: Replayed) -> dict[str, Any]:
    truth = [{"at": iso(c.at), "kind": c.kind, "columns": list(c.columns), "says": c.says} for c in laid.truth]
    lived = replay_json(replayed, laid.project.brief.value.currency)
    return {"folder": str(laid.project.folder), "truth": truth, "answered": answered, "replay": lived}


def _tell(laid: Laid, summary: Summary, answered: dict[str, Any], replayed: Replayed) -> None:
    currency = laid.project.brief.value.currency
    winner = next(candidate for candidate in summary.candidates if candidate.chosen)
    rule = next((candidate for candidate in summary.candidates if candidate.name == "today"), None)
    answer(f"A video-conferencing company asks which free sign-ups to call. {_parts(laid, summary)}")
    judged = f"{summary.rows['holdout']:,} sign-ups it had not seen"
    answer(f"\nTrained    {summary.version}, {winner.title}; judged on {judged}.")
    if summary.value and rule and rule.winner_ahead:
        more = rule.winner_ahead
        answer(
            f"Worth      {money(summary.value.value, currency)} a sign-up; {money(more.value, currency)} more than "
            f"today's rule (likely {between(more.low, more.high)})."
        )
    answer(f"Served     {_said(answered)}")
    answer(f"Lived      {replayed.decisions:,} decisions from {LIVE_FROM:%Y-%m-%d} on, looked at after every period.")
    answer("\nWhat really happened, and what was noticed:\n")
    table(("day", "", "what"), _story(laid, replayed), left=3)
    answer("")
    table(("quarter", "decisions", "ROC AUC", f"{currency} a sign-up", "today's rule"), _quarters(replayed))
    answer("\nLook at")
    for name, what in LOOK_AT:
        answer(f"  {laid.project.folder / name!s:<22} {what}")
    answer("\nThe year seen was a replay: this home itself has lived three live calls.")
    typed = _typed(laid.project.folder)
    next_step(f"cd {laid.project.folder}, then {typed} status, {typed} history, {typed} serve")


def _parts(laid: Laid, summary: Summary) -> str:
    """What each known sign-up of the year before was used for; rows between two parts are used for none."""
    taught, chose, judged = (summary.rows[part] for part in ("train", "calibration", "holdout"))
    left = laid.n_known - taught - chose - judged
    said = f"{taught:,} taught the model, {chose:,} chose its threshold, {judged:,} judged it"
    rest = f"; the other {left:,} were too close to the next part for their outcome to be known then" if left else ""
    return f"Of {laid.n_known:,} sign-ups of 2024 with a known outcome, {said}{rest}."


def _typed(folder: Path) -> str:
    """The command as it can be typed inside a folder, whether or not it is on the path."""
    if shutil.which("mainstay"):
        return "mainstay"
    for place in (Path(sys.argv[0]), Path(sysconfig.get_path("scripts")) / "mainstay"):
        if place.stem == "mainstay" and place.is_file():
            ways = (os.path.relpath(place.absolute(), folder.absolute()), str(place.absolute()))
            return shlex.quote(min(ways, key=len))
    return f"{shlex.quote(sys.executable)} -m mainstay"


def _said(answered: dict[str, Any]) -> str:
    said = [f"{d['decision']} ({d['score']:.2f})" for d in answered["decisions"] if "score" in d]
    codes = {w["code"] for d in answered["decisions"] for w in d.get("warnings", ())}
    return f"three sign-ups over HTTP: {', '.join(said)}; warned of {', '.join(sorted(codes))}."


def _story(laid: Laid, replayed: Replayed) -> list[tuple[str, str, str]]:
    currency = laid.project.brief.value.currency
    told = [(change.at.date().isoformat(), "truth", change.says) for change in laid.truth]
    noticed = [
        (seen.noticed_at.date().isoformat(), f"noticed ({no})", in_words(seen.signal, currency, "sign-up"))
        for no, seen in enumerate(replayed.signals, start=1)
    ]
    return sorted(told + noticed)


def _quarters(replayed: Replayed) -> list[tuple[str, ...]]:
    quarters: dict[str, list[tuple[int, float, float, float]]] = {}
    for period in replayed.periods:
        area, worth = period.metrics.get("roc_auc"), period.value.get("mainstay")
        if area and worth:
            name = f"{period.end.year} Q{(period.end.month + 2) // 3}"
            row = (period.decisions, area.value, worth.value, period.value["baseline"].value)
            quarters.setdefault(name, []).append(row)
    return [_quarter(name, rows) for name, rows in quarters.items()]


def _quarter(name: str, rows: list[tuple[int, float, float, float]]) -> tuple[str, ...]:
    n = sum(row[0] for row in rows)
    area, worth, rule = (sum(row[0] * row[i] for row in rows) / n for i in (1, 2, 3))
    return name, f"{n:,}", f"{area:.3f}", f"{worth:,.2f}", f"{rule:,.2f}"
