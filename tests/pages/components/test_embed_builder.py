"""The code that an editor pastes, and the builder on the pages."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from kumageo.labels import LOCALES
from pages.components.data import get_labels
from pages.components.embed_builder import write_embed_code

ADDRESS = "https://maps.example.jp/embed/evacuation?hazard=flood&m=43404"
VIEWS = {
    "overview": "municipalities",
    "evacuation": "evacuation",
    "congestion": "congestion",
    "groundwater": "groundwater",
    "council": "council",
}


class Tags(HTMLParser):
    def __init__(self, code):
        super().__init__()
        self.found = {}
        self.feed(code)

    def handle_starttag(self, tag, attrs):
        assert tag not in self.found
        self.found[tag] = dict(attrs)


def test_the_code_is_a_frame_and_a_link_below_it():
    found = Tags(write_embed_code(ADDRESS, "evacuation", 640, get_labels("ja"))).found
    assert found["iframe"] == {
        "src": ADDRESS,
        "title": "くまもと地図ダッシュボード：避難場所",
        "width": "100%",
        "height": "640",
        "style": "border: 0",
        "loading": "lazy",
        "allow": "geolocation",
    }
    assert found["a"] == {"href": ADDRESS, "lang": "ja"}


@pytest.mark.parametrize("layer", [name for name in VIEWS.values() if name != "evacuation"])
def test_only_the_map_that_asks_where_one_is_may_ask(layer):
    assert "allow" not in Tags(write_embed_code("/x", layer, 480, get_labels("ja"))).found["iframe"]


@pytest.mark.parametrize("language", LOCALES)
def test_the_title_is_in_every_language(language):
    labels = get_labels(language)
    frame = Tags(write_embed_code("/x", "council", 480, labels)).found["iframe"]
    assert frame["title"] == labels("builder.frame_title", map=labels("builder.council"))
    assert "《" not in frame["title"]


def test_a_hostile_address_stays_an_address():
    address = "https://x/embed/council?q=\"><script>alert(1)</script>&x='"
    code = write_embed_code(address, "council", 480, get_labels("ja"))
    assert "<script" not in code
    assert Tags(code).found["iframe"]["src"] == address


@pytest.mark.parametrize("view", VIEWS)
def test_each_page_offers_its_own_embed(visit, view):
    page = visit(view)
    assert not page.app.code
    page.choose(**{"embed-builder": True})
    (code,) = [one.value for one in page.app.code]
    assert Tags(code).found["iframe"]["src"].endswith(f"/embed/{VIEWS[view]}")


def test_filters_height_and_language_reach_the_code(visit):
    page = visit("evacuation", {"hazard": "flood", "m": "43404"})
    page.choose(**{"embed-builder": True})
    page.choose(**{"embed-height": 960, "embed-language": "vi"})
    frame = Tags(page.app.code[0].value).found["iframe"]
    assert frame["src"].endswith("/embed/evacuation?m=43404&hazard=flood&lang=vi")
    assert frame["height"] == "960"
    page.choose(**{"embed-state": False})
    assert Tags(page.app.code[0].value).found["iframe"]["src"].endswith("/embed/evacuation?lang=vi")
