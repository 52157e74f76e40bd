"""Shared by the tests of the pages: the raw figures read without kumageo, and the views run.

Expected numbers come from the raw files by the csv and json modules, shapely and pyproj; no
function of kumageo has a part in them.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import shutil
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import shapely.geometry
from pyproj import Geod
from rasterio.transform import from_origin
from streamlit.testing.v1 import AppTest

from kumageo.clock import JST
from kumageo.normalise import empty_features
from kumageo.readings.imports import import_readings
from kumageo.readings.store import ReadingStore
from kumageo.schemas import get_schema
from kumageo.store import Store
from layers.roads import build_roads
from pages.components.data import get_data, get_labels

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "geodata" / "raw"
SETTINGS = (
    *("KUMAGEO_GEODATA", "KUMAGEO_TILES", "KUMAGEO_TILES_CREDIT", "KUMAGEO_TILES_CREDIT_URL"),
    *("KUMAGEO_FRAME_ANCESTORS", "KUMAGEO_READINGS", "KUMAGEO_DATABASE_URL", "KUMAGEO_DEMO"),
    "KUMAGEO_RASTERS",
)
SECONDS = 60
ROAD_FEATURES = ("corridors", "traffic_stations", "bottlenecks", "road_facts", "landmarks")
HAZARD_NAMES = {
    "flood": "洪水",
    "landslide": "土砂災害",
    "storm_surge": "高潮",
    "earthquake": "地震",
    "tsunami": "津波",
    "large_fire": "大規模な火事",
    "inland_flood": "内水氾濫",
    "volcano": "火山現象",
}
CONTROLS = (
    *("selectbox", "multiselect", "text_input", "checkbox", "toggle", "radio", "button_group"),
)
_VIEW = """
from kumageo.normalise import empty_features
from kumageo.schemas import get_schema
from kumageo.store import Store
from pages.components.data import get_data, get_labels
from layers.roads import build_roads
from pages.views import {name}

{name}.show(get_data(), get_labels("ja"))
"""


def read_raw(name):
    with (RAW / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_in_words(iso):
    """Write a day, a month or a year of ISO 8601 as a Japanese reader does; of two, the span."""
    first, _, last = iso.partition("/")
    words = "".join(
        f"{int(number)}{unit}" for number, unit in zip(first.split("-"), "年月日", strict=False)
    )
    return f"{words}〜{write_in_words(last)}" if last else words


def fold(text):
    return unicodedata.normalize("NFKC", text).casefold()


@dataclass(frozen=True)
class Figures:
    """The official figures as they are in the raw files; cells are text."""

    municipalities: list[dict]
    sites: list[dict]
    shelters: list[dict]

    @property
    def regions(self):
        return {row["code"]: row["region_id"] for row in self.municipalities}

    @property
    def names(self):
        return {row["code"]: row["name"] for row in self.municipalities}

    def select(self, *, kind="both", hazards=(), mode="any", region="", m="", q=""):
        """Return the rows that a filter means, sites first; shelters serve no hazard."""
        rows = self.sites if kind in ("both", "site") else []
        if hazards:
            join = any if mode == "any" else all
            rows = [row for row in rows if join(row[hazard] == "1" for hazard in hazards)]
        elif kind in ("both", "shelter"):
            rows = rows + self.shelters
        return [
            row
            for row in rows
            if (not region or self.regions[row["municipality_code"]] == region)
            and (not m or row["municipality_code"] == m)
            and (not q or any(fold(q) in fold(row[name]) for name in ("name", "address")))
        ]

    def nearest(self, lon, lat, rows, *, restricted=False, n=5):
        """Return (name, metres) of the n places nearest to a point, by geodesic."""
        found = self.nearest_places(lon, lat, rows, restricted=restricted, n=n)
        return [(name, metres) for name, metres, _ in found]

    def nearest_places(self, lon, lat, rows, *, restricted=False, n=5):
        """Return (name, metres, rows there) of the n places nearest to a point."""
        geod = Geod(ellps="GRS80")
        places = {}
        for row in rows:
            if restricted or not row.get("accepts"):
                at = (row["name"].strip(), float(row["lon"]), float(row["lat"]))
                metres = geod.inv(lon, lat, at[1], at[2])[2]
                places.setdefault(at, (at[0], metres, []))[2].append(row)
        return sorted(places.values(), key=lambda place: place[1])[:n]


@pytest.fixture(scope="session")
def figures():
    return Figures(
        read_raw("municipalities.csv"),
        read_raw("evacuation_sites.csv"),
        read_raw("evacuation_shelters.csv"),
    )


@pytest.fixture(scope="session")
def in_words():
    return write_in_words


@pytest.fixture(scope="session")
def hazard_names():
    return HAZARD_NAMES


@pytest.fixture(scope="session")
def located(figures):
    """Count the sites and shelters in each municipality by where their coordinate lies."""
    document = json.loads((RAW / "municipal_boundaries.geojson").read_text(encoding="utf-8"))
    areas = [shapely.geometry.shape(feature["geometry"]) for feature in document["features"]]
    codes = [feature["properties"]["code"] for feature in document["features"]]
    names = [feature["properties"]["name"] for feature in document["features"]]
    codes = ["43100" if code.startswith("4310") else code for code in codes]
    tree = shapely.STRtree(areas)
    counts = {code: {"sites": [], "shelters": []} for code in figures.names}
    for name in ("sites", "shelters"):
        rows = getattr(figures, name)
        points = shapely.points([(float(row["lon"]), float(row["lat"])) for row in rows])
        for row, area in zip(*tree.query(points, predicate="within"), strict=True):
            counts[codes[area]][name].append({**rows[row], "ward": names[area]})
    return counts


@pytest.fixture(autouse=True)
def _default_settings(tmp_path, monkeypatch):
    """Set nothing, whatever this machine has set; and whatever readings it has, show none."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KUMAGEO_READINGS", str(tmp_path / "readings.sqlite3"))


@pytest.fixture
def geodata(tmp_path, monkeypatch):
    """Give a copy of geodata that a test may change; the pages use it."""
    copy = tmp_path / "geodata"
    ignored = shutil.ignore_patterns(".lock", "raw")
    shutil.copytree(ROOT / "geodata", copy, ignore=ignored)
    monkeypatch.setenv("KUMAGEO_GEODATA", str(copy))
    return copy


@pytest.fixture(scope="session")
def data():
    return get_data()


@pytest.fixture(scope="session")
def labels():
    return get_labels("ja")


@dataclass(frozen=True)
class Page:
    """A page that was run without a browser."""

    app: AppTest

    def run(self):
        self.app.run()
        return self

    @property
    def words(self):
        """The sentence that says what the map shows."""
        (block,) = [one for one in self._elements() if getattr(one, "key", None) == "words"]
        return unescape(block.children[0].value)

    @property
    def text(self):
        """All texts of the page, one a line."""
        values = [getattr(one, "value", "") for one in self._elements()]
        return "\n".join(value for value in values if isinstance(value, str))

    @property
    def query(self):
        return {
            name: value[0] if isinstance(value, list) else value
            for name, value in dict(self.app.query_params).items()
        }

    @property
    def warnings(self):
        return [warning.value for warning in self.app.warning]

    @property
    def nearest(self):
        """Rows of the table of the nearest places."""
        tables = [table.value for table in self.app.table]
        (table,) = [table for table in tables if "直線距離 (m)" in table.columns]
        return [
            {name: unescape(value) for name, value in row.items()}
            for row in table.to_dict("records")
        ]

    @property
    def map_arguments(self):
        """What the live map is sent."""
        (component,) = [one for one in self._elements() if one.type == "component_instance"]
        return json.loads(component.proto.json_args)

    def map_calls(self):
        """Return what is passed to the functions of our map script, by name; points by kind."""
        script = self.map_arguments["feature_group"]
        calls = {}
        for found in re.finditer(r"kumageo\.(\w+)\((\w+), ", script):
            options, _ = json.JSONDecoder().raw_decode(script, found.end())
            name = options["kind"] if found[1] == "addPoints" else found[1]
            calls[name] = options
        return calls

    def choose(self, **values):
        """Set controls by key, and run."""
        for key, value in values.items():
            for kind in CONTROLS:
                found = [one for one in getattr(self.app, kind) if one.key == key]
                if found:
                    found[0].set_value(value)
                    break
            else:
                raise AssertionError(f"no control {key}")
        return self.run()

    def control(self, key):
        for kind in CONTROLS:
            for one in getattr(self.app, kind):
                if one.key == key:
                    return one.value
        raise AssertionError(f"no control {key}")

    def _elements(self):
        return list(self.app.main)[1:]


def unescape(value):
    return re.sub(r"\\(.)", r"\1", value) if isinstance(value, str) else value


@pytest.fixture
def visit():
    """Open a view, or the first page, under a query."""

    def open_page(view, query=None, **session):
        if view == "main":
            app = AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=SECONDS)
        else:
            app = AppTest.from_string(_VIEW.format(name=view), default_timeout=SECONDS)
        for name, value in (query or {}).items():
            app.query_params[name] = value
        for name, value in session.items():
            app.session_state[name] = value
        return Page(app).run()

    return open_page


@pytest.fixture(scope="session")
def road_frames(data):
    """Give the published datasets that the page 渋滞 is made from."""
    store = Store(ROOT / "geodata")
    frames = {name: store.load(name) for name in ROAD_FEATURES}
    frames["traffic_hourly"] = store.load_table("traffic_hourly")
    return {**frames, "corridor_speeds": data.roads.speeds}


@pytest.fixture
def data_with(data, road_frames):
    """Build the data of the pages with other road datasets; None: not published."""

    def build(**frames):
        missing = {name for name, frame in frames.items() if frame is None}
        given = {
            name: empty_features(get_schema(name)) if frame is None else frame
            for name, frame in frames.items()
        }
        published = {k: v for k, v in data.publications.items() if k not in missing}
        roads = build_roads({**road_frames, **given})
        return replace(data, roads=roads, publications=published)

    return build


def write_year(well_id, n_others, level_of, today):
    """Write daily readings of a well: one level a year, 10 m in this one, and so on back."""
    lines = []
    for ago in range(n_others, -1, -1):
        first = dt.date(today.year - ago, 1, 1)
        last = min(dt.date(today.year - ago, 12, 31), today)
        days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
        level = f"{10 + (level_of(ago) if ago else 0):.2f}"
        lines += [f"{well_id},{day}T00:00+09:00,{level}" for day in days]
    return lines


@pytest.fixture(scope="session")
def fill_store(data, tmp_path_factory):
    """Import lines of well, time and level into a store, each as of its source."""

    def fill(path, **lines_of):
        store = ReadingStore(path)
        now = dt.datetime.now(tz=JST)
        for source, lines in lines_of.items():
            file = tmp_path_factory.mktemp("readings") / "readings.csv"
            file.write_text("\n".join(["well,time,level_m", *lines, ""]), encoding="utf-8")
            wells = data.wells["id"].to_list()
            done = import_readings(store, file, source=source, known_wells=wells, now=now)
            assert done.published, done.report
        store.close()
        return path

    return fill


@pytest.fixture(scope="session")
def measured(fill_store, tmp_path_factory):
    """Give a store of readings of five wells, as the prefecture and the city measured them.

    Of 水前寺 (w001) this year is the highest of 12, of 田迎【深】 (w003) the lowest of 16, of
    田迎【浅】 (w002), at the same place, in the middle of 13. 日向東 (w004) has four years, and
    日向西 (w005) ended long ago.
    """
    today = dt.datetime.now(tz=JST).date()
    ended = today - dt.timedelta(days=400)
    prefecture = [
        *write_year("w001", 11, lambda ago: -0.1 * ago, today),
        *write_year("w002", 12, lambda ago: 0.1 * ((ago + 1) // 2) * (-1) ** ago, today),
        *write_year("w003", 15, lambda ago: 0.1 * ago, today),
    ]
    city = [
        *write_year("w004", 3, lambda ago: -0.1 * ago, today),
        *write_year("w005", 3, lambda ago: 0.1 * ago, ended),
    ]
    path = tmp_path_factory.mktemp("measured") / "readings.sqlite3"
    return fill_store(path, 熊本県=prefecture, 熊本市=city)


@pytest.fixture
def use_readings(measured, monkeypatch):
    """Let the pages read the store of five wells."""
    monkeypatch.setenv("KUMAGEO_READINGS", str(measured))
    return measured


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory):
    """Give a folder where simulated readings come to lie, filled once."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture
def use_demo(demo_folder, monkeypatch):
    """Let the pages show simulated readings."""
    monkeypatch.setenv("KUMAGEO_READINGS", str(demo_folder / "readings.sqlite3"))
    monkeypatch.setenv("KUMAGEO_DEMO", "1")
    return demo_folder


@pytest.fixture(scope="session")
def slope(data, fill_store, tmp_path_factory):
    """Give a store of a slope: twelve wells without a mark, two days, and three shallow wells.

    On 2026-01-10 a level is the longitude's distance from 130.5 E in hundredths of a degree, in m;
    a year before it was 1.5 m lower everywhere.
    """
    inside = data.wells[data.wells["area"].eq("inside") & data.wells.geometry.notna()]
    unstated = inside[inside["screen_mark"].isna()].drop_duplicates("place_id").iloc[:12]
    shallow = inside[inside["screen_mark"] == "浅"].iloc[:3]
    lines = []
    for _, well in pd.concat([unstated, shallow]).iterrows():
        level = (well["lon"] - 130.5) * 100
        lines += [
            f"{well['id']},2025-01-10T00:00+09:00,{level - 1.5:.3f}",
            f"{well['id']},2026-01-10T00:00+09:00,{level:.3f}",
        ]
    return fill_store(tmp_path_factory.mktemp("slope") / "readings.sqlite3", 熊本県=lines)


@pytest.fixture
def use_slope(slope, monkeypatch):
    """Let the pages read the store of a slope."""
    monkeypatch.setenv("KUMAGEO_READINGS", str(slope))
    return slope


@pytest.fixture
def rasters(tmp_path, monkeypatch):
    """Give a folder of an administrator with one raster: 5 m west of 130.65 E, 1 m east of it."""
    folder = tmp_path / "rasters"
    folder.mkdir()
    values = np.full((30, 30), 5, dtype="float32")
    values[:, 15:] = 1
    profile = {"driver": "GTiff", "width": 30, "height": 30, "count": 1, "dtype": "float32"}
    place = {"crs": "EPSG:4326", "transform": from_origin(129.9, 33.4, 0.05, 0.05)}
    with rasterio.open(folder / "a.tif", "w", nodata=-9, **profile, **place) as dataset:
        dataset.write(values, 1)
    shutil.copy(ROOT / "tests" / "fixtures" / "rasters.toml", folder)
    monkeypatch.setenv("KUMAGEO_RASTERS", str(folder))
    return folder
