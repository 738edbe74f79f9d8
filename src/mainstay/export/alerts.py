"""Rules for Prometheus to begin with: what of the service and of its watch somebody should be woken for, or look at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

HEAD = "# Rules for Prometheus, written by mainstay export --alerts; the thresholds are yours."


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert: when it is raised, how long that must hold, how grave it is, and what to do."""

    name: str
    expr: str
    severity: str
    summary: str
    lasts: str = "0m"


RULES = (
    Rule(
        "MainstayAnswersAreNotKept",
        "increase(mainstay_spool_failures_total[5m]) > 0",
        "critical",
        "Requests are refused because what they would be told cannot be kept: mainstay doctor",
    ),
    Rule(
        "MainstayJournalLags",
        "sum by (model) (increase(mainstay_decisions_total[15m])) > 0 "
        "and on (model) max by (model) (mainstay_journal_age_seconds) > 900",
        "warning",
        "Decisions of {{ $labels.model }} do not reach the journal: mainstay doctor",
    ),
    Rule(
        "MainstayLiveVersionDoesNotAnswer",
        "mainstay_route_problem > 0",
        "critical",
        "The live version of {{ $labels.model }} cannot answer; the one before it does, if there is one.",
        lasts="1m",
    ),
    Rule(
        "MainstayLedgerIsAway",
        "mainstay_ledger_problem > 0",
        "critical",
        "Workers cannot follow the ledger: they answer as they last read it.",
        lasts="1m",
    ),
    Rule(
        "MainstayModelFails",
        'sum by (model) (rate(mainstay_decisions_total{arm="fallback"}[5m])) '
        "> 0.01 * sum by (model) (rate(mainstay_decisions_total[5m]))",
        "critical",
        "The fallback answers more than 1% of the decisions of {{ $labels.model }}.",
    ),
    Rule(
        "MainstayModelRests",
        "mainstay_model_resting > 0",
        "warning",
        "The packed model of {{ $labels.model }} hangs or failed many times: the fallback answers.",
        lasts="5m",
    ),
    Rule(
        "MainstayRowsAreRefused",
        'sum by (model) (rate(mainstay_input_faults_total{refused="true"}[15m])) '
        "> 0.01 * sum by (model) (rate(mainstay_decisions_total[15m]))",
        "warning",
        "Callers of {{ $labels.model }} send what is refused: mainstay signals --inputs",
    ),
    Rule(
        "MainstaySlow",
        "histogram_quantile(0.99, sum by (le) "
        '(rate(mainstay_request_duration_seconds_bucket{endpoint="decide"}[5m]))) > 0.05',
        "warning",
        "One decision in a hundred takes longer than 50 ms.",
        lasts="5m",
    ),
    Rule(
        "MainstayOwnFaults",
        'sum(increase(mainstay_requests_total{status="500"}[5m])) > 0',
        "critical",
        "The service itself failed on a request; its log says where.",
    ),
    Rule(
        "MainstayCallerIsLockedOut",
        'sum by (key) (increase(mainstay_calls_refused_total{code=~"expired-key|revoked-key"}[15m])) > 0',
        "warning",
        "Somebody calls with the key {{ $labels.key }}, which holds no more: mainstay keys list --all",
    ),
    Rule(
        "MainstaySignalFails",
        'sum by (model, code) (mainstay_open_signals{severity="fail", state="open"}) > 0',
        "critical",
        "{{ $labels.code }} of {{ $labels.model }} fails, and nobody has it in hand: mainstay signals",
    ),
    Rule(
        "MainstaySignalWarns",
        'sum by (model, code) (mainstay_open_signals{severity="warn", state="open"}) > 0',
        "warning",
        "{{ $labels.code }} of {{ $labels.model }} asks for a look: mainstay signals",
    ),
    Rule(
        "MainstayNobodyWatches",
        "min by (model) (mainstay_watch_age_seconds) > 7200",
        "warning",
        "Nobody has looked at {{ $labels.model }} for two hours: mainstay watch --every 5m",
    ),
    Rule(
        "MainstayOutcomesMissing",
        "max by (model) (mainstay_outcomes_came) < 0.5 * max by (model) (mainstay_outcomes_due)",
        "warning",
        "Fewer than half of the outcomes that are due came for {{ $labels.model }}.",
        lasts="1d",
    ),
    Rule(
        "MainstayWorthNothing",
        'max by (model) (mainstay_value_per_decision{kind="realised"}) < 0',
        "critical",
        "Decisions of {{ $labels.model }} cost money: mainstay status, and mainstay rollback if it is to blame",
        lasts="1h",
    ),
    Rule(
        "MainstayNobodyIsTold",
        'max by (model, to) (mainstay_notices_waiting{failed="true"}) > 0',
        "warning",
        "{{ $labels.to }} does not take messages about {{ $labels.model }}: mainstay notify --test",
        lasts="30m",
    ),
)


def alert_rules() -> str:
    """Return the rules as a file for Prometheus's `rule_files` (YAML)."""
    return "\n".join([HEAD, "groups:", "  - name: mainstay", "    rules:", *_lines()]) + "\n"


def _lines() -> Iterator[str]:
    for rule in RULES:
        yield f"      - alert: {rule.name}"
        yield f"        expr: {json.dumps(rule.expr)}"  # a text in quotes says the same in JSON and in YAML
        if rule.lasts != "0m":
            yield f"        for: {rule.lasts}"
        yield f"        labels: {{severity: {rule.severity}}}"
        yield "        annotations:"
        yield f"          summary: {json.dumps(rule.summary)}"
