"""The real browser of benchmarks and tests: Chromium or Chrome, found on PATH."""

from __future__ import annotations

import shutil

# Without the background switches the browser itself asks its maker's hosts.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str:
    """Return the path of a Chromium or Chrome.

    Raises
    ------
    FileNotFoundError
        If there is none; a test or benchmark is never skipped for that.
    """
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise FileNotFoundError(
        f"expected one of {', '.join(NAMES)} on PATH, got none; run tests/ensure_chromium.sh"
    )
