"""Shared by the tests of kumageo: a copy of geodata, the commands, and files made of few rows.

The rows are real places as 国土地理院 publishes them; no test writes to the product's geodata.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from kumageo.__main__ import main
from kumageo.catalog import load_catalog
from kumageo.schemas import HAZARDS
from kumageo.store import Store

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = (
    *("KUMAGEO_TILES", "KUMAGEO_TILES_CREDIT", "KUMAGEO_TILES_CREDIT_URL"),
    *("KUMAGEO_READINGS", "KUMAGEO_DATABASE_URL", "KUMAGEO_DEMO"),
)
COMMAND_SECONDS = 120

SITE_HEADER = (
    *("id", "municipality_code", "name", "address", "lon", "lat", "flood", "landslide"),
    *("storm_surge", "earthquake", "tsunami", "large_fire", "inland_flood", "volcano"),
    *("also_shelter", "note"),
)
# 河内中学校 lies in 西区 of 熊本市, 西瀬コミュニティセンター in 人吉市, 荻の草公民館 in 阿蘇市.
KAWACHI = dict(
    zip(
        SITE_HEADER,
        [
            *("E4310000002201", "43100", "河内中学校", "熊本県熊本市西区河内町船津2470-1"),
            *("130.590585", "32.828426", *"10111111", "1", ""),
        ],
        strict=True,
    )
)
NISHISE = dict(
    zip(
        SITE_HEADER,
        [
            *("E4320300003202", "43203", "西瀬コミュニティセンター"),
            *("熊本県人吉市下戸越町1063-1", "130.73616", "32.207001", *"01111111", "0", ""),
        ],
        strict=True,
    )
)
OGINOKUSA = dict(
    zip(
        SITE_HEADER,
        [
            *("E4321400001201", "43214", "荻の草公民館", "熊本県阿蘇市一の宮町荻の草438"),
            *("131.15126", "33.029646", *"10000001", "1", ""),
        ],
        strict=True,
    )
)


@dataclass(frozen=True)
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str


def to_csv(records, header=None):
    """Write records as CSV text with LF; the header is that of the first record."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header or list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def hash_tree(folder):
    """Map each file below a folder to its checksum; the lock has no content."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock"]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def product_data_stays(committed):
    """Fail the session if a test published into the product's own geodata."""
    before = hash_tree(committed / "processed")
    yield
    after = hash_tree(committed / "processed")
    changed = {path for path in before | after if before.get(path) != after.get(path)}
    assert changed == set()


@pytest.fixture(scope="session")
def committed():
    """Give the product's own geodata, to read only."""
    return ROOT / "geodata"


@pytest.fixture(scope="session")
def master(tmp_path_factory, committed):
    """Copy geodata once; to read only."""
    copy = tmp_path_factory.mktemp("master") / "geodata"
    shutil.copytree(committed, copy, ignore=shutil.ignore_patterns(".lock", "raw"))
    return copy


@pytest.fixture
def geodata(tmp_path, master, monkeypatch):
    """Give a copy of geodata that a test may change; the commands use it."""
    copy = tmp_path / "geodata"
    shutil.copytree(master, copy)
    monkeypatch.setenv("KUMAGEO_GEODATA", str(copy))
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    return copy


@pytest.fixture(scope="session")
def catalog(committed):
    return load_catalog(committed / "catalog.toml")


@pytest.fixture(scope="session")
def embedded(committed):
    """Load the four published frames of the embedded default, to read only."""
    store = Store(committed)
    names = ("municipalities", "municipal_boundaries", "evacuation_sites", "evacuation_shelters")
    return {name: store.load(name) for name in names}


@pytest.fixture(scope="session")
def roads(committed):
    """Load the published frames of the roads, to read only."""
    store = Store(committed)
    names = ("corridors", "traffic_stations", "bottlenecks", "road_facts", "landmarks")
    frames = {name: store.load(name) for name in (*names, "observation_wells")}
    return {**frames, "traffic_hourly": store.load_table("traffic_hourly")}


@pytest.fixture
def run(capsys, geodata):
    """Run a command in this process, on the test's copy of geodata and never on the product's."""

    def run_command(*arguments):
        assert ROOT not in Path(os.environ["KUMAGEO_GEODATA"]).parents
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stop:  # argparse
            code = stop.code
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run_command


@pytest.fixture
def spawn(geodata):
    """Run a command in a process of its own."""

    def spawn_command(*arguments, **variables):
        done = subprocess.run(
            [sys.executable, "-m", "kumageo", *map(os.fspath, arguments)],
            check=False,
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, "KUMAGEO_GEODATA": str(geodata), **variables},
            timeout=COMMAND_SECONDS,
        )
        encoding = variables.get("PYTHONIOENCODING", "utf-8")
        return Answer(done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding))

    return spawn_command


@pytest.fixture(scope="session")
def snapshot():
    return hash_tree


@pytest.fixture
def write(tmp_path):
    """Write an input file beside the copy of geodata."""

    def write_file(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture(scope="session")
def csv_text():
    return to_csv


@pytest.fixture
def kawachi():
    return dict(KAWACHI)


@pytest.fixture
def nishise():
    return dict(NISHISE)


@pytest.fixture
def oginokusa():
    return dict(OGINOKUSA)


@pytest.fixture
def sites_file(write):
    """Write a file of three sites in our own columns; `changes` apply to the second (row 3)."""

    def write_sites(encoding="utf-8", **changes):
        records = [KAWACHI, {**NISHISE, **changes}, OGINOKUSA]
        return write("sites.csv", to_csv(records).encode(encoding))

    return write_sites


@pytest.fixture
def squares():
    """Two municipalities of 0.1 degrees side by side, the western one of two wards.

    43101 and 43102 (43100) from 130.6 to 130.7, 43202 from 130.7 to 130.8; 32.7 to 32.8.
    """
    shapes = [box(130.6, 32.7, 130.7, 32.75), box(130.6, 32.75, 130.7, 32.8)]
    return gpd.GeoDataFrame(
        {
            "code": ["43101", "43102", "43202"],
            "name": ["中央区", "東区", "八代市"],
            "municipality_code": ["43100", "43100", "43202"],
        },
        geometry=[*shapes, box(130.7, 32.7, 130.8, 32.8)],
        crs="EPSG:6668",
    )


def point_frame(records, *flags):
    """Make a frame of (id, municipality, name, lon, lat, *flags)."""
    names = ["id", "municipality_code", "name", "lon", "lat", *flags]
    table = pd.DataFrame(records, columns=names)
    table["address"] = "熊本県" + table["name"]
    table["source_row"] = range(2, len(table) + 2)
    for flag in set(flags) & {*HAZARDS, "also_shelter", "also_emergency_site"}:
        table[flag] = table[flag].astype("boolean")
    places = gpd.points_from_xy(table["lon"], table["lat"])
    return gpd.GeoDataFrame(table, geometry=places, crs="EPSG:6668")


def hazards(text):
    return [mark == "1" for mark in text]


@pytest.fixture
def few_sites():
    records = [
        ("S1", "43100", "一小", 130.65, 32.72, *hazards("11000000")),
        ("S2", "43100", "二小", 130.65, 32.78, *hazards("10010000")),
        ("S3", "43100", "三小", 130.71, 32.75, *hazards("00010000")),  # in 43202
        ("S4", "43202", "四小", 130.75, 32.75, *hazards("00000001")),
        ("S5", "43202", "海上", 130.85, 32.75, *hazards("10000000")),  # in no area
    ]
    return point_frame(records, *HAZARDS)


@pytest.fixture
def few_shelters():
    records = [
        ("H1", "43100", "一小", 130.65, 32.72, True, None),
        ("H2", "43100", "Ｃ棟 福祉", 130.66, 32.72, False, "要配慮者"),
        ("H3", "43202", "五小", 130.76, 32.75, False, None),
    ]
    return point_frame(records, "also_emergency_site", "accepts")
