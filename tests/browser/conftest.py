"""A browser for the tests: Debian's Chromium, driven over its own debugging pipe."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright

from tests.browser.people import People
from tests.browser.server import served

CHROMIUMS = ("chromium-headless-shell", "chromium")
"""Both of Debian: the first is the same engine without a window's program, for half the time."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The order in which a date is typed is the browser's own, not the page's.
    "--lang=en-US",
)


def _chromium() -> str | None:
    """The path of the first Chromium that is there."""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


def _missing() -> str:
    """What a machine lacks to run these tests; empty if nothing."""
    if _chromium() is None:
        return "Chromium is not installed (apt-get install chromium-headless-shell)"
    fonts = shutil.which("fc-list")
    if fonts is None:
        return "fc-list is not installed (apt-get install fontconfig)"
    found = subprocess.run([fonts, ":lang=zh"], capture_output=True, check=True)  # noqa: S603
    return "" if found.stdout.strip() else "no Chinese font (apt-get install fonts-noto-cjk)"


@pytest.fixture(scope="module")
def browser(clone_database: object) -> Iterator[Browser]:
    """Chromium with a fresh profile; the module's tests are skipped, loudly, where it is missing.

    The driver's event loop runs in this thread. Django then takes every query for a mistake, and no
    longer sees the connections that it made before: they would hold the database that is cloned.
    """
    missing = _missing()
    if missing:
        pytest.skip(missing)
    connections.close_all()
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=_chromium(), args=[*ARGUMENTS], headless=True
        )
        yield launched
        launched.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def begins_from(begins_from: Any, settled_registers: Any) -> Any:
    """The registers are published, also where no county is asked for."""
    return begins_from or settled_registers


@pytest.fixture
def address(committed_db: str) -> Iterator[str]:
    """The address of the real application over a database of the test's own."""
    with served() as where:
        yield where


@pytest.fixture
def people(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[People]:
    """The people of a test at their windows, on the device and in the language of `seen_on`."""
    device, language = request.param
    with ExitStack() as stack:
        yield People(browser, address, device, language, stack)
