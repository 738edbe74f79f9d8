"""Folding judgements into signals with a life: each opens once, changes when it matters, and closes when quiet."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec

from mainstay.domain.event import Act
from mainstay.domain.finding import ORDER, Finding, Judged, Signal, Verdict
from mainstay.monitoring.look import QUIET, Judgement

TOGETHER = 1  # stretches apart up to which subjects count as one cause


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a signal's state, ready to be appended to the ledger."""

    act: Act
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Episode:
    """A run of findings of one code about the same subjects; `active` while it is not quiet."""

    code: str
    since: str
    until: str
    finding: Finding
    cause: str
    active: bool


def changes(signals: Mapping[str, Signal], judgements: Sequence[Judgement]) -> tuple[Change, ...]:
    """Return what changed: signals to open, to change and to close. The same judgements again change nothing.

    `signals` are all of the model's, closed ones too (`Life.signals`). What broke together becomes one signal of
    several subjects; a signal changes when subjects join it or it gets worse, and closes after three quiet stretches.
    An episode that began and ended unseen (nobody looked) is opened and closed at once.
    """
    state, done = dict(signals), list[Change]()
    for judgement in judgements:
        episodes = _episodes(judgement)
        for change in (*_joined(state, judgement, episodes), *_closed(state, judgement, episodes)):
            done.append(change)
    return tuple(done)


def _joined(state: dict[str, Signal], judgement: Judgement, episodes: list[Episode]) -> Iterator[Change]:
    """Give each episode to the signal that it belongs to, or to a new one; notes the outcome in `state`."""
    for group in _together(judgement, episodes):
        active = [episode for episode in group if episode.active]
        begun = active or [episode for episode in group if _worth_telling(judgement, episode)]
        fresh = [episode for episode in begun if _home(state, judgement, episode) is None]
        for episode in group:
            home = _home(state, judgement, episode)
            if home is not None and home.status != "closed" and (changed := _worsened(home, episode)) is not None:
                state[home.id] = changed
                yield Change(Act.SIGNAL_CHANGED, {"signal": msgspec.to_builtins(changed)})
        if fresh:
            yield from _opened(state, judgement, fresh)


def _opened(state: dict[str, Signal], judgement: Judgement, fresh: list[Episode]) -> Iterator[Change]:
    """Join fresh episodes to an open signal of the same cause and time, or open a new signal."""
    near = [s for s in state.values() if s.status != "closed" and _same_cause(judgement, s, fresh[0])]
    finding = _merged([near[0].finding] if near else [], fresh)
    if near:
        signal = msgspec.structs.replace(near[0], finding=finding)
        act = Act.SIGNAL_CHANGED
    else:
        since = min(episode.since for episode in fresh)
        signal = Signal(id=str(len(state) + 1), finding=finding, since=since, cause=fresh[0].cause)
        act = Act.SIGNAL_OPENED
    state[signal.id] = signal
    yield Change(act, {"signal": msgspec.to_builtins(signal)})


def _closed(state: dict[str, Signal], judgement: Judgement, episodes: list[Episode]) -> Iterator[Change]:
    """Close the open signals of this judgement's codes that no episode keeps open and that were quiet long enough."""
    for signal in list(state.values()):
        if signal.status == "closed" or signal.finding.code not in judgement.codes:
            continue
        mine = [episode for episode in episodes if _belongs(judgement, episode, signal)]
        last = max((episode.until for episode in mine), default=signal.since)
        quiet = [start for start in judgement.looked if start >= last]
        if any(episode.active for episode in mine) or len(quiet) < QUIET:
            continue
        state[signal.id] = msgspec.structs.replace(signal, status="closed")
        yield Change(Act.SIGNAL_CLOSED, {"id": signal.id, "because": f"not seen in the last {QUIET} periods judged"})


def _episodes(judgement: Judgement) -> list[Episode]:
    """Cut the findings of each code and subjects into runs that are broken by three quiet stretches."""
    by_subject: dict[tuple[str, str], list[Judged]] = {}
    for judged in judgement.judged:
        for subject in judged.finding.subjects or ("",):
            by_subject.setdefault((judged.finding.code, subject), []).append(judged)
    return [episode for (_, s), run in by_subject.items() for episode in _runs(judgement, s, run)]


def _runs(judgement: Judgement, subject: str, found: list[Judged]) -> Iterator[Episode]:
    ordered = sorted(found, key=lambda judged: judged.end)
    breaks = [i for i, (a, b) in enumerate(pairwise(ordered), start=1) if _n_quiet(judgement, a.end, b.start) >= QUIET]
    for first, last in pairwise([0, *breaks, len(ordered)]):
        run = ordered[first:last]
        worst = max(run, key=lambda judged: ORDER.index(judged.finding.verdict))
        yield Episode(
            code=worst.finding.code,
            since=min(judged.start for judged in run),
            until=run[-1].end,
            finding=msgspec.structs.replace(worst.finding, subjects=(subject,) if subject else ()),
            cause=run[0].cause,
            active=last == len(ordered) and _n_quiet(judgement, run[-1].end, "9999") < QUIET,
        )


def _n_quiet(judgement: Judgement, end: str, start: str) -> int:
    """How many stretches were judged from one moment until before another."""
    return max(bisect_left(judgement.looked, start) - bisect_left(judgement.looked, end), 0)


def _together(judgement: Judgement, episodes: list[Episode]) -> Iterator[list[Episode]]:
    """Group episodes of one code that began within a stretch of each other."""
    group: list[Episode] = []
    for episode in sorted(episodes, key=lambda e: (e.code, e.since)):
        if group and (group[0].code != episode.code or _far(judgement, group[0].since, episode.since)):
            yield group
            group = []
        group.append(episode)
    if group:
        yield group


def _far(judgement: Judgement, one: str, other: str) -> bool:
    return abs(bisect_left(judgement.looked, one) - bisect_left(judgement.looked, other)) > TOGETHER


def _belongs(judgement: Judgement, episode: Episode, signal: Signal) -> bool:
    """Whether a signal tells of an episode: same code and subject, and no quiet time between its beginning and it."""
    same = episode.code == signal.finding.code and set(episode.finding.subjects) <= set(signal.finding.subjects)
    if not same or signal.since > episode.until:
        return False
    later = bisect_left(judgement.looked, episode.since) - bisect_left(judgement.looked, signal.since)
    goes_on = _is_notice(signal, episode) or not _seen_to_begin(judgement, episode)
    return later <= QUIET or (signal.status != "closed" and goes_on)


def _seen_to_begin(judgement: Judgement, episode: Episode) -> bool:
    """Whether an episode is no tail of one that began before findings were told."""
    return not judgement.told or _n_quiet(judgement, judgement.told, episode.since) >= QUIET


def _worth_telling(judgement: Judgement, episode: Episode) -> bool:
    """Whether an episode that is over should be told of: it was seen to begin, and was more than a notice."""
    return _seen_to_begin(judgement, episode) and episode.finding.verdict is not Verdict.UNKNOWN


def _home(state: Mapping[str, Signal], judgement: Judgement, episode: Episode) -> Signal | None:
    """The signal that already tells of an episode, the latest if several do."""
    latest_first = reversed(list(state.values()))
    return next((signal for signal in latest_first if _belongs(judgement, episode, signal)), None)


def _same_cause(judgement: Judgement, signal: Signal, episode: Episode) -> bool:
    """Whether an episode belongs to a signal: begun with it; a notice of what cannot be told takes all of its kind."""
    near = _is_notice(signal, episode) or not _far(judgement, signal.since, episode.since)
    return signal.finding.code == episode.code and near


def _is_notice(signal: Signal, episode: Episode) -> bool:
    return signal.finding.verdict is Verdict.UNKNOWN is episode.finding.verdict


def _worsened(signal: Signal, episode: Episode) -> Signal | None:
    """The signal with a worse verdict, if the episode has one."""
    if ORDER.index(episode.finding.verdict) <= ORDER.index(signal.finding.verdict):
        return None
    finding = msgspec.structs.replace(episode.finding, subjects=signal.finding.subjects)
    return msgspec.structs.replace(signal, finding=finding)


def _merged(known: list[Finding], fresh: list[Episode]) -> Finding:
    """One finding of several subjects: the worst speaks, what was known before what is fresh; all are named."""
    by_size = sorted((episode.finding for episode in fresh), key=lambda finding: -(finding.measured or 0.0))
    findings = [*known, *by_size]
    worst = max(findings, key=lambda finding: ORDER.index(finding.verdict))
    subjects = dict.fromkeys([*worst.subjects, *(subject for finding in findings for subject in finding.subjects)])
    return msgspec.structs.replace(worst, subjects=tuple(subjects))
