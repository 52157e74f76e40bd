"""Leaflet and our own files come from us, and nothing beside them."""

from __future__ import annotations

import pytest

from layers.assets import HAZARD_ICONS, LEAFLET_URL, OWN_URL, SCRIPTS, STYLES
from pages.routes.assets import STYLE_URL


@pytest.mark.parametrize("url", [*(url for _, url in (*SCRIPTS, *STYLES)), STYLE_URL])
def test_each_file_is_served_and_kept(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    assert len(answer.content) > 200
    kind = "javascript" if url.endswith(".js") else "text/css"
    assert kind in answer.headers["content-type"]
    assert answer.headers["cache-control"] == "public, max-age=86400"
    again = client.get(url, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("url", HAZARD_ICONS.values(), ids=HAZARD_ICONS.keys())
def test_each_pictogram_is_served_as_a_picture(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "default-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("base", [LEAFLET_URL, OWN_URL])
@pytest.mark.parametrize(
    "path",
    [
        "",
        "missing.js",
        "..%2fbase.py",
        "%2e%2e/base.py",
        "..%2f..%2fapp.py",
        "..%5c..%5capp.py",
        "....//base.py",
        "map.js%00.css",
        "%2fetc%2fpasswd",
    ],
)
def test_nothing_else_is(client, base, path):
    answer = client.get(f"{base}/{path}")
    assert answer.status_code in {404, 405}
    assert "import" not in answer.text
    assert "root:" not in answer.text
