"""A change of slides in the briefing, in a real browser: from the key to a map that is drawn.

Once as slides come for the first time, when their map is drawn anew, and once as they come
back. The flight of the map to another place takes its own time and is given beside.
"""

from __future__ import annotations

import math
import statistics
import tomllib

from playwright.sync_api import Page, sync_playwright

from benchmarks.chromium import ARGUMENTS, find_chromium
from benchmarks.servers import ROOT, serve_app
from benchmarks.table import Row, print_table

MAX_CHANGE_MS = 300
WAIT_MS = 60_000
VIEWPORT = {"width": 1920, "height": 1080}

# Press a key as a hand would; note when the slide, its number and the areas of its map are
# painted, and when the map rests. A first frame after the last change is a painted one.
CHANGE = """async (key) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const map = window[document.querySelector('.folium-map').id];
    const slide = () => document.querySelector('.slide:not([hidden])').id;
    const areas = () => {
        let n = 0;
        map.eachLayer((layer) => { if (layer.feature?.properties?.code) n += 1; });
        return n;
    };
    const before = slide();
    let resting = 0;
    map.once('moveend', () => { resting = performance.now(); });
    const started = performance.now();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    do await frame(); while (slide() === before || areas() === 0);
    await frame();
    const drawn = performance.now() - started;
    while (!resting && performance.now() - started < 3000) await frame();
    return [drawn, resting ? resting - started : NaN];
}"""


def run() -> list[Row]:
    """Step through the slides of all topics and back; return the rows of the table."""
    text = (ROOT / "geodata" / "council" / "topics.toml").read_text(encoding="utf-8")
    ids = ",".join(topic["id"] for topic in tomllib.loads(text)["topic"])
    with serve_app() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        page = browser.new_page(viewport=VIEWPORT, locale="ja-JP")
        page.goto(f"{address}/briefing?topics={ids}")
        page.wait_for_selector("#state[data-ready]", timeout=WAIT_MS)
        page.wait_for_timeout(1000)
        first, again = _step(page, "ArrowRight"), _step(page, "ArrowLeft")
        browser.close()
    return [
        _tabulate(f"slide for the first time (median of {len(first)})", first),
        _tabulate(f"slide shown again (median of {len(again)})", again),
        Row("slowest change of all", max(drawn for drawn, _ in first + again), "ms"),
        Row("map at rest after its flight", _find_rest(first + again), "ms"),
    ]


def _step(page: Page, key: str) -> list[tuple[float, float]]:
    """Press a key until the deck ends; return for each change the ms to drawn and to rest."""
    n_changes = page.locator(".slide").count() - 1
    return [tuple(page.evaluate(CHANGE, key)) for _ in range(n_changes)]


def _tabulate(what: str, taken: list[tuple[float, float]]) -> Row:
    median = statistics.median(drawn for drawn, _ in taken)
    return Row(what, median, "ms", limit=MAX_CHANGE_MS, is_ratio=False)


def _find_rest(taken: list[tuple[float, float]]) -> float:
    return statistics.median(rest for _, rest in taken if not math.isnan(rest))


if __name__ == "__main__":
    print_table("Browser: slides of the briefing of all topics", run())
