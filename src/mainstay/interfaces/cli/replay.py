"""`mainstay replay`: live through a past table as if it were happening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

import click

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import signal_json
from mainstay.domain.moments import iso, parse_moment
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, money, next_step, note, print_json, progress, table
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.place import now
from mainstay.workflows.replay import record
from mainstay.workflows.replay import replay as live_through
from mainstay.workflows.replayable import replayable
from mainstay.workflows.replayed import Noticed, Replayed, ReplayPeriod
from mainstay.workflows.story import in_words, tell, write_story

OWN_NEXT = "mainstay train and mainstay deploy, to do the same with what comes next."
MOST_PERIODS = 24  # more do not fit a screen; --json has all
MEASURED: Mapping[str, Mapping[str, str]] = {  # what a screen shows of each task's metrics
    "binary": {"roc_auc": "ROC AUC", "accuracy": "accuracy"},
    "multiclass": {"accuracy": "accuracy", "log_loss": "log loss"},
    "regression": {"mae": "mean absolute error", "r2": "R²"},
}


@click.command()
@click.argument("table_path", metavar="TABLE")
@click.option("--train-until", required=True, metavar="TIME", help="Train on what was known then; live from there.")
@click.option("--time", "time_column", default=None, help="The column with the moment, where there is no brief.")
@click.option("--target", default=None, help="The column with the outcome, where there is no brief.")
@click.option("--positive", default=None, help="The outcome that counts as positive, where there is no brief.")
@click.option("--out", default=None, type=click.Path(dir_okay=False), help="Write the story as one offline page, too.")
@options.seed(0)
@options.project
@options.as_json
def replay(  # noqa: PLR0913, PLR0917 - one parameter per option
    table_path: str,
    train_until: str,
    time_column: str | None,
    target: str | None,
    positive: str | None,
    out: str | None,
    seed: int,
    project: str,
    as_json: bool,
) -> None:
    """Live through a past table as if it were happening."""
    columns = {"time": time_column, "target": target, "positive": positive}
    with replayable(Path(project), Path(table_path), columns) as (opened, is_own):
        until = parse_moment(train_until, time_zone=opened.brief.data.time_zone)
        replayed = live_through(opened, Path(table_path), train_until=until, seed=seed, on_progress=progress())
        if is_own:
            record(opened, replayed, actor=actor(), at=now())
        if out is not None:
            note(f"Wrote {write_story(replayed, opened.brief, Path(out), made_at=now())}.")
        brief = opened.brief
        currency = brief.value.currency
    if as_json:
        print_json(replay_json(replayed, currency))
        return
    _show(replayed, brief)
    next_step(OWN_NEXT if is_own else _draft_it(replayed.model, table_path, columns))


def replay_json(replayed: Replayed, currency: str) -> dict[str, object]:
    """Return the JSON form of a replay; money is per decision."""
    return {
        "model": replayed.model,
        "train_until": iso(replayed.train_until),
        "decisions": replayed.decisions,
        "metrics": _estimates(replayed.metrics),
        "periods": [_period_json(period) for period in replayed.periods],
        "signals": [signal_json(n.signal) | {"noticed_at": iso(n.noticed_at)} for n in replayed.signals],
        "value": _value_json(replayed, currency),
    }


def _value_json(replayed: Replayed, currency: str) -> dict[str, object] | None:
    if not replayed.value:
        return None
    found = _estimates(replayed.value)
    # Nothing retrains yet: what was lived is what never retraining would have brought.
    never = {"never_retrained": found["mainstay"]}
    return {"currency": currency, "per": "decision"} | found | never


def _period_json(period: ReplayPeriod) -> dict[str, object]:
    return {
        "at": iso(period.end),
        "start": iso(period.start),
        "decisions": period.decisions,
        "metrics": _estimates(period.metrics),
        "value": _estimates(period.value) or None,
        "signals": list(period.signals),
    }


def _estimates(found: dict[str, Estimate]) -> dict[str, object]:
    return {name: {"value": each.value, "low": each.low, "high": each.high} for name, each in found.items()}


def _draft_it(model: str, table_path: str, columns: Mapping[str, str | None]) -> str:
    """What to type to begin for good: a brief drafted from the same table and columns."""
    named = [f"--{part} {quote(name)}" for part in ("target", "time", "positive") if (name := columns.get(part))]
    return " ".join(["mainstay init", model, "--data", quote(table_path), *named])


def _show(replayed: Replayed, brief: Brief) -> None:
    since, version = f"{replayed.train_until:%Y-%m-%d}", replayed.summary.version
    answer(f"Lived through {replayed.decisions:,} decisions from {since} with {version}.")
    currency = brief.value.currency
    if replayed.value:
        answer(tell(replayed, brief).answer)
    answer("")
    measured = MEASURED.get(replayed.summary.task, {})
    headings = ("period", "decisions", *measured.values(), "money per decision", "signal no.")
    table(headings, [_row(period, currency, measured) for period in _shown(replayed.periods)])
    answer("")
    answer(
        f"{len(replayed.signals)} signal{'s were' if len(replayed.signals) > 1 else ' was'} raised."
        if replayed.signals
        else "No signal was raised."
    )
    for noticed in replayed.signals:
        answer(_noticed(noticed, currency))


def _shown(periods: Sequence[ReplayPeriod]) -> list[ReplayPeriod]:
    """All periods that raised a signal, and an even sample of the rest."""
    rest = [i for i, period in enumerate(periods) if not period.signals]
    told = len(periods) - len(rest)
    every = max(1, -(-len(rest) // max(1, MOST_PERIODS - told)))
    kept = set(rest[::every])
    return [period for i, period in enumerate(periods) if period.signals or i in kept]


def _row(period: ReplayPeriod, currency: str, measured: Mapping[str, str]) -> tuple[str, ...]:
    worth = period.value.get("mainstay")
    found = [period.metrics.get(name) for name in measured]
    return (
        f"{period.start:%Y-%m-%d}",
        f"{period.decisions:,}",
        *(f"{each.value:{'.3f' if abs(each.value) < 1 else '.4g'}}" if each else "–" for each in found),
        money(worth.value, currency) if worth else "–",
        ", ".join(period.signals) or "",
    )


def _noticed(noticed: Noticed, currency: str) -> str:
    signal = noticed.signal
    return f"  {noticed.noticed_at:%Y-%m-%d}  {signal.id}  {signal.finding.code}: {in_words(signal, currency)}"
