"""`mainstay train`: fit, calibrate, judge and keep a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import msgspec

from mainstay.domain.brief.parts import DecisionPart
from mainstay.domain.errors import Asked
from mainstay.domain.evaluation import Summary
from mainstay.domain.finding import finding_json
from mainstay.domain.gates import failed_gates
from mainstay.domain.instead import AGAIN, UNPRICED, instead_of_deploying
from mainstay.domain.version import parse_version
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.candidates import show_candidates
from mainstay.interfaces.cli.findings import finding_lines
from mainstay.interfaces.cli.live import shown
from mainstay.interfaces.cli.show import answer, next_step, print_json
from mainstay.interfaces.cli.who import actor
from mainstay.interfaces.cli.worth import worth_words
from mainstay.workflows.place import Project, now, open_project
from mainstay.workflows.reproduce import reproduce
from mainstay.workflows.train import train as train_version
from mainstay.workflows.wanted import process_age_s, seconds, wanted_of

ENOUGH = "enough"
SAID_ANYWAY = (
    "F11-rows-chosen",
    "F11-enough-rows",
    "F11-enough-history",
)  # good news that saves labels, minutes and disks


PRICE_IT = "fill in [value] in mainstay.toml, then mainstay train"


class Rows(click.ParamType[int | str]):
    """A number of rows, or `enough`."""

    name = "N|enough"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """Read the word or the number."""
        if value == ENOUGH:
            return ENOUGH
        if not value.isdecimal() or int(value) < 1:
            self.fail(f"{value!r} is neither a number of rows above 0 nor '{ENOUGH}'", param, ctx)
        return int(value)


@click.command()
@click.option("--minutes", type=float, default=None, help="Search for better settings, and be done in this time.")
@click.option("--rows", type=Rows(), default=None, help="Learn from so many training rows, or from as many as pay.")
@options.seed(0)
@click.option("--from", "from_", default=None, metavar="VERSION", help="Fit a version's winner again, and compare.")
@options.project
@options.as_json
def train(
    minutes: float | None, rows: int | str | None, seed: int, from_: str | None, project: str, as_json: bool
) -> int:
    """Search, fit, calibrate, judge and keep a version."""
    opened = open_project(Path(project))
    if from_ is not None:
        return _again(opened, from_, as_json=as_json, alone=minutes is None and rows is None and seed == 0)
    wanted = wanted_of(minutes, rows, age_s=process_age_s())
    with shown(seconds=seconds, ends_s=wanted.ends_s) as board:
        told = replace(wanted, on_news=board.hear_news)
        summary = train_version(opened, seed=seed, actor=actor(), at=now(), on_progress=board.hear, wanted=told)
    if as_json:
        print_json(summary_json(summary))
    else:
        failed = failed_gates(opened.brief.gates, summary.findings)
        _show(summary, failed, opened.brief.decision, twin=_twin(opened, summary))
    return 0


def _again(opened: Project, text: str, *, as_json: bool, alone: bool) -> int:
    if not alone:
        raise Asked("--from fits a version again as it was recorded", remedy="Leave out --minutes, --rows and --seed.")
    again = reproduce(opened, text)
    if as_json:
        plain = summary_json(again.summary) | {"model_digest": again.model_digest}
        print_json(plain | {"recorded_digest": again.summary.model_digest, "same": again.is_same})
    elif again.is_same:
        answer(f"{again.summary.version} was fitted again, and it is the same model: {again.model_digest}")
        next_step(f"mainstay report {again.summary.version} --out report.html")
    else:
        answer(f"{again.summary.version} was fitted again, and it is another model: {again.model_digest}")
        answer(f"Recorded is {again.summary.model_digest}. {again.differs}")
        next_step("use the packages and the kind of processor it was trained with: requirements.txt in its bundle")
    return 0 if again.is_same else 1


def summary_json(summary: Summary) -> dict[str, object]:
    """Return the JSON form of a training."""
    plain = msgspec.to_builtins(summary)
    per_decision = plain["value"]
    return {
        "version": summary.version,
        "model_digest": summary.model_digest,
        "task": summary.task,
        "split": summary.split,
        "seed": summary.seed,
        "snapshot": summary.snapshot,
        "rows": summary.rows,
        "base_rate": summary.base_rate,
        "metrics": plain["metrics"],
        "value": {
            "currency": summary.currency,
            "threshold": summary.threshold,
            "threshold_interval": plain["threshold_interval"],
            "per_decision": per_decision,
            "share_high": plain["share_high"],
        },
        "candidates": plain["candidates"],
        **{
            name: plain[name]
            for name in ("classes", "splits", "settings", "cost", "curves", "holdout", "looks", "corrected")
        },
        "good_enough": summary.good_enough,
        "findings": [finding_json(finding) for finding in summary.findings],
    }


def _twin(project: Project, summary: Summary) -> str:
    """The name of an older version that is the same model; empty where this one is new."""
    life = project.home.ledger.life(project.model)
    number = life.twin(parse_version(summary.version).number)
    return "" if number is None else f"{project.model}/{number}"


def _show(summary: Summary, failed: Sequence[str], words: DecisionPart, *, twin: str) -> None:
    winner = next(candidate for candidate in summary.candidates if candidate.chosen)
    answer(f"{summary.version}: {winner.title}, judged on {summary.rows['holdout']:,} rows it had never seen.")
    if twin:
        answer(f"It is the same model as {twin}: nothing changed in what it decides.")
    if summary.value is not None:
        answer(f"Worth {worth_words(summary)}.")
    if decided := decided_words(summary, words):
        answer(decided)
    if summary.good_enough:
        shipped = "" if failed or twin or instead_of_deploying(summary) else ": ship it"
        answer(f"Every target of the brief is met{shipped}.")
    answer("")
    show_candidates(summary)
    answer("")
    for line in finding_lines(summary.findings, said_anyway=SAID_ANYWAY):
        answer(line)
    next_step(then_words(summary, failed, twin=twin))


def decided_words(summary: Summary, words: DecisionPart) -> str:
    """Say from where on something is decided, in the words of the brief; empty where no threshold decides."""
    at, share = summary.threshold, summary.share_high
    if summary.task == "regression":
        return "" if at is None else f"Decides {words.when_high!r} from an amount of {at:.3g} on."
    if summary.task != "binary" or (at is None and share is None):
        return ""
    if at is None or at > 1:
        return f"Never decides {words.when_high!r}: no score reaches the threshold."
    if at <= 0:
        return f"Always decides {words.when_high!r}: every score reaches the threshold."
    seen = "" if share is None else f", in {share.value:.0%} of cases" if 0 < share.value < 1 else _alike(share.value)
    return f"Decides {words.when_high!r} from a score of {at:.3g} on{seen}."


def _alike(share: float) -> str:
    return f", which {'each' if share else 'none'} of the rows judged reaches"


def then_words(summary: Summary, failed: Sequence[str], *, twin: str = "") -> str:
    """Say what comes after a training; `twin` names an older version that is the same model.

    What decisions are worth is asked for first: without it nothing is chosen by what it is worth.
    """
    after = _after(summary, failed, twin=twin)
    is_unpriced = any(finding.code == UNPRICED for finding in summary.findings)
    return f"{PRICE_IT}; until then: {after}" if is_unpriced else after


def _after(summary: Summary, failed: Sequence[str], *, twin: str) -> str:
    version = summary.version
    look = f"mainstay report {version} --out report.html"
    if failed:
        return f"{look}; deploying will be refused by: {', '.join(failed)}; see the report"
    instead = instead_of_deploying(summary)
    if twin and not instead:
        return f"nothing to do: {twin} is the same model; for another, {AGAIN}"
    return f"{look}; {instead}" if instead else f"mainstay check {version}, then {look} and mainstay deploy {version}"
