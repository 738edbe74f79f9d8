"""Whether answers stand what callers send: real rows bent in many ways, asked through the admission that serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.checks.bends import BENDS, Bend, Bent, fields_of, is_remarkable
from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined, Reply, Row
from mainstay.checks.reach import reach, usual_span
from mainstay.checks.replies import LEAST_ROWS, answers, as_sent, asked_of, is_flagged, is_sane
from mainstay.checks.schema_made import SCHEMA_MADE_CHECK
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.schema import Field
from mainstay.stats.arrays import BoolArray, IntArray
from mainstay.stats.intervals import wilson

BENT = "F19-bent"
STILL = 1e-9  # equal bits are wanted; a sum in another order is not a fault of the model
SLACK_SHARE = 0.1  # of the usual span of scores: real values that were not tried reach a little further
WARN_SHARE, FAIL_SHARE = 0.05, 0.2
ALONE = 50  # rows asked one by one


@dataclass(frozen=True, slots=True)
class Asked:
    """Real rows of the holdout: where they stand in the table, as they are sent, and what is answered to them."""

    rows: IntArray
    sent: Sequence[Bent]
    plain: Sequence[Reply]


@dataclass(frozen=True, slots=True)
class One:
    """A row with one value bent: the place among those asked, the field, and whether only now it is remarkable."""

    place: int
    field: Field
    remarkable: bool
    row: Bent


def bent(exam: Examined) -> Iterable[Finding]:
    """Bend real rows of the holdout in every way, and see what is answered."""
    rows = asked_of(exam)
    sent = as_sent(exam, rows)
    plain = answers(exam, sent)
    if isinstance(plain, str):
        because = f"asking about {rows.size} real rows of the holdout broke the answer ({plain})"
        yield Finding(code=f"{BENT}-as-they-came", verdict=Verdict.FAIL, because=because, measured=1.0, limit=0.0)
        return
    taken = np.array([reply.score is not None for reply in plain], dtype=bool)
    if np.count_nonzero(taken) < LEAST_ROWS:
        yield _too_few(int(np.count_nonzero(taken)))
        return
    kept = np.flatnonzero(taken)
    asked = Asked(rows[kept], [sent[at] for at in kept], [plain[at] for at in kept])
    yield from (_bent_whole(exam, asked, bend) if bend.whole else _bent_one(exam, asked, bend) for bend in BENDS)
    yield from _together(exam, asked)


def _too_few(n: int) -> Finding:
    because = f"{n} real rows of the holdout were answered: too few to bend, {LEAST_ROWS} are wanted"
    return Finding(code=BENT, verdict=Verdict.UNKNOWN, because=because)


def _bent_whole(exam: Examined, asked: Asked, bend: Bend) -> Finding:
    assert bend.whole is not None
    rows = [bend.whole(exam, row) for row in asked.sent]
    changed = [place for place, row in enumerate(rows) if not _same(row, asked.sent[place])]
    if not changed:
        return _cannot(bend.name, bend.says)
    return _unmoved(exam, bend.name, bend.says, [rows[at] for at in changed], [asked.plain[at] for at in changed])


def _same(row: Row, other: Row) -> bool:
    return len(row) == len(other) and all(
        a == b and x is y for (a, x), (b, y) in zip(row.items(), other.items(), strict=True)
    )


def _unmoved(exam: Examined, name: str, says: str, rows: Sequence[Row], plain: Sequence[Reply]) -> Finding:
    """Judge answers that must be those to the plain rows."""
    got = answers(exam, rows)
    if isinstance(got, str):
        return _broke(name, says, got)
    moved = [_moved(bent, before) for bent, before in zip(got, plain, strict=True)]
    worst, n = float(np.max(moved)), int(np.count_nonzero(np.array(moved) > STILL))
    if n:
        because = f"{says}: the same is known, and {n} of {len(moved)} answers changed, the worst by {worst:.3g}"
        return Finding(code=f"{BENT}-{name}", verdict=Verdict.FAIL, because=because, measured=worst, limit=0.0)
    because = f"{says}: {len(moved)} answers are the same, to the last bit that matters"
    return Finding(code=f"{BENT}-{name}", verdict=Verdict.PASS, because=because, measured=worst, limit=0.0)


def _moved(reply: Reply, before: Reply) -> float:
    """How far an answer moved; infinitely where there is none any more, or no number."""
    if reply.score is None or before.score is None:
        return float("inf")
    far = abs(reply.score - before.score) / max(1.0, abs(before.score))
    return far if far == far else float("inf")  # noqa: PLR0124  # NaN is not itself


def _bent_one(exam: Examined, asked: Asked, bend: Bend) -> Finding:
    """Bend one value of each row, field after field in turn, and judge what not knowing it costs."""
    fields = fields_of(exam, bend.kinds)
    if not fields or bend.one is None:
        return _cannot(bend.name, bend.says)
    ones: list[One] = []
    for place, row in enumerate(asked.sent):
        field = fields[place % len(fields)]
        value = bend.one(field, row[field.name], place)
        if value is not row[field.name]:
            was_fine = not is_remarkable(field, row[field.name])
            ones.append(One(place, field, was_fine and is_remarkable(field, value), {**row, field.name: value}))
    if not ones:
        return _cannot(bend.name, bend.says)
    got = answers(exam, [one.row for one in ones])
    if isinstance(got, str):
        return _broke(bend.name, bend.says, got)
    return _mad_or_mute(exam, asked, bend, ones, got) or _within_reach(exam, asked, bend, ones, got)


def _mad_or_mute(exam: Examined, asked: Asked, bend: Bend, ones: Sequence[One], got: Sequence[Reply]) -> Finding | None:
    """Judge answers that are no numbers, and answers that do not say what was wrong; None where there are none."""
    code, told = f"{BENT}-{bend.name}", list(zip(ones, got, strict=True))
    mad = dict.fromkeys(one.field.name for one, reply in told if not is_sane(exam, reply))
    if mad:
        because = f"{bend.says}: an answer is no finite number in range, and no refusal that says what to mend"
        return Finding(code=code, verdict=Verdict.FAIL, because=because, subjects=tuple(mad))
    mute = [one.field.name for one, reply in told if one.remarkable and not is_flagged(reply, asked.plain[one.place])]
    if not mute:
        return None
    because, subjects = f"{bend.says}: {len(mute)} of {len(ones)} answers say nothing of it", tuple(dict.fromkeys(mute))
    share = len(mute) / len(ones)
    return Finding(code=code, verdict=Verdict.FAIL, because=because, subjects=subjects, measured=share, limit=0.0)


def _within_reach(exam: Examined, asked: Asked, bend: Bend, ones: Sequence[One], got: Sequence[Reply]) -> Finding:
    """Judge how many answers are further off than any real value of the bent input would have taken them."""
    beyond = _beyond(exam, asked, ones, got)
    share, refused = wilson(int(np.count_nonzero(beyond)), beyond.size), sum(reply.score is None for reply in got)
    told = f"{beyond.size} rows are answered in range" + (f" ({refused} refused)" if refused else "")
    because = f"{bend.says}: {told}, and {share.value:.1%} beyond what any real value there would have given"
    verdict = Verdict.FAIL if share.low > FAIL_SHARE else Verdict.WARN if share.low > WARN_SHARE else Verdict.PASS
    far = dict.fromkeys(one.field.name for one, is_far in zip(ones, beyond, strict=True) if is_far)
    return Finding(
        code=f"{BENT}-{bend.name}",
        verdict=verdict,
        because=because,
        subjects=() if verdict is Verdict.PASS else tuple(far),
        measured=share.value,
        limit=WARN_SHARE,
        low=share.low,
        high=share.high,
    )


def _beyond(exam: Examined, asked: Asked, ones: Sequence[One], got: Sequence[Reply]) -> BoolArray:
    given = np.array([np.nan if reply.score is None else reply.score for reply in got])
    names, rows = np.array([one.field.name for one in ones]), asked.rows[[one.place for one in ones]]
    beyond, slack = np.zeros(given.size, dtype=np.bool_), SLACK_SHARE * usual_span(exam)
    for name in exam.used.columns:
        here = names == name
        if np.any(here):
            low, high = reach(exam, rows[here], name)
            beyond[here] = (given[here] < low - slack) | (given[here] > high + slack)
    return beyond


def _together(exam: Examined, asked: Asked) -> Iterator[Finding]:
    order = np.random.default_rng(exam.seed).permutation(len(asked.sent))
    says = "a batch in another order"
    yield _unmoved(exam, "shuffled", says, [asked.sent[at] for at in order], [asked.plain[at] for at in order])
    got: list[Reply] = []
    for row in asked.sent[:ALONE]:
        reply = answers(exam, [row])
        if isinstance(reply, str):
            yield _broke("alone", "a row asked alone", reply)
            return
        got += reply
    moved = [_moved(reply, before) for reply, before in zip(got, asked.plain, strict=False)]
    worst = float(np.max(moved))
    because = f"{len(moved)} rows asked alone are answered as in a batch, but for {worst:.3g} at most"
    verdict = Verdict.FAIL if worst > STILL else Verdict.PASS
    yield Finding(code=f"{BENT}-alone", verdict=verdict, because=because, measured=worst, limit=0.0)


def _broke(name: str, says: str, error: str) -> Finding:
    because = f"{says}: the whole answer broke ({error}), other rows' too"
    return Finding(code=f"{BENT}-{name}", verdict=Verdict.FAIL, because=because)


def _cannot(name: str, says: str) -> Finding:
    because = f"no input of these rows can be bent so ({says})"
    return Finding(code=f"{BENT}-{name}", verdict=Verdict.UNKNOWN, because=because, applies=False)


BENT_CHECKS: tuple[Check, ...] = (
    Check(
        code=BENT,
        section=Section.ROBUSTNESS,
        asks="Do answers stand rows that come bent?",
        limit="Real rows, bent: what says the same is answered the same; what cannot be known is warned of, "
        "answered by a finite number in range, and in at most 5% surely further off than any real value "
        "would have taken it (fails above 20%): what nobody knows must not speak louder than what is known.",
        remedy="Bound the input in [fields.NAME] (low, high, on_out_of_range, on_unseen, on_missing), or let the "
        "encoder keep a level for what it never saw; then train again.",
        source="Ribeiro et al. 2020, behavioural testing (invariance and directional tests)",
        look=bent,
    ),
    SCHEMA_MADE_CHECK,
)
