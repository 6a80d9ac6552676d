"""Headless Chromium with the network off. Tests skip, saying why, where there is no Chromium."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import pytest
from browser_sizes import DESKTOP

from facilityplan import workflow

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "unit" / "render"))

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def chromium_path() -> str | None:
    """Return Chromium: as FACILITYPLAN_CHROMIUM says, else /usr/bin/chromium, else from the path."""
    named = os.environ.get("FACILITYPLAN_CHROMIUM")
    usual = [named] if named else ["/usr/bin/chromium", *map(shutil.which, ("chromium", "chromium-browser",
                                                                            "google-chrome"))]
    return next((path for path in usual if path and Path(path).exists()), None)


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium: set FACILITYPLAN_CHROMIUM or install chromium")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def axe():
    """Return a function: page → what axe-core finds on it as it stands, [(impact, rule, where)]."""
    engine = files(pytest.importorskip("axe_playwright_python")).joinpath("axe.min.js").read_text("utf-8")

    def found_on(page) -> list[tuple[str, str, list]]:
        page.evaluate(f"() => {{ {engine} }}")
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((all) => all.violations)")
        return [(one["impact"], one["id"], [node["target"] for node in one["nodes"]][:5]) for one in found]

    return found_on


@dataclass
class Opened:
    """A page and everything it did that a page of ours must not do."""

    page: object
    url: str
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def check_quiet(self) -> None:
        """Assert that nothing ran, nothing failed and nothing was asked for but the file itself."""
        assert self.dialogs == []
        assert self.errors == []
        assert [url for url in self.requests if not url.startswith("data:image/png")] == [self.url]
        assert self.page.evaluate("window.alerted === undefined")


@pytest.fixture
def open_page(browser, tmp_path):
    contexts = []

    def open_(html: str, *, viewport: dict | None = None, name: str = "page.html", ready: str = "html[data-ready]",
              locale: str = "zh-CN"):
        target = tmp_path / name
        target.write_text(html, encoding="utf-8")
        context = browser.new_context(viewport=viewport or DESKTOP, locale=locale)
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        page.set_default_timeout(10_000)
        opened = Opened(page, target.as_uri())
        page.on("dialog", lambda dialog: (opened.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: opened.errors.append(str(error)))
        page.on("console", lambda message: opened.errors.append(message.text)
                if message.type in ("error", "warning") else None)
        page.on("request", lambda request: opened.requests.append(request.url))
        page.goto(opened.url)
        page.wait_for_selector(ready, state="attached")
        return opened

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """A run of the tiny county with everything that pages can show, but for stages."""
    out = tmp_path_factory.mktemp("run")
    workflow.run(ROOT / "configs" / "rules.yaml", scenarios=["consortia"], out=out, overrides=[
        "rules.modes={circuit: {max_people: 500}, neighbour: {max_people: 250}}",
        "rules.budget.recurrent_share_of_today=0.9",
        "rules.sub_centres={min_count: 1, max_count: 2, max_people: 90000}",
        "objectives=[{minimise: periodic}, {minimise: sub_centre_minutes}, {minimise: cost}, {minimise: changes}]"])
    return out / "consortia"


@pytest.fixture(scope="session")
def plan_of_run(run_folder):
    """Return the plan.json of that run."""
    return json.loads((run_folder / "plan.json").read_bytes())
