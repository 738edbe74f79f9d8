"""`mainstay train`: fit, calibrate, judge and keep a version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from mainstay.domain.evaluation import CandidateResult, Estimate, Summary
from mainstay.domain.finding import finding_json
from mainstay.domain.gates import failed_gates
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import (
    answer,
    between,
    money,
    next_step,
    print_json,
    progress,
    sentences,
    table,
    verdict,
)
from mainstay.interfaces.cli.who import actor
from mainstay.interfaces.cli.worth import worth_words
from mainstay.workflows.place import now, open_project
from mainstay.workflows.train import train as train_version

HEADINGS = ("candidate", "ROC AUC", "log loss", "money per decision", "winner ahead by", "likely")


@click.command()
@click.option("--seed", default=0, show_default=True, help="The seed of every random choice.")
@options.project
@options.as_json
def train(seed: int, project: str, as_json: bool) -> None:
    """Fit, calibrate, judge and keep a version."""
    opened = open_project(Path(project))
    summary = train_version(opened, seed=seed, actor=actor(), at=now(), on_progress=progress())
    if as_json:
        print_json(summary_json(summary))
        return
    _show(summary, failed_gates(opened.brief.gates, summary.findings))


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
        "findings": [finding_json(finding) for finding in summary.findings],
    }


def _show(summary: Summary, failed: Sequence[str]) -> None:
    winner = next(candidate for candidate in summary.candidates if candidate.chosen)
    answer(f"{summary.version}: {winner.title}, judged on {summary.rows['holdout']:,} rows it had never seen.")
    if summary.value is not None:
        answer(f"Worth {worth_words(summary)}. Decides high from a score of {summary.threshold:.3g} on.")
    answer("")
    shown = len(HEADINGS) if summary.value is not None else HEADINGS.index("money per decision")
    table(HEADINGS[:shown], [_row(candidate, summary.currency)[:shown] for candidate in summary.candidates])
    answer("")
    for finding in summary.findings:
        if finding.verdict.value != "pass":
            answer(f"{verdict(finding.verdict.value)}  {sentences(finding.because, finding.remedy)}")
    passed = sum(finding.verdict.value == "pass" for finding in summary.findings)
    answer(f"{passed} of {len(summary.findings)} checks passed.")
    next_step(_next(summary.version, failed))


def _next(version: str, failed: Sequence[str]) -> str:
    look = f"mainstay report {version} --out report.html"
    if failed:
        return f"{look}; deploying will be refused by: {', '.join(failed)}; see the report"
    return f"{look}, then mainstay deploy {version}"


def _row(candidate: CandidateResult, currency: str) -> tuple[str, ...]:
    ahead = candidate.winner_ahead
    return (
        f"{'→ ' if candidate.chosen else '  '}{candidate.title}",
        _number(candidate.metrics.get("roc_auc")),
        _number(candidate.metrics.get("log_loss")),
        money(candidate.value.value, currency) if candidate.value else "–",
        money(ahead.value, currency) if ahead else "",
        between(ahead.low, ahead.high) if ahead else "",
    )


def _number(estimate: Estimate | None) -> str:
    return f"{estimate.value:.3f}" if estimate else "–"
