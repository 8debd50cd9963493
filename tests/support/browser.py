"""A real Chromium, and the application served to it on this machine."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from flask import Flask
from werkzeug.serving import make_server

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def player() -> Iterator[object]:
    """Playwright, once for the whole run: it suffers no second one beside it."""
    if shutil.which("chromium") is None:
        if os.environ.get("CIVIC_REQUIRE_BROWSER"):
            pytest.fail("Chromium is required here and is not installed")
        pytest.skip("no Chromium on this machine: apt-get install chromium fonts-noto-cjk")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        yield play


@pytest.fixture(scope="session")
def chromium(player) -> Iterator[object]:
    started = player.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
    yield started
    started.close()


@pytest.fixture
def browser(chromium) -> Iterator[object]:
    """The same Chromium for every test, without the pages that the one before left open."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The address where the application is served."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    before = app.config["BASE_URL"]
    app.config["BASE_URL"] = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app.config["BASE_URL"]
    server.shutdown()
    thread.join(10)
    server.server_close()
    app.config["BASE_URL"] = before


def violations(page) -> list[str]:
    """What axe-core finds wrong on the page as it stands."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['target']} {v['nodes'][0]['html'][:120]}" for v in found["violations"]]
