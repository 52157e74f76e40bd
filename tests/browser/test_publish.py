"""The static export in a real browser: from a folder on disk and from a plain web server."""

from __future__ import annotations

import functools
import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("municipalities", "evacuation", "congestion", "groundwater", "council")
SECONDS = 30_000
WAYS = ("file", "http")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Export two languages once, into a folder whose name has blanks and Japanese."""
    folder = tmp_path_factory.mktemp("web") / "sub path" / "地図"
    command = [sys.executable, "-m", "layers.publish", str(folder), "--lang", "ja,en"]
    more = ["--base-url", "https://map.example.jp/kumamoto"]
    subprocess.run([*command, *more], cwd=ROOT, env=os.environ, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def addresses(exported):
    """Serve the folder below a path, by a server that knows nothing of it."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Handler, directory=exported.parents[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {
        "file": exported.as_uri(),
        "http": f"http://127.0.0.1:{server.server_port}/sub%20path/%E5%9C%B0%E5%9B%B3",
    }
    server.shutdown()
    server.server_close()


@pytest.fixture
def opened(visit, addresses):
    """Open a file of the export one way; nothing may fail, nor ask another host."""
    visits = []

    def open_page(way, path, **options):
        made = visit(address=addresses[way], **options)
        made.page.on("requestfailed", lambda request: note_failure(made, request))
        visits.append((way, made))
        made.page.goto(f"{addresses[way]}/{path}")
        if not path.startswith("index"):
            made.page.locator(".leaflet-container[data-areas]").wait_for(timeout=SECONDS)
        return made.page

    yield open_page
    for way, made in visits:
        allowed = ("file:///", "data:") if way == "file" else ("http://127.0.0.1:", "data:")
        assert [url for url in made.requests if not url.startswith(allowed)] == []
        assert made.errors == []


def note_failure(made, request):
    # A page that leads on to another language stops what it had asked for.
    if "ERR_ABORTED" not in request.failure:
        made.errors.append(request.url)


def wait_for_counts(page, **wanted):
    for name, n in wanted.items():
        told = f"""[data-points*='"{name}":{n}']"""
        page.locator(f".leaflet-container{told}").wait_for(timeout=SECONDS)


@pytest.mark.parametrize("way", WAYS)
def test_every_site_and_shelter_is_drawn_filtered_and_listed(opened, way):
    page = opened(way, "ja/evacuation.html")
    wait_for_counts(page, site=1761, shelter=1338)
    page.locator(".embed-checks label", has_text="津波").click()
    page.wait_for_url("**hazard=tsunami**")
    page.locator("#embed-table summary").click()
    page.locator("#embed-table tbody tr").first.wait_for(timeout=SECONDS)
    assert page.locator("#embed-table tbody tr").first.locator("td").nth(2).inner_text()  # fetched


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("layer", LAYERS)
def test_every_embed_opens(opened, way, layer):
    page = opened(way, f"en/{layer}.html")
    page.locator("#embed-words, .kg-sentence").filter(has_text="a").first.wait_for()
    assert page.locator(".kg-status").is_hidden()
    page.locator("#embed-table summary").click()
    page.locator("#embed-table tbody tr").first.wait_for(timeout=SECONDS)


@pytest.mark.parametrize("way", WAYS)
def test_the_query_is_the_state_and_goes_with_the_language(opened, way):
    query = "hazard=flood&m=43202&z=11&lon=130.7&lat=32.5"
    page = opened(way, f"ja/evacuation.html?{query}#point=130.6,32.5")
    wait_for_counts(page, site=43, shelter=0)
    assert page.locator('[name="m"]').input_value() == "43202"
    page.locator(".embed-language").click()
    page.wait_for_url("**/en/evacuation.html?**")
    wait_for_counts(page, site=43, shelter=0)
    assert "lang=" not in page.url
    assert "m=43202" in page.url
    assert page.url.endswith("#point=130.6,32.5")


@pytest.mark.parametrize("way", WAYS)
def test_a_language_that_is_asked_for_is_the_file_of_it(opened, way):
    page = opened(way, "ja/groundwater.html?m=43100&lang=en")
    page.wait_for_url("**/en/groundwater.html?m=43100")
    page.locator(".leaflet-container[data-areas]").wait_for(timeout=SECONDS)
    assert page.locator("html").get_attribute("lang") == "en"


def test_what_a_query_may_not_hold_changes_nothing(opened):
    page = opened("file", "ja/evacuation.html?m=99999&hazard=%3Cscript%3E&x=1&lang=vi")
    wait_for_counts(page, site=1761, shelter=1338)
    assert page.locator('[name="m"]').input_value() == ""


@pytest.mark.parametrize("way", WAYS)
def test_the_list_leads_to_the_embeds(opened, way):
    page = opened(way, "index.html", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("summary").first.click()
    code = page.locator("textarea").first
    assert code.input_value().startswith('<iframe src="https://map.example.jp/kumamoto/ja/')
    page.locator('a[href="en/council.html"]').click()
    page.locator(".leaflet-container[data-areas]").wait_for(timeout=SECONDS)


def test_a_popup_shows_its_pictograms(opened):
    page = opened("file", "ja/evacuation.html?m=43202&hazard=flood")
    page.locator("#embed-table summary").click()
    page.locator("#embed-table tbody .embed-open").first.click()
    picture = page.locator(".kg-popup .kg-hazards img").first
    picture.wait_for(timeout=SECONDS)
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
