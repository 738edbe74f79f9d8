"""The busy endpoints: decisions, outcomes and actions, from a body's bytes to a reply."""

from __future__ import annotations

from typing import Any

from mainstay.domain.errors import MainstayError, NotFound, StoreError
from mainstay.interfaces.http.measures import Measures
from mainstay.interfaces.http.reply import Reply, json_reply, problem
from mainstay.interfaces.http.request import RETRY, Sent
from mainstay.workflows.serve import (
    ID_CONFLICT,
    NO_ANSWER,
    Decided,
    Desk,
    Intake,
    NotServed,
    OtherVersion,
    Posted,
    Unacceptable,
    answer_posted,
    explain,
    tell_actions,
    tell_outcomes,
)

NOTHING_ANSWERED = {409: "id-conflict", 422: "no-row-answered", 503: "model-failed"}
NOTHING_TAKEN = "nothing-taken"


def decide(desk: Desk, measures: Measures, sent: Sent) -> Reply:
    """Answer `POST /v1/models/{name}/decide`: 200 where at least one row was answered."""
    posted = Posted(sent.body, sent.form, sent.wishes)
    decided = answer_posted(desk, sent.target.model, posted, key=sent.key, started_us=sent.started_us)
    return _decided(measures, sent, decided)


def explained(desk: Desk, measures: Measures, sent: Sent) -> Reply:
    """Answer `POST /v1/models/{name}/explain`: as `decide`, with reasons, and nothing is kept."""
    posted = Posted(sent.body, sent.form, sent.wishes)
    decided = explain(desk, sent.target.model, posted, key=sent.key, started_us=sent.started_us)
    return _decided(measures, sent, decided)


def outcomes(desk: Desk, measures: Measures, sent: Sent) -> Reply:
    """Answer `POST /v1/models/{name}/outcomes`: 200 where at least one outcome was taken."""
    return _told(measures, sent, tell_outcomes(desk, sent.target.model, sent.body, key=sent.key))


def actions(desk: Desk, measures: Measures, sent: Sent) -> Reply:
    """Answer `POST /v1/models/{name}/actions`: 200 where at least one action was taken."""
    return _told(measures, sent, tell_actions(desk, sent.target.model, sent.body, key=sent.key))


def error_reply(error: MainstayError, measures: Measures) -> Reply:
    """Return the reply for an error that is known: what the caller sent, what is not there, or a disk that is full."""
    if isinstance(error, OtherVersion):
        told = {"code": error.code, "what": error.what, "remedy": error.remedy}
        return json_reply(error.status, {"version": error.version, "error": told})
    if isinstance(error, Unacceptable):
        return problem(error.status, error.code, error.what, remedy=error.remedy)
    if isinstance(error, NotFound):
        return problem(404, "unknown-model", error.what, remedy=error.remedy)
    if isinstance(error, NotServed):
        return problem(503, "not-deployed", error.what, remedy=error.remedy, headers=RETRY)
    if isinstance(error, StoreError):
        measures.spool_failures.inc()
        return problem(503, "not-journalled", error.what, remedy="Nothing was answered. Try again.", headers=RETRY)
    return problem(422, "refused", error.what, remedy=error.remedy)


def _decided(measures: Measures, sent: Sent, decided: Decided) -> Reply:
    model = sent.target.model
    measures.count_decided(model, decided)
    document: dict[str, Any] = {"model": model, "version": decided.version, "decisions": decided.entries}
    if decided.dry_run:
        document["dry_run"] = True
    status = status_of(decided)
    if status != 200:
        document["error"] = {
            "code": NOTHING_ANSWERED[status],
            "what": f"none of {len(decided.entries)} rows could be answered",
            "remedy": "Each entry of decisions says what came, what is wanted, and an example.",
        }
    return json_reply(status, document)


def status_of(decided: Decided) -> int:
    """Return the status that tells what became of a request's rows."""
    if decided.n_answered:
        return 200
    if decided.codes == {NO_ANSWER}:
        return 503
    return 409 if decided.codes == {ID_CONFLICT} else 422


def _told(measures: Measures, sent: Sent, intake: Intake[Any]) -> Reply:
    model, what = sent.target.model, sent.target.endpoint
    measures.told.labels(model, what).inc(len(intake.taken))
    document: dict[str, Any] = {
        "model": model,
        "accepted": len(intake.taken),
        "refused": len(intake.faults),
        "errors": intake.faults,
        "warnings": [{"row": row, "field": w.field, "code": w.code, "got": w.got} for row, w in intake.warnings],
    }
    if intake.taken:
        return json_reply(200, document)
    document["error"] = {
        "code": NOTHING_TAKEN,
        "what": f"none of {intake.n} {what} could be taken",
        "remedy": "Each entry of errors says what came and what is wanted.",
    }
    return json_reply(422, document)
