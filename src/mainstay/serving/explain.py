"""Reasons with an answer, in the brief's words: the fields that moved the raw score most, and how the score follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import msgspec
import numpy as np

from mainstay.serving.admission import Admitted, admit
from mainstay.serving.answer import Answer, Entry
from mainstay.serving.assignment import CONTROL, FALLBACK
from mainstay.serving.body import TOO_MANY, DecideBody, Explain, Unacceptable
from mainstay.serving.follows import follows, unit_of
from mainstay.serving.otherwise import otherwise
from mainstay.serving.packed_score import PackedScorer
from mainstay.serving.plan_inputs import FloatArray
from mainstay.serving.reasons import Parts
from mainstay.serving.row import read_row
from mainstay.serving.row_inputs import Used
from mainstay.serving.service import Service
from mainstay.serving.why import Reason, Reasons
from mainstay.serving.wording import shown_value

RAISES, LOWERS, MOVES_NOTHING = "raises", "lowers", "moves nothing"

MOST_EXPLAINED = 100  # rows of one request: a worker answers nobody else meanwhile
MOST_SEARCHED = 10  # of those for which a change is searched


def with_reasons(
    service: Service, body: DecideBody, entries: Sequence[Entry], used: Mapping[int, Used]
) -> tuple[Entry, ...]:
    """Return entries with the reasons that a caller, or else the brief, asks for; raises `Unacceptable` for too many.

    `used` holds the used rows that were decided just now, by number. Where the brief alone asks, the first rows of a
    large request have reasons.
    """
    ask = _asked(service, body)
    if ask is None:
        return tuple(entries)
    most = MOST_SEARCHED if ask.instead else MOST_EXPLAINED
    answers = {n: entry for n, entry in enumerate(entries) if isinstance(entry, Answer)}
    told = dict(islice(answers.items(), most))
    why_not = {n: because for n, entry in told.items() if (because := _none_of(service, entry))}
    rows = {n: used[n] if n in used else _read_again(service, body, n) for n in told if n not in why_not}
    found = reasons_of(service, list(rows.values()), [told[n].decision for n in rows], top=ask.top)
    reasons = {n: Reasons(none_because=because) for n, because in why_not.items()} | dict(zip(rows, found, strict=True))
    searched = {n: otherwise(service, row, told[n].decision) for n, row in rows.items()} if ask.instead else {}
    return tuple(
        msgspec.structs.replace(told[n], reasons=reasons[n], instead=searched.get(n)) if n in told else entry
        for n, entry in enumerate(entries)
    )


def require_few(body: DecideBody) -> None:
    """Refuse a request that asks for more reasons than a worker should be held for; raises `Unacceptable`."""
    ask = body.explain
    if not ask:
        return
    searches = isinstance(ask, Explain) and ask.instead
    most = MOST_SEARCHED if searches else MOST_EXPLAINED
    if len(body.rows) > most:
        what = f"{len(body.rows):,} rows with {'what would change them' if searches else 'reasons'} at once"
        raise Unacceptable(TOO_MANY, what, remedy=f"Ask for at most {most} rows so, in several requests.", status=413)


def _asked(service: Service, body: DecideBody) -> Explain | None:
    ask = service.words.decision.explain if body.explain is None else body.explain
    return ask if isinstance(ask, Explain) else Explain() if ask else None


def _none_of(service: Service, answer: Answer) -> str:
    """Return why an answer has no reasons of the model that answers; empty where it may have."""
    if answer.version not in (None, service.version):
        return f"version {answer.version} gave this answer; another is live now"
    if answer.arm == CONTROL:
        return f"today's rule decided, not the model: {service.rule or 'the same for everyone'}"
    return "the model failed, and the brief's fallback answered" if answer.arm == FALLBACK else ""


def _read_again(service: Service, body: DecideBody, number: int) -> Used:
    """Read a row whose answer was given before: it was admitted then."""
    row, _ = read_row(bytes(body.rows[number]))
    admitted = admit(row, service.index, number=number)
    return admitted.used if isinstance(admitted, Admitted) else {}


def reasons_of(service: Service, rows: Sequence[Used], decisions: Sequence[str | None], *, top: int) -> list[Reasons]:
    """Return the reasons of used rows, in order; of several classes those of the class decided, or of the likeliest."""
    explainer, scorer = service.explainer, service.scorer
    if explainer is None or isinstance(scorer, PackedScorer) or not rows:
        return [Reasons(none_because=service.unexplained)] * len(rows)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    raws = scorer.raws(columns).reshape(len(rows), -1)
    usual = explainer.usual()
    usual_scores = scorer.of_raws(usual[None] if service.several else usual).ravel()
    outputs = _outputs(service, raws, decisions)
    found: dict[int, Reasons] = {}
    for output in sorted(set(outputs)):
        places = [place for place, each in enumerate(outputs) if each == output]
        some = {name: [column[place] for place in places] for name, column in columns.items()}
        parts = explainer.parts(some, len(places), output=output)
        for place, each in zip(places, parts.parts, strict=True):
            reasons = _top(service, rows[place], parts, each, top)
            raw, told = float(raws[place, output]), sum(reason.contribution for reason in reasons)
            found[place] = Reasons(
                unit=unit_of(service.plan),
                usual=parts.usual,
                top=reasons,
                others=raw - parts.usual - told,
                raw=raw,
                usual_score=float(usual_scores[output]),
                follows=follows(service.plan),
                of=service.plan.classes[output] if service.several else None,
            )
    return [found[place] for place in range(len(rows))]


def _top(service: Service, used: Used, parts: Parts, contributions: FloatArray, top: int) -> tuple[Reason, ...]:
    order = np.argsort(-np.abs(contributions), kind="stable")[:top].tolist()
    return tuple(_reason(service, used, parts.fields[place], float(contributions[place])) for place in order)


def _reason(service: Service, used: Used, names: tuple[str, ...], contribution: float) -> Reason:
    fields = [service.schema.field(name) for name in names]
    meaning = " and ".join(field.meaning or field.name for field in fields)
    values = tuple(shown_value(field, used.get(field.name)) for field in fields)
    direction = RAISES if contribution > 0 else LOWERS if contribution < 0 else MOVES_NOTHING
    return Reason(names, meaning, values, contribution, direction)


def _outputs(service: Service, raws: FloatArray, decisions: Sequence[str | None]) -> list[int]:
    """Return which class is explained in each row: the one decided where a class is decided, else the likeliest."""
    classes = service.plan.classes
    likeliest: list[int] = np.argmax(raws, axis=1).tolist()
    if not service.several or service.plan.payoffs:
        return likeliest
    pairs = zip(decisions, likeliest, strict=True)
    return [classes.index(decision) if decision in classes else best for decision, best in pairs]
