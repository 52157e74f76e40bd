"""Shared by all tests: speeds, which no publisher gives yet, in a copy of geodata."""

from __future__ import annotations

import csv
import datetime as dt

import pytest

from kumageo.catalog import load_catalog
from kumageo.ingest import check_file, publish_file
from kumageo.store import Store

WEEK = [f"2026-05-{day}" for day in range(25, 30)]  # Monday to Friday
PEAK, OFF_PEAK = (6, 7, 8, 16, 17, 18), (*range(9, 16), 19, 20, 21)
# On 国道57号 15 km/h in the peak and 60 km/h outside of it; of 大津植木線 two samples only.
SAMPLES = [
    *(("r57", day, hour, 15.0) for day in WEEK for hour in PEAK for _ in range(4)),
    *(("r57", day, hour, 60.0) for day in WEEK for hour in OFF_PEAK for _ in range(3)),
    *(("pref30_otsu_ueki", WEEK[0], hour, 30.0) for hour in (7, 12)),
]
ENTRY = """
[corridor_speeds]
title = "試験の速度"
title_en = "Speeds of a test"
publisher = "試験"
sources = [
  { publisher = "試験", title = "試験の速度", url = "", as_of = 2026-05-29 },
]
source_url = "https://speeds.example.jp/"
licence = "試験の条件"
licence_processed = "試験の条件"
attribution = "試験の速度"
processed_statement = "試験の速度を加工して作成"
as_of = 2026-05-29
encodings = ["utf-8"]
crs = "EPSG:6668"
reader = "corridor_speeds"
schema = "corridor_speeds"
raw = "corridor_speeds.csv"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
status = "published"
"""


@pytest.fixture(scope="session")
def publish_speeds():
    """Publish the samples into a copy of geodata, as an administrator would."""

    def publish(geodata):
        catalog = geodata / "catalog.toml"
        catalog.write_text(catalog.read_text(encoding="utf-8") + ENTRY, encoding="utf-8")
        path = geodata / "speeds.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["section_id", "timestamp", "speed_kmh"])
            for section, day, hour, speed in SAMPLES:
                writer.writerow([section, f"{day}T{hour:02d}:30:00+09:00", speed])
        day = dt.date(2026, 5, 29)
        store = Store(geodata)
        checked = check_file(load_catalog(catalog), store, "corridor_speeds", path, as_of=day)
        publish_file(store, checked, accept_quarantine=False)
        return SAMPLES

    return publish
