"""A report as a Markdown model card: what Hugging Face reads on top, then what the page says, in words and tables."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Summary
from mainstay.domain.finding import Verdict
from mainstay.domain.task import Task
from mainstay.report.answer import SHAPES
from mainstay.report.cells import Table
from mainstay.report.checked import SectionShown, Shown
from mainstay.report.gallery import found_in
from mainstay.report.markdown import listed, plain, table_of
from mainstay.report.metrics import SAYS, name_of
from mainstay.report.words import day, sentence

TASKS = {  # the tasks that Hugging Face knows
    Task.BINARY: "tabular-classification",
    Task.MULTICLASS: "tabular-classification",
    Task.REGRESSION: "tabular-regression",
}
TABLES = (  # of what is told, in the order of the page
    ("Lift", "lift_table"),
    ("Thresholds", "threshold_table"),
    ("Foretold and real", "foretold_table"),
    ("Too high, too low", "misses_table"),
    ("Right and wrong", "confusion"),
    ("Decided and real", "confusion_table"),
    ("What is decided", "decided_table"),
    ("Classes", "classes"),
    ("Predicted and real", "reliability_table"),
    ("Candidates", "candidates_table"),
    ("Steps", "steps_table"),
)


def card_of(told: dict[str, Any], summary: Summary) -> str:
    """The card of a version: `told` is what its report tells (see `page.told`)."""
    brief: Brief = told["brief"]
    parts = [front_matter(summary, brief, told["version"]), *_answer(told), *_tables(told), *_checks(told)]
    parts += ["## Metrics", table_of(told["metrics"]), "## For the auditor"]
    parts.append(listed([f"**{plain(term)}**: {plain(text)}" for term, text in told["small_print"]]))
    return "\n\n".join(parts) + "\n"


def front_matter(summary: Summary, brief: Brief, version: str) -> str:
    """What a hub reads of a model: licence where it is stated, tags, task, metrics, and each result with its rows."""
    task = TASKS[Task(summary.task)]
    known = {name: found for name, found in summary.metrics.items() if math.isfinite(found.value)}
    ordered = sorted(known, key=lambda name: ((*SAYS, name).index(name), name))
    results = [{"type": name, "name": name_of(name), "value": known[name].value} for name in ordered]
    dataset = {"type": "tabular", "name": _dataset(brief), "split": "holdout", "revision": summary.snapshot}
    about: dict[str, Any] = {
        "license": brief.model.license,
        "library_name": "mainstay",
        "pipeline_tag": task,
        "tags": ["mainstay", "tabular", task],
        "metrics": ordered,
        "model-index": [
            {
                "name": version,
                "results": [{"task": {"type": task}, "dataset": dataset, "metrics": results}] if results else [],
            }
        ],
    }
    lines = [f"{name}: {_yaml(value)}" for name, value in about.items() if value]
    return "\n".join(["---", *lines, "---"])


def _yaml(value: Any) -> str:
    """A value in JSON, all of which is YAML."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def _dataset(brief: Brief) -> str:
    """What the rows are called: the file's own name, never the address of a database or a folder's path."""
    return str(brief.data.source or "").split("?")[0].rstrip("/").rpartition("/")[2] or brief.model.name


def _answer(told: dict[str, Any]) -> Iterator[str]:
    brief, own = told["brief"], told["own"]
    yield f"# {plain(brief.model.name)}"
    by = f", review by {day(brief.model.review_by)}" if brief.model.review_by else ""
    owner = plain(brief.model.owner or "not named")
    yield f"Version {plain(told['version'])}, {day(told['made_at'])}, owner {owner}{by}."
    if brief.model.purpose:
        yield plain(sentence(brief.model.purpose))
    yield f"**{plain(own.sentences[0])}**"
    yield from (plain(each) for each in own.sentences[1:])
    yield f"{SHAPES[Verdict(told['verdict'])]} {plain(told['verdict_sentence'])}"
    yield "## What it decides\n\n" + plain(own.decides)
    yield listed(
        [plain(f"{fact.label}: {fact.says}" + (f" ({fact.likely})" if fact.likely else "")) for fact in own.facts]
    )
    yield "## How sure we are\n\n" + plain(told["how_sure"])
    yield "## What could go wrong\n\n" + plain(told["checks"].says)
    if told["conditions"]:
        yield listed([_condition(finding) for finding in told["conditions"]])
    if told["instead"]:
        yield "## Instead of deploying it\n\n" + plain(sentence(told["instead"]))
    yield f"## What is asked of you\n\n**{told['asked_word']}.** {plain(sentence('; '.join(told['asked'])))}"


def _condition(finding: Any) -> str:
    remedy = f" → {finding.remedy}" if finding.remedy else ""
    return f"{SHAPES[finding.word]} " + plain(sentence(finding.because, finding.subjects) + remedy)


def _tables(told: dict[str, Any]) -> Iterator[str]:
    for heading, name in TABLES:
        made = told.get(name)
        if isinstance(made, Table) and made.rows:
            yield f"## {heading}"
            yield plain(made.caption) + ":"
            yield table_of(made)
    for made in found_in(told.get("drawn"), Table):
        yield f"## {plain(made.caption)}"
        yield table_of(made)


def _checks(told: dict[str, Any]) -> Iterator[str]:
    checks = told["checks"]
    yield "## Checks"
    yield plain(f"Examined on {checks.examined}." if checks.examined else "No exam was taken yet.")
    for part in checks.sections:
        yield f"### {plain(part.title)}"
        yield listed(list(_found(part)))


def _found(part: SectionShown) -> Iterator[str]:
    """What needs a reader in full; what passed in one line."""
    yield from (_shown(each) for each in part.open)
    if part.passed:
        yield f"{SHAPES[Verdict.PASS]} passed: " + plain(", ".join(each.finding.code for each in part.passed))


def _shown(each: Shown) -> str:
    evidence = f" ({each.evidence})" if each.evidence else ""
    codes = ", ".join(f"`{code}`" for code in (each.finding.code, *each.others))
    return f"{_condition(each.finding)}{' ' if evidence else ''}{plain(evidence)} {codes}"
