"""The routes of the embeds: what is answered, kept, refused, and never echoed."""

from __future__ import annotations

import asyncio
import gzip
import time

import brotli
import pytest

from layers.embed.document import EMBED_LAYERS
from pages.routes import embed
from pages.routes.embed import SHELF, Shelf

EVACUATION = "/embed/evacuation"
REFUSED = "パラメーター「{}」を読み取れませんでした。"


@pytest.fixture(autouse=True)
def _fresh_shelf():
    """Look at what is published anew: tests publish, and set other settings."""
    SHELF.checked_at = float("-inf")
    yield
    SHELF.checked_at = float("-inf")


@pytest.mark.parametrize("layer", EMBED_LAYERS)
def test_each_layer_answers_without_a_cookie(client, layer):
    answer = client.get(f"/embed/{layer}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "public, max-age=300, stale-while-revalidate"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"]
    assert "vary" in answer.headers


def test_the_policy_is_the_page_s_own(client):
    policy = client.get(EVACUATION).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'sha256-")
    assert "unsafe" not in policy
    assert policy.endswith("frame-ancestors 'self'")


def test_the_frame_ancestors_are_those_of_the_setting(client, monkeypatch):
    monkeypatch.setenv("KUMAGEO_FRAME_ANCESTORS", "'self' https://www.pref.example.jp")
    answer = client.get(EVACUATION)
    policy = answer.headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' https://www.pref.example.jp")
    assert "https://www.pref.example.jp" in answer.text  # for messages


def test_it_is_prepared_in_both_encodings(fetch_raw):
    _, headers, plain = fetch_raw(EVACUATION)
    for encoding, decode in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        _, packed_headers, packed = fetch_raw(EVACUATION, accept_encoding=encoding)
        assert packed_headers["content-encoding"] == encoding
        assert packed_headers["etag"] == headers["etag"]
        assert decode(packed) == plain


def test_a_browser_that_has_it_gets_304(client):
    answer = client.get(EVACUATION)
    again = client.get(EVACUATION, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == answer.headers["etag"]


def test_every_valid_query_is_the_same_answer(client):
    plain = client.get(EVACUATION)
    for query in (
        "m=43100",
        "region=aso&hazard=flood,landslide&mode=all&kind=site",
        "z=10&lon=130.7&lat=32.8",
        "q=%E5%B0%8F&restricted=1&point=130.7,32.8",
        "facility=E4310000295201",
        "lang=ja",
    ):
        answer = client.get(f"{EVACUATION}?{query}")
        assert answer.status_code == 200, query
        assert answer.headers["etag"] == plain.headers["etag"]
        assert answer.content == plain.content


@pytest.mark.parametrize(
    ("layer", "query"),
    [
        ("municipalities", "indicator=sites_per_10k_flood&region=aso&m=43404&compare=43216"),
        ("congestion", "hour=7&day=saturday&period=after&measure=large_pct&m=43404"),
        ("groundwater", "well=w001&region=kumamoto"),
        ("council", "region=kikuchi"),
        ("council", "m=43404"),
    ],
)
def test_each_layer_takes_its_own_filters(client, layer, query):
    assert client.get(f"/embed/{layer}?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("m=99999", "m"),
        ("lang=../../etc", "lang"),
        ("lang=%2e%2e%2fetc", "lang"),
        ("region=%3Cscript%3E", "region"),
        ("region=<script>alert(1)</script>", "region"),
        ("<script>=1", "…"),
        ("%3Cscript%3Ealert(1)%3C/script%3E=1", "…"),
        ("m=43100&m=43202", "m"),
        ("m=%", "m"),
        ("m=%00", "m"),
        ("m=%C0%AE", "m"),
        ("m=43100%0d%0aX-Evil:%201", "m"),
        ("%0d%0aX-Evil:1=1", "…"),
        ("theme=1", "theme"),
        ("indicator=population", "indicator"),  # of another layer
        ("hour=7", "hour"),
        ("z=9", "z"),
        ("facility=E0", "facility"),
        ("x=" + "a" * 1_999, "…"),
    ],
)
def test_what_is_wrong_is_named_in_a_sentence(client, query, name):
    answer = client.get(f"{EVACUATION}?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == REFUSED.format(name)
    assert "x-evil" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors" in answer.headers["content-security-policy"]


def test_a_query_of_a_hundred_thousand_letters(ask):
    status, body = ask(EVACUATION, "m=" + "4" * 100_000)
    assert (status, body.decode()) == (400, REFUSED.format("…"))


def test_an_error_is_in_the_language_that_was_asked_for(client, geodata):
    texts = (geodata / "labels" / "ja.toml").read_text(encoding="utf-8")
    changed = texts.replace(REFUSED.format("{names}"), "Not read: {names}.")
    assert changed != texts
    (geodata / "labels" / "en.toml").write_text(changed, encoding="utf-8")
    SHELF.checked_at = float("-inf")
    assert client.get(f"{EVACUATION}?lang=en&m=1").text == "Not read: m."
    assert client.get(f"{EVACUATION}?lang=xx&m=1").text == REFUSED.format("lang、m")
    answer = client.get(f"{EVACUATION}?lang=en")
    assert '<html lang="en" ' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/embed/unknown",
        "/embed/EVACUATION",
        "/embed/evacuation%00",
        "/embed/..%2f..%2fapp",
        "/embed/%3Cscript%3E",
        "/embed/evacuation/x",
        "/embed/",
    ],
)
def test_other_layers_are_not_found(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert "script" not in answer.text


def test_nothing_can_be_written(client):
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)(EVACUATION).status_code == 405


def test_head_has_the_headers_and_no_body(client):
    answer = client.head(EVACUATION)
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["etag"] == client.get(EVACUATION).headers["etag"]


def test_a_flood_of_queries_keeps_one_document(client):
    for number in range(200):
        client.get(f"{EVACUATION}?z=9&lon=130.{number}&lat=32.5")
        client.get(f"{EVACUATION}?x{number}=1")
    assert len(SHELF.documents) <= len(EMBED_LAYERS) * len(SHELF.languages)


def test_what_is_published_anew_is_shown(client, geodata):
    import pandas as pd

    from kumageo.store import Store

    before = client.get(EVACUATION)
    store = Store(geodata)
    publication = store.describe("evacuation_sites")
    sites = store.load("evacuation_sites").head(1000)
    store.publish("evacuation_sites", sites, pd.DataFrame(), publication)
    SHELF.checked_at = float("-inf")
    after = client.get(EVACUATION)
    assert after.headers["etag"] != before.headers["etag"]


def test_simulated_readings_are_never_shown(client, use_demo, data):
    from pages.components.data import get_water

    assert get_water(data).is_demo
    SHELF.checked_at = float("-inf")
    text = client.get("/embed/groundwater").text
    assert "模擬" not in text
    assert "水位の記録は登録されていません" in text


def test_measured_readings_are(client, use_readings):
    text = client.get("/embed/groundwater").text
    assert "水位の記録：熊本県、熊本市" in text
    assert '"shown_class"' not in text


def test_files_are_looked_at_once_a_second_at_most(monkeypatch):
    calls = []

    def find():
        calls.append(time.monotonic())
        return "version"

    monkeypatch.setattr(embed, "find_embed_version", find)

    async def ask_often():
        shelf = Shelf()
        for _ in range(100):
            await shelf.refresh()
        shelf.checked_at -= 1.1
        await shelf.refresh()

    asyncio.run(ask_often())
    assert len(calls) == 2


def test_a_document_is_built_once_for_all_who_wait(monkeypatch):
    built = []

    def build(layer, language, version):
        built.append((layer, language, version))
        time.sleep(0.05)
        return object()

    monkeypatch.setattr(embed, "get_embed", build)

    async def ask_at_once():
        shelf = Shelf()
        shelf.version = "v"
        found = await asyncio.gather(*(shelf.take("council", "ja") for _ in range(20)))
        assert len(set(found)) == 1

    asyncio.run(ask_at_once())
    assert built == [("council", "ja", "v")]
