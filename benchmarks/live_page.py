"""The live page 避難場所 against a page that loops over markers, in one real browser.

Both show the same 1,761 sites. The naive page asks public CDNs for Leaflet; here these requests
are answered at once from copies on this machine (those that this page does not need, with an
empty file): it is measured at its best.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xstatic.pkg.jquery
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Route, sync_playwright

from benchmarks.chromium import ARGUMENTS, find_chromium
from benchmarks.servers import serve_app, serve_naive
from layers.assets import LEAFLET_FOLDER

RUNS = 5
JQUERY_FOLDER = Path(xstatic.pkg.jquery.BASE_DIR)
N_SITES = 1761
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


def run() -> list[dict[str, Any]]:
    """Measure both pages by turns; return the rows of the table."""
    with serve_app() as ours, serve_naive() as naive, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        pages = {
            "ours": (f"{ours}/evacuation", _toggle_ours),
            "naive": (f"{naive}/", _toggle_naive),
        }
        for address, _ in pages.values():  # a first visit warms the servers
            _measure(browser, address, None)
        measured: dict[str, list[tuple[float, float, int]]] = {name: [] for name in pages}
        for _ in range(RUNS):
            for name, (address, toggle) in pages.items():
                measured[name].append(_measure(browser, address, toggle))
        rerun = [_measure(browser, pages["ours"][0], _rerun_ours) for _ in range(RUNS)]
        browser.close()
    return _tabulate(measured, rerun)


def _measure(
    browser: Browser, address: str, toggle: Callable[[Page], None] | None
) -> tuple[float, float, int]:
    """Return ms to all points, ms of the rerun, and bytes that the rerun re-sent."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ja-JP")
    context.add_init_script(WATCH)
    _answer_cdns(context)
    page = context.new_page()
    received = _count_received(context.new_cdp_session(page))
    page.goto(address)
    page.wait_for_function("window.__drawn", timeout=WAIT_MS)
    opened_ms = page.evaluate("window.__drawn - performance.timeOrigin")
    rerun_ms, resent = 0.0, 0
    if toggle is not None:
        page.wait_for_timeout(1500)  # lets the first run end
        before = sum(received)
        started = page.evaluate("performance.now()")
        toggle(page)
        rerun_ms = page.evaluate("performance.now()") - started
        page.wait_for_timeout(500)
        resent = sum(received) - before
    context.close()
    return opened_ms, rerun_ms, resent


def _count_received(session: CDPSession) -> list[int]:
    sizes: list[int] = []

    def note(event: dict[str, Any]) -> None:
        frame = event["response"]
        size = len(frame["payloadData"])
        sizes.append(size * 3 // 4 if frame["opcode"] == 2 else size)  # binary comes as base64

    session.on("Network.webSocketFrameReceived", note)
    session.send("Network.enable")
    return sizes


def _answer_cdns(context: BrowserContext) -> None:
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


def _toggle_ours(page: Page) -> None:
    page.get_by_text("一覧を表で見る").click()
    page.get_by_text("か所の一覧").wait_for(timeout=WAIT_MS)


def _rerun_ours(page: Page) -> None:
    page.get_by_text("受入対象が限られる避難所も含める").click()
    page.wait_for_function("location.search.includes('restricted=1')", timeout=WAIT_MS)


def _toggle_naive(page: Page) -> None:
    page.get_by_text("unrelated", exact=True).click()
    page.get_by_text("checked: True").wait_for(timeout=WAIT_MS)


def _tabulate(
    measured: dict[str, list[tuple[float, float, int]]], rerun: list[tuple[float, float, int]]
) -> list[dict[str, Any]]:
    def median(name: str, number: int) -> float:
        return statistics.median(row[number] for row in measured[name])

    rows = [
        ("navigation to all 1,761 points, ms", median("ours", 0), median("naive", 0), 0.45),
        ("unrelated widget (table), ms", median("ours", 1), median("naive", 1), 0.12),
        (
            "unrelated widget (whole page runs), ms",
            statistics.median(row[1] for row in rerun),
            median("naive", 1),
            0.12,
        ),
    ]
    table = [
        {"what": what, "ours": ours, "other": other, "ratio": ours / other, "limit": limit}
        for what, ours, other, limit in rows
    ]
    resent = statistics.median(row[2] for row in rerun)
    other = median("naive", 2)
    what = "re-sent by an unrelated widget (whole page runs), bytes"
    table.append({"what": what, "ours": resent, "other": other, "limit_bytes": MAX_RESENT_BYTES})
    return table


if __name__ == "__main__":
    for line in run():
        print(line)
