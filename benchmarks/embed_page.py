"""The embed of evacuation sites against a Folium page saved as static HTML, in a real browser.

Both show the same 1,761 sites; the saved page is measured at its best: what it would ask public
CDNs for stands beside it (files that this page does not use are empty). Sites are drawn when a
frame shows them: that the browser was told of them, or that their icon is still to come, shows
none yet.
"""

from __future__ import annotations

import csv
import functools
import http.server
import re
import shutil
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import folium
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.chromium import ARGUMENTS, find_chromium
from benchmarks.live_page import JQUERY_FOLDER, N_SITES, WAIT_MS
from benchmarks.servers import serve_app
from benchmarks.table import Row, print_table
from layers.assets import LEAFLET_FOLDER

RUNS = 7
SAVED = "map.html"
CDN = re.compile(r'(?:src|href)="(https://[^"]+)"')
COPIES = {
    "leaflet.js": LEAFLET_FOLDER / "leaflet.js",
    "leaflet.css": LEAFLET_FOLDER / "leaflet.css",
    "jquery-3.7.1.min.js": JQUERY_FOLDER / "jquery.min.js",
}
MAX_RATIO = 0.35
MAX_WEIGHT_KB = 135
SITES = Path(__file__).resolve().parents[1] / "geodata" / "raw" / "evacuation_sites.csv"
DRAWN = "all sites are drawn after"  # said on the console: to ask a page disturbs it
WATCH = """
(() => {
  const tell = () => console.log('DRAWN', performance.now());
  const seen = () => requestAnimationFrame(() => requestAnimationFrame(tell));
  const watchIcons = () => {
    const icons = [...document.querySelectorAll('img.leaflet-marker-icon')];
    if (icons.length === COUNT && icons.every((icon) => icon.complete)) seen();
    else setTimeout(watchIcons, 10);
  };
  watchIcons();
  const watcher = new MutationObserver(([{ target }]) => {
    if (JSON.parse(target.dataset.points).site !== COUNT) return;
    watcher.disconnect();
    seen();
  });
  watcher.observe(document, { subtree: true, attributeFilter: ['data-points'] });
})();
""".replace("COUNT", str(N_SITES)).replace("DRAWN", DRAWN)


def run() -> list[Row]:
    """Measure both pages by turns; return the rows of the table."""
    ours_ms, naive_ms = [], []
    with serve_app() as app, serve_saved_page() as saved, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        embed = f"{app}/embed/evacuation"
        for address in (embed, saved):  # a first visit warms the servers
            _open(browser, address)
        for _ in range(RUNS):
            ours_ms.append(_open(browser, embed))
            naive_ms.append(_open(browser, saved))
        weight_kb = _weigh(browser, embed) / 1000
        browser.close()
    opened, other = statistics.median(ours_ms), statistics.median(naive_ms)
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
        _save_whole(site_map, Path(folder))
        handler = functools.partial(_Quiet, directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_address[1]}/{SAVED}"
            server.shutdown()


def _save_whole(site_map: folium.Map, folder: Path) -> None:
    """Save a map with all that it names on other hosts."""
    html = site_map.get_root().render()
    shutil.copytree(LEAFLET_FOLDER / "images", folder / "images")
    for url in sorted(set(CDN.findall(html))):
        name = url.rpartition("/")[2]
        original = COPIES.get(name)
        (folder / name).write_bytes(original.read_bytes() if original else b"")
        html = html.replace(f'"{url}"', f'"{name}"')
    (folder / SAVED).write_text(html, encoding="utf-8")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as by the app
    disable_nagle_algorithm = True

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the table is what is read."""


def _open(browser: Browser, address: str) -> float:
    """Return the ms to all sites of a first visit."""
    with _visit(browser) as page:
        page.add_init_script(WATCH)
        with page.expect_console_message(lambda said: DRAWN in said.text, timeout=WAIT_MS) as said:
            page.goto(address)
        return float(said.value.text.removeprefix(DRAWN))


def _weigh(browser: Browser, address: str) -> int:
    """Return the bytes that come over the wire in a first visit."""
    sizes: list[float] = []
    with _visit(browser) as page:
        session = page.context.new_cdp_session(page)
        session.on(
            "Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"])
        )
        session.send("Network.enable")
        page.goto(address, wait_until="networkidle")
    return int(sum(sizes))


@contextmanager
def _visit(browser: Browser) -> Iterator[Page]:
    """Give a page of a visitor who was never here."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        locale="ja-JP",
        extra_http_headers={"Accept-Encoding": "gzip"},
    )
    yield context.new_page()
    context.close()


if __name__ == "__main__":
    print_table("Embed against a Folium page saved as static HTML", run())
