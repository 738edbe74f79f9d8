"""What every test may ask for: steady property tests, the real tables, a real Chromium."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

CHECKOUT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Postgres:
    """A running server, which can be stopped and started, and the address of a database of it."""

    server: Any
    address: str


# As many processes test at once as there are cores: threads of their own would only wait for one another, and loudly.
for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_library, "1")

# The same examples on every machine. To search for new ones: make test ARGS="--hypothesis-profile=search"
settings.register_profile(
    "ci", derandomize=True, max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", parent=settings.get_profile("ci"), derandomize=False, max_examples=1000)
settings.load_profile("ci")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real tables: MAINSTAY_SHARED_DATA, or shared/data beside the checkout."""
    folder = Path(os.environ.get("MAINSTAY_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real tables in {folder}: name their folder in MAINSTAY_SHARED_DATA")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL for ledgers, with nothing in it."""
    from tests.postgres import started

    server, folder = started()
    yield Postgres(server, f"postgresql://postgres@/postgres?host={folder}")
    server.cleanup()


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The address of a database in which no home has its ledger yet."""
    postgres.server.psql("set client_min_messages = error; drop schema if exists mainstay cascade;")
    return postgres.address


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium or Chrome."""
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    path = next((path for path in found if path), None)
    if path is None:
        pytest.skip("no Chromium on PATH, pages were not looked at: install Debian's chromium package")
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A running browser: `browser.new_page()` opens a page. By module, for its event loop is in the way of asyncio."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()
