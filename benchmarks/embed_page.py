"""The embed of evacuation sites against a Folium page saved as static HTML, in a real browser.

Both show the same 1,761 sites; the saved page is measured at its best: what it asks public CDNs
for is answered at once from copies on this machine.
"""

from __future__ import annotations

import csv
import functools
import http.server
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import folium
from playwright.sync_api import Browser, sync_playwright

from benchmarks.chromium import ARGUMENTS, find_chromium
from benchmarks.live_page import N_SITES, WAIT_MS, answer_cdns
from benchmarks.servers import serve_app
from benchmarks.table import Row, print_table

RUNS = 7
SAVED = "map.html"
MAX_RATIO = 0.35
MAX_WEIGHT_KB = 135
SITES = Path(__file__).resolve().parents[1] / "geodata" / "raw" / "evacuation_sites.csv"
WATCH = """
(() => {
  const tick = () => {
    const map = document.querySelector('.leaflet-container');
    const ours = map && JSON.parse(map.dataset.points || '{}').site;
    const naive = document.querySelectorAll('.leaflet-marker-icon').length;
    if (ours === COUNT || naive === COUNT) window.__drawn = performance.now();
    else setTimeout(tick, 5);
  };
  tick();
})();
""".replace("COUNT", str(N_SITES))


def run() -> list[Row]:
    """Measure both pages by turns; return the rows of the table."""
    ours_ms, naive_ms, weights = [], [], []
    with serve_app() as app, serve_saved_page() as saved, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        embed = f"{app}/embed/evacuation"
        for address in (embed, saved):  # a first visit warms the servers
            _open(browser, address)
        for _ in range(RUNS):
            opened_ms, weight = _open(browser, embed)
            ours_ms.append(opened_ms)
            weights.append(weight)
            naive_ms.append(_open(browser, saved)[0])
        browser.close()
    opened, other = statistics.median(ours_ms), statistics.median(naive_ms)
    weight_kb = statistics.median(weights) / 1000
    return [
        Row("embed: navigation to all 1,761 sites", opened, "ms", other, MAX_RATIO),
        Row("embed: first view over the wire, gzip", weight_kb, "kB", limit=MAX_WEIGHT_KB),
    ]


@contextmanager
def serve_saved_page() -> Iterator[str]:
    """Give the address of a page that loops over markers, saved by Folium."""
    site_map = folium.Map(location=[32.62, 130.72], zoom_start=9, tiles=None)
    with SITES.open(encoding="utf-8-sig", newline="") as file:
        for site in csv.DictReader(file):
            at = [float(site["lat"]), float(site["lon"])]
            folium.Marker(at, popup=site["name"], tooltip=site["name"]).add_to(site_map)
    with tempfile.TemporaryDirectory() as folder:
        site_map.save(str(Path(folder) / SAVED))
        handler = functools.partial(_Quiet, directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_address[1]}/{SAVED}"
            server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the table is what is read."""


def _open(browser: Browser, address: str) -> tuple[float, int]:
    """Return the ms to all sites and the bytes that came over the wire."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        locale="ja-JP",
        extra_http_headers={"Accept-Encoding": "gzip"},
    )
    context.add_init_script(WATCH)
    if address.endswith(SAVED):  # only this one asks CDNs; to watch for it delays every request
        answer_cdns(context)
    page = context.new_page()
    session, sizes = context.new_cdp_session(page), []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.send("Network.enable")
    page.goto(address)
    page.wait_for_function("window.__drawn", timeout=WAIT_MS)
    opened_ms = float(page.evaluate("window.__drawn"))
    page.wait_for_timeout(500)
    context.close()
    return opened_ms, int(sum(sizes))


if __name__ == "__main__":
    print_table("Embed against a Folium page saved as static HTML", run())
