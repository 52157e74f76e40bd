"""The documents of the embeds: repeatable, escaped, under a policy that holds, complete."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import brotli
import pytest

from kumageo.facilities import KINDS
from kumageo.labels import Labels
from kumageo.schemas import HAZARDS
from kumageo.settings import TileSource
from layers.embed.document import EMBED_LAYERS
from layers.registry import list_layer_datasets

RAW = Path(__file__).resolve().parents[3] / "geodata" / "raw"


@pytest.fixture(scope="module", params=EMBED_LAYERS)
def layer(request):
    return request.param


@pytest.fixture(scope="module")
def documents(build):
    return {name: build(name) for name in EMBED_LAYERS}


@pytest.fixture(scope="module")
def html(documents, layer):
    return documents[layer].content.plain.decode()


def read_config(html):
    return json.loads(re.search(r'id="embed-config">(.*?)</script>', html, re.DOTALL)[1])


def read_attributes(structure, html, name):
    return [found[name] for _, found in structure(html)[0] if name in found]


def test_two_builds_are_the_same_bytes(build, documents, layer):
    again = build(layer)
    assert again.content == documents[layer].content
    assert again.policy == documents[layer].policy


def test_both_compressed_forms_are_the_page(documents, layer):
    content = documents[layer].content
    assert gzip.decompress(content.gzip) == brotli.decompress(content.brotli) == content.plain
    assert len(content.gzip) < 16_000


def test_the_policy_lets_in_its_own_script_and_nothing_else(documents, layer, html):
    directives = dict(part.split(" ", 1) for part in documents[layer].policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["style-src"] == directives["connect-src"] == "'self'"
    assert directives["base-uri"] == directives["form-action"] == "'none'"
    assert directives["frame-ancestors"] == "'self'"
    assert "unsafe" not in documents[layer].policy
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert directives["script-src"] == f"'self' 'sha256-{digest}'"


def test_nothing_in_the_page_is_inline_but_that_script(structure, html):
    for tag, attributes in structure(html)[0]:
        assert "style" not in attributes
        assert tag != "style"
        assert not [name for name in attributes if name.startswith("on")]


def test_the_page_loads_nothing_from_elsewhere(structure, html):
    for tag, attributes in structure(html)[0]:
        if tag in {"script", "img", "iframe"} and "src" in attributes:
            assert attributes["src"].startswith("/assets/")
        if tag == "link":
            assert attributes["href"].startswith(("/assets/", "/data/", "data:,"))


def test_every_dataset_is_credited_with_its_terms(html, layer, content):
    for dataset in content.list_datasets(list_layer_datasets(layer)):
        assert dataset.processed_statement in html
        assert dataset.licence in html
        assert f'href="{dataset.source_url}"' in html


def test_the_frame_of_a_page_that_can_be_read(structure, html):
    elements = structure(html)[0]
    tags = [tag for tag, _ in elements]
    assert ("html", {"lang": "ja", "data-group": ",", "data-decimal": "."}) in elements
    for tag in ("title", "h1", "main", "noscript", "footer"):
        assert tags.count(tag) == 1
    links = [found for tag, found in elements if tag == "a"]
    assert links[0]["href"] == "#embed-words"  # the skip link comes first
    words = next(found for _, found in elements if found.get("id") == "embed-words")
    assert words["aria-live"] == "polite"
    ids = read_attributes(structure, html, "id")
    assert len(ids) == len(set(ids))
    assert all(found.get("rel") == "noopener" for found in links if found.get("target") == "_blank")


def test_each_control_has_a_parameter_and_its_values(documents, layer, structure, html):
    known = {parameter.name: parameter for parameter in documents[layer].parameters}
    name = ""
    for tag, found in structure(html)[0]:
        if tag in {"input", "select"}:
            name = found["name"]
            assert name in known
        value = found.get("value", "")
        if value and tag in {"input", "option"}:
            assert known[name].accepts(value)
        if "data-fills" in found:  # the script puts the names of places there
            filled = read_config(html)["places"][found["data-fills"]]
            assert all(known[name].accepts(value) for value in filled)


def test_other_languages_are_linked_in_their_own_name(html):
    found = re.search(r'<a class="embed-language"[^>]*>(.*?)</a>', html)
    assert found[1] == "Tiếng Việt"
    assert 'lang="vi"' in found[0]
    assert 'data-language="ja"' not in html


def test_the_notice_of_the_evacuation_sites(documents):
    html = documents["evacuation"].content.plain.decode()
    assert "指定の一覧です。開設状況ではありません（2025年10月27日時点）" in html


def test_the_hazards_come_with_pictograms_and_words(documents, hazard_words):
    html = documents["evacuation"].content.plain.decode()
    for hazard, word in hazard_words.items():
        found = re.search(
            rf'name="hazard" value="{hazard}">(<svg.*?</svg>)<span>(.*?)</span>', html
        )
        assert 'aria-hidden="true"' in found[1]
        assert found[2] == word


@pytest.fixture(scope="module")
def hazard_words(labels):
    return {name: labels(f"hazard.{name}") for name in HAZARDS}


def test_no_reader_is_named_more_than_needed(documents):
    html = documents["evacuation"].content.plain.decode()
    assert "E4310000295201" not in html  # ids come with the details
    config = read_config(html)
    assert [one["known"] for one in config["parameters"] if one["name"] == "facility"] == [[]]
    assert set(config["kinds"]) == set(KINDS)


def test_numbers_of_the_municipalities(documents):
    config = read_config(documents["municipalities"].content.plain.decode())
    with (RAW / "municipalities.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = config["indicators"]["population"]
    assert shown["numbers"] == {row["code"]: float(row["population"]) for row in rows}
    assert shown["values"]["43100"] == "728,700人"
    flags = config["indicators"]["data_platform_member"]
    assert [entry["number"] for entry in flags["entries"]] == [1, 0]
    assert {name for name, one in config["indicators"].items() if one["remarks"]} >= {
        *("groundwater_area", "data_platform_member", "sites_per_10k", "shelters_per_10k"),
    }


def test_extents_hold_the_municipalities(documents, content):
    config = read_config(documents["evacuation"].content.plain.decode())
    places = config["places"]["municipalities"]
    for code, area in content.boundaries.groupby("municipality_code"):
        low_lon, low_lat, high_lon, high_lat = area.total_bounds
        assert places[code]["bounds"] == pytest.approx(
            [low_lon, low_lat, high_lon, high_lat], abs=0.0006
        )
    assert {place["region"] for place in places.values()} == set(config["places"]["regions"])


def test_simulated_readings_are_never_shown(build, sources, content):
    from tests.layers.embed.readings import simulate

    html = build("groundwater", replace(sources, water=simulate(content.wells))).content.plain
    assert html == build("groundwater").content.plain
    assert "模擬" not in html.decode()


def test_a_tile_server_is_allowed_and_credited(build, sources):
    tiles = TileSource("https://t.example/{z}/{x}/{y}.png", "庁内", "", "https://t.example")
    document = build("evacuation", replace(sources, tiles=tiles))
    assert "img-src 'self' data: https://t.example;" in document.policy
    assert "庁内" in document.content.plain.decode()


def test_hostile_texts_stay_text(build, sources, structure, hostile, documents):
    plain = structure(documents["evacuation"].content.plain.decode())[0]
    for text in hostile:
        texts = {
            name: text if name.startswith("hazard.") else value
            for name, value in sources.labels.texts.items()
        }
        changed = replace(sources, labels=Labels("ja", texts))
        html = build("evacuation", changed).content.plain.decode()
        assert structure(html)[0] == plain
        assert read_config(html)["hazards"]["flood"] == text


def test_councils_are_asked_for(build, sources):
    with pytest.raises(ValueError, match="councils"):
        build("council", replace(sources, councils=None))
