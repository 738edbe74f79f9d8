"""Deciding: rows in, one entry per row out, in order, with everything that has to be journalled before they leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from mainstay.domain.traffic import AsItCame, Decision, InputFault, Kept, Warned
from mainstay.serving.admission import Manner
from mainstay.serving.answer import NO_ANSWER, Answer, Entry, Failed, again, refusal
from mainstay.serving.assignment import CHAMPION, CONTROL, FALLBACK
from mainstay.serving.body import DecideBody, Unacceptable
from mainstay.serving.call import Call, Pending, Round, Slot, Twin, take
from mainstay.serving.explain import require_few, with_reasons
from mainstay.serving.identity import ENTROPY_PER_ID, make_ids
from mainstay.serving.quick import SHORT
from mainstay.serving.repeats import Earlier, Given
from mainstay.serving.said import NOTHING, Said, fallen_back, ruled, said_of, shown
from mainstay.serving.seen import Seen
from mainstay.serving.service import Service
from mainstay.serving.telling import tell

FELL_BACK = Warned("", FALLBACK, None, None)
MAX_FAULT_KINDS = 100  # of one request, the most frequent first: callers must not make the journal grow at will
LOOK_EVERY = 128  # rows between looks at the clock
SECOND_US = 1_000_000
TOO_SLOW = "too-slow"
NO_FALLBACK = "a model that can score this row; the brief names no [decision] fallback"


class Decided(msgspec.Struct, frozen=True, gc=False):
    """Entries in the order of the rows, and what has to be journalled before they leave.

    `given` are new answers to callers' own ids, to be remembered once they are journalled. `faults` count what was
    unexpected, without any value of a caller's.
    """

    version: int
    entries: tuple[Entry, ...]
    decisions: tuple[Kept, ...]
    given: tuple[tuple[str, Given], ...]
    faults: tuple[InputFault, ...]
    dry_run: bool = False

    @property
    def n_answered(self) -> int:
        """How many rows were answered."""
        return sum(isinstance(entry, Answer) for entry in self.entries)

    @property
    def codes(self) -> set[str]:
        """Codes of the rows that were not answered."""
        return {entry.error.code for entry in self.entries if isinstance(entry, Failed)}


def decide(service: Service, body: DecideBody, call: Call, repeats: Earlier) -> Decided:
    """Decide as `decide_in_full`, and return what callers are told: warnings with hints, in proportion to the rows."""
    decided = decide_in_full(service, body, call, repeats)
    told = tell(decided.entries, service.index)
    return decided if told is decided.entries else msgspec.structs.replace(decided, entries=told)


def decide_in_full(service: Service, body: DecideBody, call: Call, repeats: Earlier) -> Decided:
    """Decide every row that can be decided; one bad row never takes others with it.

    A repeat (the same id and the same row, lately) gets the answer it got before and is not journalled again; the same
    id with another row is an `id-conflict`. The control gets today's rule; the model's score is worked out and
    journalled too.
    """
    require_few(body)
    slots = _taken(_round(service, body, call, repeats), body)
    pending = [slot for slot in slots if isinstance(slot, Pending)]
    seen = Seen(service.index.order, [each.values for each in pending])
    told = said_of(service, seen) if pending else []
    made = _entries(service, pending, told, seen)
    entries = tuple(made) if len(made) == len(slots) else _in_order(slots, pending, made, version=service.version)
    if body.explain or service.words.decision.explain:
        used = {each.number: seen.row(place) for place, each in enumerate(pending)}
        entries = with_reasons(service, body, entries, used)
    triples = [(each, what, it) for each, what, it in zip(pending, told, made, strict=True) if isinstance(it, Answer)]
    return Decided(
        version=service.version,
        entries=entries,
        decisions=_decisions(service, triples, call),
        given=tuple([(e.id, Given(e.digest, service.version, answer)) for e, _, answer in triples if not e.own_id]),
        faults=_faults(entries, service.version, call),
    )


def tried(decided: Decided) -> Decided:
    """Return what was decided as a dry run: nothing of it is to be kept, and no id was made."""
    made = {decision.id for decision in decided.decisions if decision.own_id}
    entries = tuple(
        msgspec.structs.replace(entry, id=None) if isinstance(entry, Answer) and entry.id in made else entry
        for entry in decided.entries
    )
    return msgspec.structs.replace(decided, entries=entries, decisions=(), given=(), faults=(), dry_run=True)


def _round(service: Service, body: DecideBody, call: Call, repeats: Earlier) -> Round:
    words, n_rows = service.words.decision, len(body.rows)
    has_control = service.rule is not None or not (service.several or service.foretells_amounts)
    return Round(
        service=service,
        call=call,
        manner=Manner(strict=body.strict or words.strict, limits=call.limits),
        repeats=repeats,
        taken={},
        made=make_ids(call.at_us, n_rows, call.entropy(ENTROPY_PER_ID * n_rows)),
        quick=service.quick if call.limits.text_characters >= SHORT else None,
        control_share=words.control_share if has_control else 0.0,  # without a rule there is nothing else to decide
    )


def _in_order(
    slots: Sequence[Slot], pending: Sequence[Pending], made: Sequence[Entry], *, version: int
) -> tuple[Entry, ...]:
    by_number = {each.number: entry for each, entry in zip(pending, made, strict=True)}
    return tuple(_entry(slot, by_number, version) for slot in slots)


def _taken(this: Round, body: DecideBody) -> list[Slot]:
    """Take every row as far as it goes without the model; raises `Unacceptable` where that takes too long."""
    call, rows, ids = this.call, body.rows, body.ids
    if len(rows) <= LOOK_EVERY:
        return take(this, rows, ids, 0)
    ends_us = call.clock_us() + int(call.limits.answer_s * SECOND_US)
    slots: list[Slot] = []
    for first in range(0, len(rows), LOOK_EVERY):
        if call.clock_us() > ends_us:
            what = f"the rows take more than {call.limits.answer_s:g} seconds to read"
            raise Unacceptable(TOO_SLOW, what, remedy="Send fewer rows at once, in several requests.", status=413)
        here = slice(first, first + LOOK_EVERY)
        slots += take(this, rows[here], None if ids is None else ids[here], first)
    return slots


def _entry(slot: Slot, made: dict[int, Entry], version: int) -> Entry:
    if isinstance(slot, Pending):
        return made[slot.number]
    if isinstance(slot, Twin):
        first = made[slot.of]
        return again(first, version) if isinstance(first, Answer) else first
    return slot


def _entries(service: Service, pending: Sequence[Pending], told: Sequence[Said], seen: Seen) -> Sequence[Entry]:
    needs_rule = [i for i, what in enumerate(told) if what is NOTHING or pending[i].arm.name == CONTROL]
    if not needs_rule:
        return _by_model(service, pending, told)
    some = Seen(seen.names, [seen.rows[i] for i in needs_rule])
    by_rule = dict(zip(needs_rule, ruled(service, some), strict=True))
    return [_answer(service, each, told[i], by_rule.get(i, NOTHING)) for i, each in enumerate(pending)]


def _by_model(service: Service, pending: Sequence[Pending], told: Sequence[Said]) -> list[Answer]:
    """Answer rows of which none needs anything but what the model says."""
    scores = [shown(service, what) for what in told] if service.several else [what.score for what in told]
    threshold = service.plan.threshold
    return [
        Answer(each.id, score, threshold, what.decision, CHAMPION, each.warnings)
        for each, score, what in zip(pending, scores, told, strict=True)
    ]


def _answer(service: Service, each: Pending, what: Said, by_rule: Said) -> Entry:
    arm, warnings = each.arm.name, each.warnings
    answered, score = what, shown(service, what) if what.scores else what.score
    if arm == CONTROL and by_rule is not NOTHING:  # today's rule needs no model
        answered = by_rule
    elif what is not NOTHING:
        arm = CHAMPION  # also where today's rule cannot tell: a control that is told nothing would teach nothing
    elif (fallback := fallen_back(service, by_rule)) is not NOTHING:
        answered, arm, warnings = fallback, FALLBACK, (*warnings, FELL_BACK)
    else:
        return refusal(each.number, NO_ANSWER, got=None, wanted=NO_FALLBACK, own_id=None if each.own_id else each.id)
    if service.foretells_amounts:
        score = answered.score  # the amount is what callers act on
    decision, threshold = answered.decision, service.plan.threshold
    return Answer(id=each.id, score=score, threshold=threshold, decision=decision, arm=arm, warnings=warnings)


def _decisions(
    service: Service, answered: Sequence[tuple[Pending, Said, Answer]], call: Call
) -> tuple[Decision | AsItCame, ...]:
    """Return what is journalled. By place, not by name: by name it takes a request of many rows a tenth longer."""
    key, at_us, version, amounts = call.key, call.at_us, service.version, service.foretells_amounts
    latency_us = call.clock_us() - call.started_us
    return tuple(
        [
            (AsItCame if each.used is None else Decision)(
                each.id,
                key,
                each.own_id,
                each.digest,
                at_us,
                version,
                answer.arm,
                each.arm.share,
                what.score,
                answer.threshold,
                answer.decision,
                answer.warnings,
                str(each.received, "utf-8"),
                each.entity,
                latency_us,
                each.received if each.used is None else each.used,  # type: ignore[arg-type]  # each takes its own
                what.scores,
                _other(what, answer) if amounts else None,
            )
            for each, what, answer in answered
        ]
    )


def _other(what: Said, answer: Answer) -> float | None:
    """The amount that was answered in place of the model's own."""
    return answer.score if isinstance(answer.score, float) and answer.score != what.score else None


def _faults(entries: Sequence[Entry], version: int, call: Call) -> tuple[InputFault, ...]:
    odd = [kind for entry in entries if not isinstance(entry, Answer) or entry.warnings for kind in _kinds(entry)]
    if not odd:
        return ()
    kinds = Counter(odd)
    return tuple(
        InputFault(at_us=call.at_us, key=call.key, version=version, field=field, code=code, n=n, refused=refused)
        for (field, code, refused), n in kinds.most_common(MAX_FAULT_KINDS)
    )


def _kinds(entry: Entry) -> list[tuple[str, str, bool]]:
    if isinstance(entry, Answer):
        repeated = entry.repeated  # what was odd about it was counted the first time
        return [] if repeated else [(warned.field, warned.code, False) for warned in entry.warnings]
    first = (entry.error.field or "", entry.error.code, True)
    return [first, *[(fault.field or "", fault.code, True) for fault in entry.error.also]]
