"""The page of the watch: what is known of the live version is gathered from cells, drawn, and written to a file."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from mainstay.domain.canonical import digest
from mainstay.domain.errors import Asked, NotFound
from mainstay.domain.evaluation import read_summary
from mainstay.domain.life import Life
from mainstay.domain.overview import Overview
from mainstay.monitoring.overview.gather import Subject, overview, read_from
from mainstay.report.gallery import picture_files
from mainstay.report.watch.page import page_of, told
from mainstay.store.files import put_file
from mainstay.store.home import Home
from mainstay.workflows.counting import Watched
from mainstay.workflows.estimates import promised
from mainstay.workflows.printing import pdf_of
from mainstay.workflows.report_forms import Form, Written, form_of, put_files
from mainstay.workflows.watch import open_watch

__all__ = ["Overview", "overview_of", "write_watch_page"]


def overview_of(home: Home, model: str, *, since: timedelta, at: datetime) -> Overview:
    """Gather what is known of a model's live version over the time before a moment; nothing is counted anew.

    Raises `NotFound` where nothing is live.
    """
    watched = open_watch(home, model)
    life = home.ledger.life(model, at=at)
    subject = _subject(watched, life)
    kept = watched.kept(subject.version)
    begin = at - since
    cells = watched.journal.plain_cells(subject.version, known_at=at)
    faults = watched.journal.faults(since=read_from(subject, begin), until=at)
    mine = faults.filter(pl.col("version") == subject.version)
    return overview(kept.measure, cells, subject=subject, faults=mine, since=begin, at=at)


def write_watch_page(found: Overview, home: Home, out: Path, *, at: datetime) -> Written:
    """Write what was gathered as a page, a PDF or a folder of pictures; raises `Asked` for a model card."""
    form = form_of(out)
    if form is Form.CARD:
        raise Asked("a model card is of a version as it was trained", remedy="End --out in .html, .pdf or /.")
    brief = open_watch(home, found.model).kept(found.version).brief
    says = told(found, brief, made_at=at)
    text = page_of(says)
    page = text.encode()
    if form is Form.PICTURES:
        n_bytes = put_files(out, picture_files(says))
    else:
        data = pdf_of(page) if form is Form.PDF else page
        put_file(out, data)
        n_bytes = len(data)
    return Written(out, digest(page), n_bytes, form=form, page=text)


def _subject(watched: Watched, life: Life) -> Subject:
    known = life.version(life.live) if life.live is not None else None
    if known is None or life.live is None:
        remedy = "Deploy one: mainstay deploy" if life.versions else "Train one: mainstay train"
        raise NotFound(f"nothing of {life.model} is live, so nothing is watched", remedy=remedy)
    summary = read_summary(known.summary)
    return Subject(
        model=life.model,
        version=life.live,
        live_since=life.live_since or "",
        brief=watched.kept(life.live).brief,
        promised=promised(life),
        share_high=None if summary.share_high is None else summary.share_high.value,
        signals=life.open_signals,
    )
