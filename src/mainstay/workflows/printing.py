"""A page as PDF: printed by a Chromium that is already on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from mainstay.domain.errors import Asked, StoreError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
LONGEST_S = 120.0  # a page takes two seconds; a machine that is very busy takes some more


def pdf_of(page: bytes) -> bytes:
    """Print a page; raises `Asked` where no Chromium is on PATH, and `StoreError` where it printed nothing.

    The page allows itself no request, so none is made. The browser is given a folder of its own and knows nobody.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        remedy = "Install Debian's chromium package, or write report.html and print it from any browser."
        raise Asked("a PDF is printed by Chromium, and there is none on PATH", remedy=remedy)
    with TemporaryDirectory(prefix="mainstay-", ignore_cleanup_errors=True) as folder:
        return _printed(browser, Path(folder), page)


def _printed(browser: str, folder: Path, page: bytes) -> bytes:
    source, made = folder / "page.html", folder / "page.pdf"
    source.write_bytes(page)
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-pdf-header-footer",
        f"--user-data-dir={folder / 'browser'}",
        f"--print-to-pdf={made}",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),  # it refuses to run as root with one; the page is our own
        source.as_uri(),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=LONGEST_S)
        return made.read_bytes()
    except (subprocess.SubprocessError, OSError) as error:
        what = f"{Path(browser).name} printed no PDF ({type(error).__name__})"
        raise StoreError(what, remedy="Write report.html and print it from any browser.") from error
