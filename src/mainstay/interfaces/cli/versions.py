"""`mainstay versions`: what each version is worth and what it cost, beside the rule and the manual process of today."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from mainstay.domain.evaluation import Estimate
from mainstay.domain.holdout import VALUE
from mainstay.domain.instead import instead_of_deploying, toward_deploying
from mainstay.domain.moments import iso
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, between, money, next_step, note, print_json, table, verdict
from mainstay.interfaces.cli.time_box import time_box_json, time_box_lines
from mainstay.report.steps import SAME
from mainstay.workflows.place import home_and_model, moment
from mainstay.workflows.versions import Beside, Valued, beside, project_brief

AFTER_QUALITY = (
    "worth a decision",
    "likely",
    "cost to make",
    "minutes",
    "rows",
    "memory",
    "size",
    "cost a decision",
)
QUALITIES = (("roc_auc", "ROC AUC"), ("r2", "R²"), ("accuracy", "accuracy"))
NONE = "–"


@click.command()
@options.at
@options.model
@options.project
@options.as_json
def versions(at_text: str | None, model_name: str | None, project: str, as_json: bool) -> None:
    """List versions with their worth."""
    home, model = home_and_model(Path(project), model_name)
    at = moment(at_text)
    seen = beside(home, model, brief=project_brief(Path(project), model), at=at)
    if as_json:
        print_json(versions_json(seen))
        return
    n_later = len(home.ledger.life(model).versions) - len(seen.versions)
    if n_later:
        why = "" if at_text else ": this machine's clock was stepped back since. Look at it: mainstay doctor"
        n = "One version was" if n_later == 1 else f"{n_later:,} versions were"
        note(f"{n} made after {iso(at)}{why}.")
    if not seen.versions:
        answer(f"{model} has no version{' then' if n_later else ' yet'}.")
        next_step("mainstay versions, on a clock that is right" if n_later else "mainstay train")
        return
    headings = ("version", "status", "made", _heading(seen), *AFTER_QUALITY)
    table(*_filled(headings, [*(_row(seen, each) for each in seen.versions), *_today(seen)]), left=3)
    for line in filter(None, [_marks(seen)]):
        answer(line)
    for line in (*_pays(seen), *time_box_lines(seen.time_box), *_late(seen)):
        answer(line)
    next_step(_next(seen))


def versions_json(seen: Beside) -> list[dict[str, Any]]:
    """Return the JSON form: a list of versions; what is done without them stands beside each."""
    return [version_json(seen, each) | today_json(seen) for each in seen.versions]


def today_json(seen: Beside) -> dict[str, Any]:
    """Return what is done without a version, what a decision costs to serve, and the time box, in JSON form."""
    rule, manual = seen.rule, seen.manual
    return {
        "each_decision_costs": seen.each,
        "rule": rule
        and {"quality": _quality_json(rule.metrics), "metrics": _plain(rule.metrics), "value": _plain(rule.value)},
        "manual": manual and {"agreement": manual.agreement, "cost_per_case": manual.cost_per_case},
        "time_box": seen.time_box and time_box_json(seen.time_box),
    }


def version_json(seen: Beside, valued: Valued) -> dict[str, Any]:
    """Return a version's JSON form."""
    version = valued.version
    return {
        "version": f"{seen.life.model}/{version.number}",
        "status": valued.status,
        "created_at": version.created_at,
        "model_digest": version.model_digest,
        "failed_gates": list(version.failed_gates),
        "task": valued.summary.task,
        "quality": _quality_json(valued.summary.metrics),
        "metrics": version.summary.get("metrics", {}),
        "corrected": list(valued.summary.corrected),
        "value": version.summary.get("value"),
        "currency": version.summary.get("currency", ""),
        "cost": version.summary.get("cost"),
        "made_for": valued.made_for,
        "pays_after_decisions": valued.pays_after,
        "size_bytes": valued.size_bytes,
    }


def _row(seen: Beside, valued: Valued) -> tuple[str, ...]:
    summary, cost = valued.summary, valued.summary.cost
    value, likely = _worth(summary.value, summary.currency)
    return (
        f"{seen.life.model}/{valued.version.number}",
        valued.status,
        valued.version.created_at[:10],
        _marked(_quality(summary.metrics), (_first(summary.metrics) or "") in summary.corrected),
        _marked(value, VALUE in summary.corrected),
        likely,
        money(valued.made_for, seen.currency) if valued.made_for is not None else NONE,
        f"{cost.seconds / 60:,.1f}" if cost is not None else NONE,
        f"{cost.rows:,}" if cost is not None else NONE,
        size(cost.peak_bytes) if cost is not None else NONE,
        size(valued.size_bytes) if valued.size_bytes is not None else NONE,
        money(seen.each, seen.currency) if seen.each is not None else NONE,
    )


def _today(seen: Beside) -> list[tuple[str, ...]]:
    """Give what is done without a version its rows in the same table."""
    rows: list[tuple[str, ...]] = []
    nothing = (NONE,) * 5
    if seen.rule is not None:
        quality = _quality(seen.rule.metrics)
        rows.append(("the rule", "today", "", quality, *_worth(seen.rule.value, seen.currency), *nothing, NONE))
    if seen.manual is not None:
        manual = seen.manual
        quality = f"agrees {manual.agreement:.0%}" if manual.agreement is not None else NONE
        each = money(manual.cost_per_case, seen.currency) if manual.cost_per_case is not None else NONE
        rows.append(("people", "today", "", quality, NONE, NONE, *nothing, each))
    return rows


def _pays(seen: Beside) -> list[str]:
    """Say how soon the live version, or the newest, has earned what it cost to make."""
    told = next((each for each in seen.versions if each.status == "live"), seen.versions[-1])
    if told.pays_after is None:
        return []
    cost = money(told.made_for, seen.currency)
    name, after = told.summary.version, f"{told.pays_after:,}"
    return ["", f"{name} cost {cost} to make; beside today's rule it earns that back in {after} decisions."]


def _late(seen: Beside) -> list[str]:
    if seen.time_box is None or not seen.time_box.is_missed:
        return []
    told = "the time box is over and nothing is live: deploy the simplest version that passes its gates"
    return [f"{verdict('warn')}  {told}, or move time_box in mainstay.toml and say why."]


def _next(seen: Beside) -> str:
    """Bring the newest version that is worth it nearer to live; else what would make one, or a look at the newest."""
    life = seen.life
    able = [each for each in seen.versions if each.status == "ready" or _awaits_exam(each)]
    worth = [each.version for each in able if not instead_of_deploying(each.summary)]
    if life.live is None and worth:
        return toward_deploying(f"{life.model}/{worth[-1].number}", worth[-1])
    if life.live is None and able:
        return f"{life.model}/{able[-1].version.number}: {instead_of_deploying(able[-1].summary)}"
    newest = f"{life.model}/{life.versions[-1].number}"
    is_new = bool(worth) and worth[-1] is life.versions[-1] and not worth[-1].is_examined
    return f"mainstay {'check' if is_new else 'report'} {newest}"


def _awaits_exam(each: Valued) -> bool:
    return each.status == "held" and each.version.awaits_exam


def _marks(seen: Beside) -> str:
    """Say what the mark before a number means, where there is one."""
    told = [each.summary for each in seen.versions if {VALUE, _first(each.summary.metrics)} & {*each.summary.corrected}]
    return f"{SAME} told as the best answer so far, from which it differs by no more than luck." if told else ""


def _filled(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Leave out the columns that say nothing of any row."""
    kept = [i for i in range(len(headings)) if any(row[i] not in (NONE, "") for row in rows)]
    return tuple(headings[i] for i in kept), [tuple(row[i] for i in kept) for row in rows]


def size(n_bytes: int) -> str:
    """Write a number of bytes.

    >>> size(812), size(26_600_000), size(3_400_000_000)
    ('812 B', '26.6 MB', '3.40 GB')
    """
    if n_bytes < 1000:
        return f"{n_bytes} B"
    number, unit = next((n_bytes / by, unit) for by, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if n_bytes >= by)
    return f"{number:.3g} {unit}" if number >= 100 else f"{number:.{1 if number >= 10 else 2}f} {unit}"


def _heading(seen: Beside) -> str:
    """The name of the metric that stands for a version of this task."""
    names = [name for each in reversed(seen.versions) if (name := _first(each.summary.metrics))]
    return dict(QUALITIES)[names[0]] if names else "quality"


def _first(metrics: dict[str, Estimate]) -> str | None:
    """The metric that stands for a version: ranking of two outcomes, variance of amounts, accuracy of classes."""
    return next((name for name, _ in QUALITIES if name in metrics), None)


def _quality(metrics: dict[str, Estimate]) -> str:
    name = _first(metrics)
    return f"{metrics[name].value:.3f}" if name is not None else NONE


def _quality_json(metrics: dict[str, Estimate]) -> dict[str, Any] | None:
    name = _first(metrics)
    return None if name is None else {"metric": name, **_plain(metrics[name])}


def _marked(text: str, is_corrected: bool) -> str:
    return f"{SAME} {text}" if is_corrected else text


def _worth(value: Estimate | None, currency: str) -> tuple[str, str]:
    return (money(value.value, currency), between(value.low, value.high)) if value is not None else (NONE, NONE)


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
