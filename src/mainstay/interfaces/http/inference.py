"""The Open Inference Protocol (v2) over HTTP: inference here, what is quiet of it in `pages`."""

from __future__ import annotations

from mainstay.interfaces.http.measures import Measures
from mainstay.interfaces.http.reply import Reply, json_reply, problem
from mainstay.interfaces.http.request import Sent
from mainstay.interfaces.http.traffic import NOTHING_ANSWERED, status_of
from mainstay.workflows.infer import infer, nothing_inferred, served_version
from mainstay.workflows.serve import Desk

LENGTH = b"inference-header-content-length"
OCTETS = b"application/octet-stream"


def inference(desk: Desk, measures: Measures, sent: Sent) -> Reply:
    """Answer `POST /v2/models/{name}/infer`, also of a version: 200 where at least one row was answered."""
    model = sent.target.model
    service = served_version(desk, model, sent.target.version)
    inferred = infer(
        desk, service, sent.body, json_length=sent.head.json_length, key=sent.key, started_us=sent.started_us
    )
    measures.count_decided(model, inferred.decided)
    status = status_of(inferred.decided)
    if status != 200:
        what = nothing_inferred(inferred.decided)
        return problem(status, NOTHING_ANSWERED[status], what, remedy="Mend the rows and send them again.")
    reply = json_reply(200, inferred.document)
    if inferred.behind is None:
        return reply
    length = str(len(reply.body)).encode()
    return Reply(200, reply.body + inferred.behind, ((LENGTH, length),), kind=OCTETS)
