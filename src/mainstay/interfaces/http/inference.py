"""The busy endpoints of other protocols: the Open Inference Protocol's infer, MLflow's invocations."""

from __future__ import annotations

from mainstay.interfaces.http.measures import Measures
from mainstay.interfaces.http.reply import Reply, json_reply, problem
from mainstay.interfaces.http.request import Sent
from mainstay.interfaces.http.traffic import NOTHING_ANSWERED, status_of
from mainstay.workflows.infer import infer, invoke, nothing_inferred, served_version, the_only
from mainstay.workflows.serve import Decided, Desk, Posted, served

LENGTH = b"inference-header-content-length"
MODEL = "model"  # of several models, which: /invocations?model=NAME
OCTETS = b"application/octet-stream"


def inference(desk: Desk, measures: Measures, sent: Sent) -> Reply:
    """Answer `POST /v2/models/{name}/infer`, also of a version: 200 where at least one row was answered."""
    model = sent.target.model
    service = served_version(desk, model, sent.target.version)
    inferred = infer(
        desk, service, sent.body, json_length=sent.head.json_length, key=sent.key, started_us=sent.started_us
    )
    measures.count_decided(model, inferred.decided)
    reply = _nothing(inferred.decided) or json_reply(200, inferred.document)
    if inferred.behind is None or reply.status != 200:
        return reply
    length = str(len(reply.body)).encode()
    return Reply(200, reply.body + inferred.behind, ((LENGTH, length),), kind=OCTETS)


def invocations(desk: Desk, measures: Measures, sent: Sent) -> Reply:
    """Answer MLflow's `POST /invocations`: one prediction for each row, which is its whole entry."""
    model = sent.target.model or the_only(desk)
    wishes = {name: wish for name, wish in sent.wishes.items() if name != MODEL}
    posted = Posted(sent.body, sent.form, wishes)
    decided = invoke(desk, served(desk, model), posted, key=sent.key, started_us=sent.started_us)
    measures.count_decided(model, decided)
    return _nothing(decided) or json_reply(200, {"predictions": decided.entries})


def _nothing(decided: Decided) -> Reply | None:
    status = status_of(decided)
    if status == 200:
        return None
    what = nothing_inferred(decided)
    return problem(status, NOTHING_ANSWERED[status], what, remedy="Mend the rows and send them again.")
