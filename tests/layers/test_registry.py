"""The layers that exist, and where their files are."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import layers
from kumageo.errors import UnknownDatasetError
from kumageo.optional import SPEEDS
from kumageo.schemas import HAZARDS
from layers import assets
from layers.embed.bundle import EXPORT_SCRIPTS, LAYER_SCRIPTS, MAP_SCRIPTS, PAGE_SCRIPTS, STYLES
from layers.registry import LAYERS, list_layer_datasets

FOLDER = Path(layers.__file__).parent
FOLDERS = {assets.LEAFLET_URL: assets.LEAFLET_FOLDER, assets.OWN_URL: assets.OWN_FOLDER}


def file_of(url):
    base = next(base for base in FOLDERS if url.startswith(f"{base}/"))
    return FOLDERS[base] / url.removeprefix(f"{base}/")


def test_every_dataset_of_every_layer_is_in_the_catalogue(catalog):
    known = {dataset.id for dataset in catalog}
    for entry in LAYERS:
        assert entry.datasets
        # An administrator who publishes speeds adds their entry.
        assert set(entry.datasets) - {SPEEDS} <= known, entry.id
    assert SPEEDS in list_layer_datasets("congestion")


def test_every_layer_is_listed_once_and_draws():
    assert [entry.id for entry in LAYERS] == [
        *("municipalities", "evacuation", "congestion", "groundwater", "council"),
    ]
    for entry in LAYERS:
        assert callable(entry.layer.to_folium)
        assert entry.layer.__module__ == f"layers.{entry.id}"


def test_the_datasets_of_a_layer():
    for entry in LAYERS:
        assert list_layer_datasets(entry.id) == entry.datasets
        assert len(set(entry.datasets)) == len(entry.datasets)
    # What is drawn, and what a buffer counts, each with its publisher.
    drawn = {"corridors", "traffic_stations", "traffic_hourly", "bottlenecks", "landmarks"}
    backgrounds = {"background_roads", "background_land", "municipal_boundaries"}
    assert drawn | backgrounds <= set(list_layer_datasets("congestion"))
    assert set(list_layer_datasets("groundwater")) == {
        *("observation_wells", "groundwater_facts", "municipal_boundaries", "background_land")
    }
    with pytest.raises(UnknownDatasetError, match="expected one of municipalities, evacuation, c"):
        list_layer_datasets("x" * 1000)


def test_assets_are_on_disk_and_come_from_us():
    for _, url in (*assets.SCRIPTS, *assets.STYLES):
        assert url.startswith("/assets/")
        assert file_of(url).stat().st_size > 500
    assert (assets.LEAFLET_FOLDER / "LICENSE").exists() or "Leaflet" in (
        assets.LEAFLET_FOLDER / "leaflet.js"
    ).read_text(encoding="utf-8")[:300]


def test_each_asset_has_a_name_and_an_address_of_its_own():
    # folium keeps scripts and styles by name: of two with one name only the last is loaded
    listed = [*assets.SCRIPTS, *assets.STYLES]
    assert len({name for name, _ in listed}) == len({url for _, url in listed}) == len(listed)


def test_each_hazard_has_a_pictogram_of_its_own():
    drawings = [file_of(assets.HAZARD_ICONS[hazard]).read_text("utf-8") for hazard in HAZARDS]
    assert len(set(drawings)) == len(HAZARDS)
    for drawing in drawings:
        root = ET.fromstring(drawing)  # noqa: S314
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        names = {element.tag.split("}")[1] for element in root.iter()}
        assert names <= {"svg", "g", "path", "circle", "rect", "line", "polygon", "polyline"}
        attributes = {name for element in root.iter() for name in element.attrib}
        assert not [name for name in attributes if name.startswith("on") or "href" in name]


def own_files(kind):
    files = sorted(assets.OWN_FOLDER.glob(f"*.{kind}"))
    assert files
    return [(file.name, file.read_text(encoding="utf-8")) for file in files]


def test_our_scripts_and_styles_ask_no_other_host():
    for name, text in own_files("js") + own_files("css"):
        assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text, re.IGNORECASE), name
        assert "@import" not in text


def test_our_scripts_never_make_html_of_text():
    for name, text in own_files("js"):
        # Reading it from an element of text escapes the text for Leaflet's own innerHTML.
        rest = re.sub(r"element\(\"span\", \"\", [\w.]+\)\.innerHTML(?=[,\]])", "", text)
        for means in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert means not in rest, (name, means)


def test_every_function_that_python_calls_is_in_the_scripts():
    offered, called = set(), set()
    for _, text in own_files("js"):
        returned = text[text.rindex("\n  return {") :]
        offered |= set(re.findall(r"\b\w+\b(?=[,} \n])", returned))
    for path in FOLDER.glob("*.py"):
        called |= set(re.findall(r"Call\(\s*\"(\w+)\"", path.read_text(encoding="utf-8")))
    assert len(called) >= 6
    assert called <= offered


def test_every_script_and_style_of_ours_is_loaded():
    loaded = {url.rsplit("/", 1)[1] for _, url in (*assets.SCRIPTS, *assets.STYLES)}
    loaded.add("deck.js")  # the slides of a briefing, which is a page of its own
    # An embed has them in one file, and an export a page of its own.
    loaded |= {*MAP_SCRIPTS, *EXPORT_SCRIPTS, *PAGE_SCRIPTS, *STYLES, "publish.css"}
    loaded |= {name for parts in LAYER_SCRIPTS.values() for names in parts for name in names}
    assert {name for name, _ in own_files("js") + own_files("css")} <= loaded
