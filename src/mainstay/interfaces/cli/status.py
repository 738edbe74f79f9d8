"""`mainstay status`: what is live, what it is worth, what is wrong and what is waited for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from mainstay.domain.evaluation import Summary
from mainstay.domain.finding import signal_json
from mainstay.domain.moments import iso
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.estimates import estimate_lines, estimates_json
from mainstay.interfaces.cli.show import answer, between, money, next_step, print_json, signal_lines
from mainstay.interfaces.cli.time_box import time_box_json, time_box_lines
from mainstay.interfaces.cli.worth import worth_words
from mainstay.workflows.place import moment
from mainstay.workflows.status import Realised, Shadowed, Status, Traffic, statuses

NOTHING_TO_DO = "mainstay watch, to look again now."


@click.command()
@options.at
@options.model
@options.project
@options.as_json
def status(at_text: str | None, model_name: str | None, project: str, as_json: bool) -> None:
    """Say what is live, what it is worth and what is waited for."""
    at = moment(at_text)
    seen = statuses(Path(project), model_name, at=at)
    if as_json:
        print_json({"at": iso(at), "models": [status_json(each) for each in seen]})
        return
    for number, each in enumerate(seen):
        answer(("\n" if number else "") + "\n".join(_lines(each)))
    next_step(next((wait.remedy for each in seen for wait in each.waiting if wait.remedy), NOTHING_TO_DO))


def status_json(seen: Status) -> dict[str, Any]:
    """Return a model's status as JSON."""
    life, worth, box = seen.life, seen.worth, seen.time_box
    live = None
    if life.live is not None:
        live = {"version": f"{life.model}/{life.live}", "since": life.live_since, "by": life.live_by}
    return {
        "model": life.model,
        "live": live,
        "value": worth and _value_json(worth, seen.realised),
        "estimates": estimates_json(seen.estimates),
        "shadow": seen.shadow and _shadow_json(life.model, seen.shadow),
        "traffic": _traffic_json(seen.traffic),
        "signals": [signal_json(signal) for signal in seen.signals],
        "waiting": [{"code": w.code, "n": w.n, "because": w.because, "remedy": w.remedy} for w in seen.waiting],
        "time_box": box and time_box_json(box),
    }


def _value_json(worth: Summary, realised: Realised | None) -> dict[str, Any]:
    return {
        "version": worth.version,
        "currency": worth.currency,
        "threshold": worth.threshold,
        "per_decision": msgspec.to_builtins(worth.value),
        "realised": realised and {**msgspec.to_builtins(realised.value), "decisions": realised.rows},
    }


def _shadow_json(model: str, shadow: Shadowed) -> dict[str, Any]:
    return {
        "version": f"{model}/{shadow.version}",
        "since": shadow.since,
        "scored": shadow.scored,
        "failed": shadow.failed,
        "waiting": shadow.waiting,
        "agreeing": shadow.agreeing,
    }


def _traffic_json(traffic: Traffic) -> dict[str, Any]:
    return {
        "decisions": traffic.decisions,
        "last_at": traffic.last_at and iso(traffic.last_at),
        "outcomes_due": traffic.due,
        "outcomes_missing": traffic.missing,
        "outcomes_early": traffic.early,
        "next_due_at": traffic.next_due_at and iso(traffic.next_due_at),
        "unwatched": traffic.unseen,
        "spooled": traffic.spooled.rows,
    }


def _lines(seen: Status) -> list[str]:
    lines = [
        _live(seen),
        *_worth(seen),
        *_realised(seen),
        *estimate_lines(seen.estimates),
        *_traffic(seen),
        *_shadow(seen),
        *time_box_lines(seen.time_box),
    ]
    if seen.signals:
        more = ", the worst first" if len(seen.signals) > 1 else ""
        lines += ["", f"{len(seen.signals)} open signal{'s' * (len(seen.signals) != 1)}{more}:"]
        lines += signal_lines(seen.signals)[1:]
    else:
        lines.append("No open signal.")
    if seen.waiting:
        lines += ["", "Waited for:"]
        lines += [
            line for w in seen.waiting for line in (f"  {w.because}", *([f"    → {w.remedy}"] if w.remedy else []))
        ]
    return lines


def _live(seen: Status) -> str:
    life = seen.life
    if life.live is None:
        return f"No version of {life.model} is live."
    since = (life.live_since or "")[:16].replace("T", " ")
    return f"{life.model}/{life.live} is live, since {since} UTC, by {life.live_by}."


def _worth(seen: Status) -> list[str]:
    worth = seen.worth
    if worth is None or worth.value is None:
        return []
    verb = "is" if seen.life.live is not None else "would be"
    rows = f"{worth.rows.get('holdout', 0):,} rows it had never seen"
    return [f"{worth.version} {verb} worth {worth_words(worth)}; as trained, on {rows}."]


def _realised(seen: Status) -> list[str]:
    if seen.realised is None or seen.worth is None:
        return []
    value, rows = seen.realised.value, seen.realised.rows
    likely = f"likely {between(value.low, value.high)}; of {rows:,} decisions whose outcome is known"
    return [f"It has earned {money(value.value, seen.worth.currency)} a decision ({likely})."]


def _traffic(seen: Status) -> list[str]:
    traffic = seen.traffic
    if not traffic.decisions or traffic.last_at is None:
        return []
    return [f"{traffic.decisions:,} decisions so far, the last at {traffic.last_at:%Y-%m-%d %H:%M} UTC."]


def _shadow(seen: Status) -> list[str]:
    shadow = seen.shadow
    if shadow is None:
        return []
    since, waiting = shadow.since[:16].replace("T", " "), f", {shadow.waiting:,} wait" if shadow.waiting else ""
    said = [f"{shadow.scored:,} decisions scored{waiting}"]
    if shadow.agreeing is not None:
        said.append(f"it decides {shadow.agreeing:.1%} as the live version did")
    if shadow.failed:
        said.append(f"it failed on {shadow.failed:,}")
    return [f"{seen.life.model}/{shadow.version} is the shadow, since {since} UTC: {'; '.join(said)}."]
