"""What serving takes against the brief, and whether the version can be made again, opened safely and told its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined, Footprint, Kept
from mainstay.domain.errors import MainstayError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.plan import Packed

SERVICE, SAME, TYPES, LICENCES, PINNED = (
    "F16-service",
    "F14-same-model",
    "F25-types",
    "F25-licences",
    "F21-pinned",
)
MB = 1_000_000
ENVIRONMENT = ("requirements.txt", "environment.json")
BINDING = ("AGPL", "AFFERO", "SSPL", "BUSL", "PROPRIETARY", "COMMONS CLAUSE", "NON-COMMERCIAL")
SHARED = ("GPL", "GENERAL PUBLIC")  # of these LGPL binds nobody who only imports


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that serving takes, in the unit of its target, which the brief calls `key`; empty: it has none."""

    name: str
    says: str
    measured: float
    target: float | None
    key: str


def service(exam: Examined) -> Iterable[Finding]:
    """Measure serving on this machine and hold it against the brief's targets; figures are shown without them too."""
    try:
        found, wanted = exam.footprint(), exam.brief.targets
    except MainstayError as error:
        yield Finding(code=SERVICE, verdict=Verdict.UNKNOWN, because=f"serving could not be measured: {error.what}")
        return
    figures = (
        Figure("p50", "milliseconds for half of single rows", found.p50_ms, wanted.p50_latency_ms, "p50_latency_ms"),
        Figure("p99", "milliseconds for 99 of 100 single rows", found.p99_ms, wanted.p99_latency_ms, "p99_latency_ms"),
        Figure("thousand-rows", "milliseconds for 1,000 rows at once", found.thousand_rows_ms, None, ""),
        Figure("memory", "MB of memory for one worker", found.memory_bytes / MB, wanted.memory_mb, "memory_mb"),
        Figure("size", "MB for the bundle", found.size_bytes / MB, wanted.size_mb, "size_mb"),
        Figure("start", "seconds to the first answer", found.start_s, wanted.start_s, "start_s"),
    )
    open_ones = [figure for figure in figures if figure.target is None]
    yield from (_against(figure, figure.target) for figure in figures if figure.target is not None)
    yield _without_targets(open_ones)
    if any(isinstance(model, Packed) for model in exam.plan.models):
        yield _packed(found)


def _packed(found: Footprint) -> Finding:
    """Say what it costs to serve a model as it was packed, because it cannot be a plan."""
    cost = f"a single row takes {found.p50_ms:.3g} ms and a worker holds {found.memory_bytes / MB:,.0f} MB"
    return Finding(
        code=f"{SERVICE}-packed",
        verdict=Verdict.WARN,
        because=f"it cannot be a plan and is served packed, on one thread: {cost}, where a plan takes 0.1 ms and 60 MB",
        measured=found.p50_ms,
        remedy="Fine where callers can wait; what becomes a plan stands in docs/recipes.md.",
    )


def _without_targets(figures: Sequence[Figure]) -> Finding:
    """Show what nothing in the brief is set against: one finding, for the cause of all is one."""
    told = ", ".join(f"{figure.measured:.3g} {figure.says}" for figure in figures)
    named = [figure.key for figure in figures if figure.key]
    if not named:
        code, because = f"{SERVICE}-{figures[0].name}", f"{told}: a figure for which a brief has no target"
        return Finding(code=code, verdict=Verdict.UNKNOWN, because=because, measured=figures[0].measured)
    because = f"the brief sets no target for them: {told}"
    remedy = f"Say in [targets] what is enough: {', '.join(named)}."
    return Finding(code=SERVICE, verdict=Verdict.UNKNOWN, because=because, remedy=remedy)


def _against(figure: Figure, target: float) -> Finding:
    verdict = Verdict.FAIL if figure.measured > target else Verdict.PASS
    because = f"{figure.measured:.3g} {figure.says}, where the brief allows {target:.3g}"
    code = f"{SERVICE}-{figure.name}"
    return Finding(code=code, verdict=verdict, because=because, measured=figure.measured, limit=target)


def same_model(exam: Examined) -> Iterable[Finding]:
    """Fit the winner again without a search, and compare digests."""
    try:
        now = exam.refitted()
    except MainstayError as error:
        because = f"the winner could not be fitted again: {error.what}"
        yield Finding(code=SAME, verdict=Verdict.UNKNOWN, because=because, remedy=error.remedy)
        return
    if now == exam.summary.model_digest:
        because = "the winner, fitted again from its snapshot, settings and seed, is the same model to the byte"
        yield Finding(code=SAME, verdict=Verdict.PASS, because=because)
        return
    because = f"the winner, fitted again, is another model: {now[:19]}… and not {exam.summary.model_digest[:19]}…"
    yield Finding(code=SAME, verdict=Verdict.FAIL, because=because)


def types(exam: Examined) -> Iterable[Finding]:
    """Whether opening the model file constructs nothing but what is known to be harmless."""
    if exam.kept is None:
        yield _no_bundle(TYPES)
    elif exam.kept.untrusted:
        because = f"the model file constructs {len(exam.kept.untrusted)} types that are not on Mainstay's list: "
        because += ", ".join(exam.kept.untrusted[:5])
        yield Finding(code=TYPES, verdict=Verdict.WARN, because=because, measured=float(len(exam.kept.untrusted)))
    else:
        n = len(exam.kept.types)
        because = f"the model file constructs {n} types, all on Mainstay's list" if n else "no model file is opened"
        yield Finding(code=TYPES, verdict=Verdict.PASS, because=f"{because}; serving reads the plan, which is data")


def licences(exam: Examined) -> Iterable[Finding]:
    """Whether the licences of what the version was made with are known, and bind nobody who serves it."""
    if exam.kept is None or not exam.kept.pinned:
        yield _no_bundle(LICENCES)
        return
    binding = tuple(sorted(name for name, licence in exam.kept.licences.items() if is_binding(licence)))
    silent = tuple(sorted(name for name in exam.kept.pinned if not exam.kept.licences.get(name)))
    n = len(exam.kept.pinned)
    if binding:
        because = f"of {n} pinned distributions {', '.join(binding[:5])} may bind whoever serves or ships them"
        yield Finding(code=LICENCES, verdict=Verdict.WARN, because=because, measured=len(binding) / n, limit=0.0)
    elif silent:
        because = f"of {n} pinned distributions {len(silent)} tell no licence here: {', '.join(silent[:5])}"
        yield Finding(code=LICENCES, verdict=Verdict.UNKNOWN, because=because, measured=len(silent) / n, limit=0.0)
    else:
        because = f"{n} pinned distributions tell their licences, and none asks more than to be named"
        yield Finding(code=LICENCES, verdict=Verdict.PASS, because=because, measured=0.0, limit=0.0)


def is_binding(licence: str) -> bool:
    """Whether a licence asks more of whoever serves or ships the software than to keep its notice.

    A choice of several licences binds only where all of them do; an exception of GPL for what links to it binds nobody.

    >>> [is_binding(each) for each in ("MIT", "AGPL-3.0-only", "LGPL-2.1", "GPL-3.0 OR Apache-2.0")]
    [False, True, False, False]
    """
    choices = licence.upper().split(" OR ")
    return all(_binds(choice) for choice in choices)


def _binds(licence: str) -> bool:
    if any(word in licence for word in BINDING):
        return True
    is_lesser = "LGPL" in licence or "LESSER" in licence or "EXCEPTION" in licence
    return any(word in licence for word in SHARED) and not is_lesser


def pinned(exam: Examined) -> Iterable[Finding]:
    """Whether the bundle says exactly what it was made with."""
    if exam.kept is None:
        yield _no_bundle(PINNED)
        return
    lacking = _lacking(exam.kept)
    if lacking:
        because = f"the bundle lacks {' and '.join(lacking)}: elsewhere it may answer otherwise, or not at all"
        yield Finding(code=PINNED, verdict=Verdict.FAIL, because=because)
        return
    because = f"the bundle pins {len(exam.kept.pinned)} distributions to exact versions"
    yield Finding(code=PINNED, verdict=Verdict.PASS, because=because)


def _lacking(kept: Kept) -> list[str]:
    lacking = [name for name in ENVIRONMENT if name not in kept.files]
    return lacking if kept.pinned else [*lacking, "exact versions"]


def _no_bundle(code: str) -> Finding:
    return Finding(code=code, verdict=Verdict.UNKNOWN, because="what the bundle holds was not looked at")


RUNNING: tuple[Check, ...] = (
    Check(
        code=SERVICE,
        section=Section.SERVICE,
        asks="Is it fast, small and quick to start?",
        limit="The brief's [targets] p50_latency_ms, p99_latency_ms, memory_mb, size_mb and start_s; unknown, with the "
        "figures, without them; a model that is served packed is warned about. Admission and scoring, on this machine, "
        "without network and journal: the best of five rounds, memory and start in a fresh process.",
        remedy="Take a smaller candidate (the report shows them side by side), or allow more in [targets].",
        look=service,
    ),
    Check(
        code=SAME,
        section=Section.SERVICE,
        asks="Does the same training give the same model?",
        limit="The winner refitted once, without a search, has the same model digest.",
        remedy="mainstay doctor says what differs here: versions of libraries, the processor, or a seedless recipe.",
        look=same_model,
    ),
    Check(
        code=TYPES,
        section=Section.SERVICE,
        asks="Does the model file construct only what is known to be harmless?",
        limit="Every type is on the fixed list of the bundle's format; a recipe's own types are named.",
        remedy="Read the code of these types before you open the file elsewhere: whoever wrote it runs there.",
        source="skops persistence",
        look=types,
    ),
    Check(
        code=LICENCES,
        section=Section.SERVICE,
        asks="May what it was made with be served and shipped?",
        limit="No pinned distribution has a licence that binds whoever serves or ships it (GPL, AGPL and their like).",
        remedy="Ask whoever answers for licences before it is shipped, or leave these distributions out.",
        look=licences,
    ),
    Check(
        code=PINNED,
        section=Section.SERVICE,
        asks="Is it written down what it was made with?",
        limit="The bundle holds requirements.txt and environment.json with exact versions.",
        remedy="Train again: bundles of this edition hold both.",
        look=pinned,
    ),
)
