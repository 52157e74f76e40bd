"""The live page 避難場所 against a page that loops over markers, in one real browser.

Both show the same 1,761 sites. The naive page asks public CDNs for Leaflet; here these requests
are answered at once from copies on this machine (those that this page does not need, with an
empty file): it is measured at its best.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import xstatic.pkg.jquery
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Route, sync_playwright

from benchmarks.chromium import ARGUMENTS, find_chromium
from benchmarks.servers import serve_app, serve_naive
from benchmarks.table import Row, print_table
from layers.assets import LEAFLET_FOLDER

RUNS = 5
JQUERY_FOLDER = Path(xstatic.pkg.jquery.BASE_DIR)
N_SITES = 1761
N_FLOOD_SITES = 1212
WAIT_MS = 60_000
MAX_OPENING_RATIO = 0.45
MAX_RERUN_RATIO = 0.12
MAX_RESENT_BYTES = 2_000

# Runs in every frame; the frame with the map tells the page when all points are there.
WATCH = """
(() => {
  if (window.top === window) return;
  const tick = () => {
    const map = document.querySelector('.leaflet-container');
    const ours = map && JSON.parse(map.dataset.points || '{}').site;
    const naive = document.querySelectorAll('.leaflet-marker-icon').length;
    if (ours === COUNT || naive === COUNT) window.top.__drawn = Date.now();
    else setTimeout(tick, 10);
  };
  tick();
})();
""".replace("COUNT", str(N_SITES))


def run() -> list[Row]:
    """Measure both pages by turns; return the rows of the table."""
    taken: dict[str, list[Measured]] = {name: [] for name in ("ours", "naive", "table", "filter")}
    with serve_app() as ours, serve_naive() as naive, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        page = f"{ours}/evacuation"
        for address in (page, naive):  # a first visit warms the servers
            _measure(browser, address, None)
        for _ in range(RUNS):
            taken["ours"].append(_measure(browser, page, _press_unrelated))
            taken["naive"].append(_measure(browser, naive, _press_naive))
        for _ in range(RUNS):
            taken["table"].append(_measure(browser, page, _open_table))
            taken["filter"].append(_measure(browser, page, _filter_flood))
        browser.close()
    return _tabulate(taken)


class Measured(NamedTuple):
    """One visit: ms to all points, ms of the rerun, and bytes that the rerun re-sent."""

    opened_ms: float
    rerun_ms: float
    resent_bytes: int


def _measure(browser: Browser, address: str, press: Callable[[Page], None] | None) -> Measured:
    """Visit a page as a newcomer; press a widget if one is given."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ja-JP")
    context.add_init_script(WATCH)
    answer_cdns(context)
    page = context.new_page()
    received = _count_received(context.new_cdp_session(page))
    page.goto(address)
    page.wait_for_function("window.__drawn", timeout=WAIT_MS)
    opened_ms = page.evaluate("window.__drawn - performance.timeOrigin")
    rerun_ms, resent = 0.0, 0
    if press is not None:
        page.wait_for_timeout(1500)  # lets the first run end
        before = sum(received)
        started = page.evaluate("performance.now()")
        press(page)
        rerun_ms = page.evaluate("performance.now()") - started
        page.wait_for_timeout(500)
        resent = sum(received) - before
    context.close()
    return Measured(opened_ms, rerun_ms, resent)


def _count_received(session: CDPSession) -> list[int]:
    sizes: list[int] = []

    def note(event: dict[str, Any]) -> None:
        frame = event["response"]
        size = len(frame["payloadData"])
        sizes.append(size * 3 // 4 if frame["opcode"] == 2 else size)  # binary comes as base64

    session.on("Network.webSocketFrameReceived", note)
    session.send("Network.enable")
    return sizes


def answer_cdns(context: BrowserContext) -> None:
    def answer(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[-1].removeprefix("dist")
        if name.startswith("jquery"):
            name = "jquery.min.js"
        for folder in (LEAFLET_FOLDER, LEAFLET_FOLDER / "images", JQUERY_FOLDER):
            if (folder / name).is_file():
                route.fulfill(path=folder / name)
                return
        route.fulfill(body="")

    context.route(lambda url: "127.0.0.1" not in url, answer)


def _press_unrelated(page: Page) -> None:
    page.get_by_text("受入対象が限られる避難所も含める").click()
    page.wait_for_function("location.search.includes('restricted=1')", timeout=WAIT_MS)


def _open_table(page: Page) -> None:
    page.get_by_text("一覧を表で見る").click()
    page.get_by_text("か所の一覧").wait_for(timeout=WAIT_MS)


def _filter_flood(page: Page) -> None:
    page.get_by_role("button", name="洪水").click()
    frame = page.frame_locator('iframe[title^="streamlit_folium"]')
    frame.get_by_text(f"{N_FLOOD_SITES:,}か所").wait_for(timeout=WAIT_MS)


def _press_naive(page: Page) -> None:
    page.get_by_text("unrelated", exact=True).click()
    page.get_by_text("checked: True").wait_for(timeout=WAIT_MS)


def _tabulate(taken: dict[str, list[Measured]]) -> list[Row]:
    def median(name: str, field: str) -> float:
        return statistics.median(getattr(row, field) for row in taken[name])

    opened, rerun = median("naive", "opened_ms"), median("naive", "rerun_ms")
    resent = median("naive", "resent_bytes")
    return [
        Row(
            "navigation to all 1,761 points",
            median("ours", "opened_ms"),
            "ms",
            opened,
            MAX_OPENING_RATIO,
        ),
        Row("unrelated widget", median("ours", "rerun_ms"), "ms", rerun, MAX_RERUN_RATIO),
        Row(
            "re-sent for an unrelated widget",
            median("ours", "resent_bytes"),
            "B",
            resent,
            MAX_RESENT_BYTES,
            is_ratio=False,
        ),
        Row("table of all 3,099 opened", median("table", "rerun_ms"), "ms", rerun),
        Row("filter by flood, redrawn", median("filter", "rerun_ms"), "ms", rerun),
    ]


if __name__ == "__main__":
    print_table("The page 避難場所 against a page that loops folium.Marker", run())
