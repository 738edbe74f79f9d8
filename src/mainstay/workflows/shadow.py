"""A shadow: a version that is scored on what the live one decided, after its answers have left, and answers nobody.

It reads decisions where they end up, in the journal: nothing of it is in the way of an answer, nothing that was decided
is dropped, and a mark that is committed with the scores makes each decision scored once, whoever tries, however often.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import polars as pl

from mainstay.domain.errors import Refused
from mainstay.domain.event import Act
from mainstay.domain.life import Life
from mainstay.domain.moments import parse_moment
from mainstay.domain.version import VersionName
from mainstay.serving.admission import Admitted, admit
from mainstay.serving.answer import NO_ANSWER
from mainstay.serving.row import read_row
from mainstay.serving.said import NOTHING, Said, said
from mainstay.serving.service import Service
from mainstay.store.home import Home, open_home
from mainstay.store.journal import Journal
from mainstay.store.tables import SHADOWS
from mainstay.workflows.live import Deed, act_on_newest, known, prove
from mainstay.workflows.route import load

AT_ONCE = 1_000  # rows scored together
OF_LIVE = {"live_version": "version", "live_arm": "arm", "live_score": "score", "live_decision": "decision"}
OWN = ("score", "decision", "scores", "warnings", "fault")
TAKEN = ("batch", "at", "key", "id", *OF_LIVE.values(), "received", "answered")


@dataclass(frozen=True, slots=True)
class Shadowed:
    """How a shadow does: `scored` decisions, of which it `failed` on some; `agreeing` is the share decided alike.

    `agreeing` is None where neither decides anything. `waiting` decisions are in the journal and not scored yet.
    """

    version: int
    since: str
    scored: int
    failed: int
    waiting: int
    agreeing: float | None


def deploy_shadow(home: Home, version: VersionName, *, actor: str, at: datetime, why: str = "") -> Life:
    """Make a version the shadow; raises `Refused` where nothing is live beside it, or it is live itself.

    It takes the place of another shadow. Gates and approvers are not asked: it answers nobody. Its bundle is verified.
    """

    def decide(life: Life) -> Deed | None:
        chosen = known(life, version)
        if life.shadow == version.number:
            return None
        if life.live is None or life.live == version.number:
            what = f"{version} is live" if life.live else f"nothing is live of {version.model} to stand beside"
            raise Refused(what, remedy="A shadow is scored on what a live version decides: deploy another one.")
        prove(home, version, chosen)
        return Act.SHADOWED, {"version": version.number, "why": why}

    return act_on_newest(home, version.model, decide, actor=actor, at=at)


def end_shadow(home: Home, model: str, *, actor: str, at: datetime, why: str = "") -> int:
    """End the shadow and return which version it was; raises `Refused` where there is none."""
    life = home.ledger.life(model)
    if life.shadow is None:
        start = f"Start one: mainstay deploy {model}/N --as shadow"
        raise Refused(f"{model} has no shadow", remedy=start if life.versions else "Train first: mainstay train")
    body = {"version": None, "from_version": life.shadow, "why": why}
    home.ledger.append(model, Act.SHADOWED, body, actor=actor, at=at, expect_seq=life.seq)
    return life.shadow


def open_shadows(folder: Path) -> tuple[Home, tuple[str, ...]]:
    """Open the home of a project's folder, and return it with the models that have a shadow."""
    home = open_home(folder, create=False)
    return home, tuple(model for model in home.ledger.models() if home.ledger.life(model).shadow is not None)


def score_shadow(home: Home, model: str, *, at: datetime) -> int:
    """Score what was journalled since the last time, and since the shadow began; return how many decisions that were.

    Somebody else who scores meanwhile is left to it. Raises `BundleError` for a bundle that does not open.
    """
    life = home.ledger.life(model)
    if life.shadow is None or life.shadow_since is None:
        return 0
    journal, service, n_scored = Journal(home, model), None, 0
    for rows in _new(journal, life.shadow, parse_moment(life.shadow_since)):
        service = service or load(home, life, life.shadow)
        since, batch = journal.shadowed_through(life.shadow), int(rows["batch"][0])
        if since >= batch:
            return n_scored
        scored = _scored(service, rows)
        if not journal.append_shadows(scored, version=life.shadow, since=since, through=batch, at=at):
            return n_scored
        n_scored += scored.height
    return n_scored


def shadowed(home: Home, life: Life) -> Shadowed | None:
    """Return how the shadow of a model does, since it began; None where there is none."""
    if life.shadow is None or life.shadow_since is None:
        return None
    journal, since = Journal(home, life.model), parse_moment(life.shadow_since)
    rows = journal.shadows(life.shadow, since=since)
    both = rows.filter(pl.col("decision").is_not_null() & pl.col("live_decision").is_not_null())
    alike = both.select((pl.col("decision") == pl.col("live_decision")).mean()).item()
    waiting = journal.decisions(after=journal.shadowed_through(life.shadow), since=since, columns=("batch",)).height
    failed = rows.filter(pl.col("fault") != "").height
    return Shadowed(life.shadow, life.shadow_since, rows.height, failed, waiting, alike)


def _new(journal: Journal, version: int, since: datetime) -> Iterator[pl.DataFrame]:
    """Give what the journal took in since the last time, commit by commit."""
    after = journal.shadowed_through(version)
    batches = journal.decisions(after=after, since=since, columns=("batch",))["batch"].unique().sort()
    for batch in batches.to_list():
        yield journal.decisions(after=batch - 1, through=batch, since=since, columns=TAKEN)


def _scored(service: Service, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of the journal's `shadows`: what the shadow says beside what the live version said."""
    parts = [
        each
        for start in range(0, rows.height, AT_ONCE)
        for each in _answers(service, rows["received"][start : start + AT_ONCE].to_list())
    ]
    own = pl.DataFrame(parts, schema={name: SHADOWS.columns[name] for name in OWN}, orient="row")
    beside = rows.select("batch", "at", "key", "id", **{name: pl.col(of) for name, of in OF_LIVE.items()})
    beside = beside.with_columns(live_score=pl.coalesce(rows["answered"], "live_score"))
    named = {"version": pl.lit(service.version), "threshold": pl.lit(service.plan.threshold)}
    return pl.concat([beside, own], how="horizontal").with_columns(month=pl.col("at").dt.strftime("%Y-%m"), **named)


def _answers(service: Service, received: Sequence[str]) -> list[tuple[object, ...]]:
    """Return score, decision, scores, warnings and fault for rows as they came."""
    read = [_read(service, text) for text in received]
    taken = [each for each in read if isinstance(each, Admitted)]
    told = iter(said(service, [each.used for each in taken]) if taken else [])
    return [
        _answer(each, next(told)) if isinstance(each, Admitted) else (None, None, None, "[]", each) for each in read
    ]


def _read(service: Service, text: str) -> Admitted | str:
    row, _ = read_row(text.encode())
    admitted = admit(row, service.index)
    return admitted if isinstance(admitted, Admitted) else admitted[0].code


def _answer(admitted: Admitted, what: Said) -> tuple[object, ...]:
    scores = msgspec.json.encode(what.scores).decode() if what.scores else None
    warnings = msgspec.json.encode(admitted.warnings).decode()
    return what.score, what.decision, scores, warnings, NO_ANSWER if what is NOTHING else ""
