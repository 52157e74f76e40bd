"""Shared by the tests of the layers: the published frames, and a reader of rendered maps."""

from __future__ import annotations

import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import folium
import geopandas as gpd
import pandas as pd
import pytest

from kumageo.catalog import load_catalog
from kumageo.facilities import build_facilities
from kumageo.labels import load_labels
from kumageo.municipalities import build_profiles
from kumageo.store import Store
from layers.compose import build_map
from layers.geojson import encode_boundaries

ROOT = Path(__file__).resolve().parents[2]
DATASETS = ("municipalities", "municipal_boundaries", "evacuation_sites", "evacuation_shelters")
ROADS = ("corridors", "traffic_stations", "bottlenecks", "landmarks", "observation_wells")
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "\"'`",
    '\\\\\\" + alert(1) + "',
    "\\u003c/script\\u003e",
    "${alert(1)}",
    "]]>\u2028\u2029\x00&lt;",
    "<img src=x onerror=alert(1)>",
    "</script><img onerror=alert(1)>",
)
TEMPLATE_TEXT = (
    *("{{ 7 * 191 }}", "{{7*7}}", "{% raw %}", "{# 甲 #}", "{{9**(9**9)}}", "{% x", "{{", "{#"),
    *("{{{{9**(9**9)}}}}", "{{%{#", "\\{{ x }}", "{\u007b 1 }}", "\\u007b{ 1 }}"),
)
SECONDS = 5  # 9 ** (9 ** 9) takes longer than anyone waits


class _Structure(HTMLParser):
    """The elements of a page in order: what a browser would build, without the text."""

    def __init__(self):
        super().__init__()
        self.elements = []
        self.scripts = []
        self._in_script = False

    def handle_starttag(self, tag, attrs):
        names = {name: re.sub(r"[0-9a-f]{32}", "ID", value or "") for name, value in attrs}
        self.elements.append((tag, names))
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.elements.append((f"/{tag}", {}))
        self._in_script = False

    def handle_data(self, data):
        if self._in_script:
            self.scripts[-1] += data


def read_structure(html):
    """Return the elements of a page and the text of its scripts."""
    parser = _Structure()
    parser.feed(html)
    parser.close()
    return parser.elements, parser.scripts


def read_calls(html):
    """Return what is passed to each function of our map script, in order of the page."""
    calls = []
    for script in read_structure(html)[1]:
        for found in re.finditer(r"kumageo\.(\w+)\((\w+), ", script):
            options, end = json.JSONDecoder().raw_decode(script, found.end())
            assert script[end : end + 2] == ");"
            calls.append((found[1], options))
    return calls


@pytest.fixture(scope="session")
def geodata():
    return ROOT / "geodata"


@pytest.fixture(scope="session")
def labels(geodata):
    return load_labels(geodata, "ja")


@pytest.fixture(scope="session")
def catalog(geodata):
    return load_catalog(geodata / "catalog.toml")


@pytest.fixture(scope="session")
def frames(geodata):
    """Load the four published frames, to read only."""
    store = Store(geodata)
    return {name: store.load(name) for name in DATASETS}


@pytest.fixture(scope="session")
def roads(geodata):
    """Load the published frames of the roads, to read only."""
    store = Store(geodata)
    loaded = {name: store.load(name) for name in ROADS}
    return {**loaded, "traffic_hourly": store.load_table("traffic_hourly")}


@pytest.fixture(scope="session")
def names(frames):
    return dict(
        zip(frames["municipalities"]["code"], frames["municipalities"]["name"], strict=True)
    )


@pytest.fixture(scope="session")
def facilities(frames):
    return build_facilities(
        frames["evacuation_sites"], frames["evacuation_shelters"], frames["municipal_boundaries"]
    )


@pytest.fixture(scope="session")
def profiles(frames):
    return build_profiles(*(frames[name] for name in DATASETS))


@pytest.fixture(scope="session")
def encoded_boundaries(frames, names):
    return encode_boundaries(frames["municipal_boundaries"], pd.Series(names))


@pytest.fixture(scope="session")
def boundaries_json(encoded_boundaries):
    return json.loads(encoded_boundaries)


@pytest.fixture(scope="session")
def hostile():
    return HOSTILE


@pytest.fixture(scope="session", params=TEMPLATE_TEXT)
def template_text(request):
    """Text that Jinja would take for its own; branca compiles what an element rendered."""
    return request.param


@pytest.fixture(scope="session")
def render(labels, catalog):
    """Render a group on a map, as a page would without Streamlit."""

    def render_group(group: folium.FeatureGroup, **arguments):
        from layers.compose import list_credits

        sources = arguments.pop("sources", None) or list_credits(list(catalog), None)
        options = {"title": "地図", "labels": labels, "sources": sources, **arguments}
        base = build_map(options.pop("view", None), **options)
        if group is not None:
            base.add_child(group)
        started = time.perf_counter()
        html = base.get_root().render()
        assert time.perf_counter() - started < SECONDS
        return html

    return render_group


@pytest.fixture(scope="session")
def structure():
    return read_structure


@pytest.fixture(scope="session")
def calls():
    return read_calls


@pytest.fixture
def few():
    """Five facilities of two municipalities: three sites, then two shelters; the second is out."""
    return gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c", "d", "e"],
            "kind": ["site", "site", "site", "shelter", "shelter"],
            "name": ["甲", "乙", "丙", "丁", "戊"],
            "municipality_code": ["43100", "43100", "43202", "43202", "43100"],
            "lon": [130.70, 130.71, 130.60, 130.61, 130.72],
            "lat": [32.80, 32.81, 32.50, 32.51, 32.82],
            "outside": [False, True, False, False, False],
        },
        geometry=gpd.points_from_xy(
            [130.70, 130.71, 130.60, 130.61, 130.72], [32.80, 32.81, 32.50, 32.51, 32.82]
        ),
        crs="EPSG:6668",
    )
