"""What would have to change for another decision: a search over the fields that a person can change.

Single fields first, over what the schema allows; then pairs, coarsely. What is found is brought as near to the row as
it still decides otherwise, and every value named was scored through the plan that answers. Nothing found means that
nothing was found in what was tried: it is no proof that there is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice, product
from typing import TypeAlias

from mainstay.domain.schema import Field, Kind
from mainstay.domain.traffic import Value
from mainstay.serving.row_inputs import Used
from mainstay.serving.said import said, shown
from mainstay.serving.service import Service
from mainstay.serving.why import Changed, Instead
from mainstay.serving.wording import shown_value

STEPS = 48  # values of a number tried from its lowest to its highest
STEPS_OF_PAIR = 10
MOST_LEVELS = 50
MOST_TRIED = 1_500  # rows scored for one row: some 20 ms of a worker
HALVINGS = 20  # brings a number within a millionth of its range of where the decision turns
LEVEL_APART = 0.5  # changing a level counts as much as half of a number's range

Change: TypeAlias = dict[str, Value]


def otherwise(service: Service, used: Used, decision: str | None) -> Instead:
    """Return a small change to a used row that is decided otherwise, or why there is none."""
    fields = {field.name: field for field in service.schema.fields if _is_actionable(service, field)}
    if decision is None:
        return Instead(none_because="nothing was decided")
    if not fields:
        return Instead(none_because="the brief says of no number or category that it is actionable")
    tried = 0
    for changes in (_singles(fields.values(), used), _pairs(fields.values(), used)):
        few = list(islice(changes, MOST_TRIED - tried))
        tried += len(few)
        turned = _turned(service, used, few, decision)
        if turned:
            change = min(turned, key=lambda each: _distance(fields, used, each))
            return _told(service, used, _nearer(service, used, change, decision), tried)
    return Instead(none_because=f"none found among changes to {', '.join(fields)}, alone or two at once", tried=tried)


def _is_actionable(service: Service, field: Field) -> bool:
    words = service.words.fields.get(field.name)
    return words is not None and words.actionable is True and bool(_options(field, None, 2))


def _options(field: Field, own: Value, steps: int) -> list[Value]:
    """Return the values that a field may have beside its own: levels, or numbers from its lowest to its highest."""
    if field.kind in (Kind.CATEGORY, Kind.BOOLEAN):
        return [level for level in field.levels[:MOST_LEVELS] if level != own]
    if field.kind is not Kind.NUMBER or field.low is None or field.high is None:
        return []
    span = field.high - field.low
    numbers = (field.low + span * step / (steps - 1) for step in range(steps))
    kept = dict.fromkeys(float(round(number)) if field.whole else number for number in numbers)
    return [number for number in kept if number != own and field.low <= number <= field.high]


def _singles(fields: Iterable[Field], used: Used) -> Iterator[Change]:
    for field in fields:
        yield from ({field.name: value} for value in _options(field, used.get(field.name), STEPS))


def _pairs(fields: Iterable[Field], used: Used) -> Iterator[Change]:
    for one, other in combinations(fields, 2):
        values = (_options(field, used.get(field.name), STEPS_OF_PAIR) for field in (one, other))
        yield from ({one.name: first, other.name: second} for first, second in product(*values))


def _turned(service: Service, used: Used, changes: Sequence[Change], decision: str) -> list[Change]:
    """Return the changes with which a row is decided otherwise."""
    told = said(service, [{**used, **change} for change in changes]) if changes else []
    return [change for change, what in zip(changes, told, strict=True) if what.decision not in (None, decision)]


def _nearer(service: Service, used: Used, change: Change, decision: str) -> Change:
    """Bring each number of a change as near to the row's own as the row is still decided otherwise."""
    found = dict(change)
    for name, far in change.items():
        near, whole = used.get(name), service.schema.field(name).whole
        if not isinstance(near, float) or not isinstance(far, float):
            continue
        turns = far
        for _ in range(HALVINGS):
            middle = float(round((near + turns) / 2)) if whole else (near + turns) / 2
            if middle in (near, turns):
                break
            if _turned(service, used, [{**found, name: middle}], decision):
                turns = middle
            else:
                near = middle
        found[name] = turns
    return found


def _distance(fields: Mapping[str, Field], used: Used, change: Change) -> float:
    return sum(_apart(fields[name], used.get(name), value) for name, value in change.items())


def _apart(field: Field, own: Value, value: Value) -> float:
    if not isinstance(own, float) or not isinstance(value, float) or field.low is None or field.high is None:
        return LEVEL_APART
    return abs(value - own) / max(field.high - field.low, abs(value - own))


def _told(service: Service, used: Used, change: Change, tried: int) -> Instead:
    (what,) = said(service, [{**used, **change}])
    changed = []
    for name, value in change.items():
        field = service.schema.field(name)
        own = shown_value(field, used.get(name))
        changed.append(Changed(name, field.meaning or name, own, shown_value(field, value)))
    return Instead(changes=tuple(changed), decision=what.decision, score=shown(service, what), tried=tried)
