"""The route: which version answers for each model, as the ledger says.

A version whose bundle cannot be opened, or does not answer its golden rows as it was packed, does not go live: the one
before it keeps answering, and the problem is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module

from mainstay.bundle.golden import Golden, verify
from mainstay.bundle.inspect import Contents, inspect
from mainstay.domain.errors import BundleError, MainstayError
from mainstay.domain.life import Life
from mainstay.domain.version import VersionName
from mainstay.serving.packed_score import PackedScorer, RawScores, is_packed
from mainstay.serving.score import Score
from mainstay.serving.service import MODEL_FAILURES, Service, explained_by, make_service, read_words, scores_of
from mainstay.store.home import Home
from mainstay.workflows.guarded import Guarded

PACKED = "mainstay.bundle.packed"


@dataclass(frozen=True, slots=True)
class Routes:
    """What answers, by model; why what should be live is not, by model; and every model that the ledger knows.

    `shadows` are the versions that are scored beside, by model: elsewhere, so that a worker loads none of them. `lives`
    are the models' lives without what trainings measured, which a worker need not hold.
    """

    services: Mapping[str, Service] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    live_since: Mapping[str, str] = field(default_factory=dict)
    shadows: Mapping[str, int] = field(default_factory=dict)
    lives: Mapping[str, Life] = field(default_factory=dict)


NO_ROUTES = Routes()


def follow(home: Home, before: Routes) -> Routes:
    """Return the routes as the ledger says now; what is loaded stays. Raises `StoreError` where it cannot be read."""
    services: dict[str, Service] = {}
    problems: dict[str, str] = {}
    live_since: dict[str, str] = {}
    shadows: dict[str, int] = {}
    lives: dict[str, Life] = {}
    models = home.ledger.models()
    for model in models:
        life = home.ledger.life(model)
        lives[model] = replace(life, versions=())
        service, problem = _first_that_works(home, life, before.services.get(model))
        if life.shadow is not None:
            shadows[model] = life.shadow
        if service is not None:
            services[model] = service
            live_since[model] = life.live_since or ""
        if problem is not None:
            problems[model] = problem
    return Routes(services, problems, models, live_since, shadows, lives)


def model_states(routes: Routes) -> dict[str, str]:
    """Return how packed models do, by model: `works`, `rests` or `hangs`; a plan is arithmetic and has no state."""
    raws = {
        model: service.scorer.raw
        for model, service in routes.services.items()
        if isinstance(service.scorer, PackedScorer)
    }
    return {model: raw.state for model, raw in raws.items() if isinstance(raw, Guarded)}


def as_it_is(raw: RawScores) -> RawScores:
    """Return what scores a packed model, with nothing around it: batches and exams wait for it as long as it takes."""
    return raw


def load_service(home: Home, version: VersionName) -> Service:
    """Load any version of a model, live or not; raises `BundleError` or `NotFound`."""
    return load(home, home.ledger.life(version.model), version.number)


def load(home: Home, life: Life, number: int, *, around: Callable[[RawScores], RawScores] = as_it_is) -> Service:
    """Load a version and prove that it answers as it was packed; raises `BundleError` or `NotFound`.

    `around` is put around what scores a packed model.
    """
    contents = inspect(home.artifacts.version_files(life.model, number), opens_model=False)
    known = life.version(number)
    if known is None or contents.digest != known.bundle_digest:
        what = f"the bundle of {life.model}/{number} is not the one that was trained: its digest is not the ledger's"
        raise BundleError(what, remedy="Restore it from a backup, or train again.")
    return ready(life.model, number, contents, around=around)


def ready(
    model: str, number: int, contents: Contents, *, around: Callable[[RawScores], RawScores] = as_it_is
) -> Service:
    """Make a version ready from a bundle that is known to be its own, and prove that it answers as it was packed."""
    words = read_words(contents.brief)
    raw = around(_packed_raw(contents)) if is_packed(contents.plan) else None
    service = make_service(model, number, schema=contents.schema, plan=contents.plan, words=words, raw=raw)
    prove(service, contents.golden)
    return explained_by(service, contents.usual)


def _packed_raw(contents: Contents) -> RawScores:
    """Open a packed model, whose digest the ledger knows: the one place where a worker loads libraries of learning.

    By name, so that no worker without such a version can reach them.
    """
    raw: RawScores = import_module(PACKED).packed_raw(contents)
    return raw


def prove(service: Service, expected: Sequence[Golden]) -> None:
    """Prove that a version gives every golden row its exact score, alone and in a batch; raises `BundleError`."""
    rows = [row.used for row in expected]
    try:
        alone = [service.scorer.score_of(row) for row in rows]
        together = scores_of(service, rows) if rows else []
    except MODEL_FAILURES as error:
        what = f"{service.model}/{service.version} fails on its golden rows: {type(error).__name__}"
        raise BundleError(what, remedy="Do not serve this copy; restore it from a backup.") from error
    for scores in (alone, together):
        verify(expected, service.plan, _in_turn(scores))


def _in_turn(scores: Iterable[Score]) -> Callable[[object], Score]:
    given = iter(scores)
    return lambda _: next(given)


def _first_that_works(home: Home, life: Life, now: Service | None) -> tuple[Service | None, str | None]:
    """Try the live version, then those that were live before it, the latest first."""
    problem = None
    wanted = [life.live, *reversed(life.before)] if life.live is not None else []
    for number in wanted:
        if now is not None and now.version == number:
            return now, problem
        try:
            return load(home, life, number, around=Guarded), problem
        except MainstayError as error:
            problem = problem or f"{life.model}/{number} does not answer: {error.what}"
    return None, problem
