"""The reports of the embedded default as plain values, with the day of each dataset."""

from __future__ import annotations

import json

import pytest

from kumageo.errors import NotPublishedError, UnknownDatasetError
from kumageo.readings.store import ReadingStore
from kumageo.reports import SUBJECTS, report_subject
from kumageo.store import Store

DAYS = {
    "municipalities": "2026-01-01",
    "municipal_boundaries": "2022-01-01",
    "evacuation_sites": "2025-10-27",
    "evacuation_shelters": "2025-10-27",
}


ROAD_DAYS = {
    "corridors": "2026-08-01",
    "traffic_stations": "2026-08-18",
    "traffic_hourly": "2026-08-18",
    "bottlenecks": "2024-12-16",
    "road_facts": "2026-05-13",
    "corridor_speeds": None,  # none are published
}


@pytest.mark.parametrize(
    ("subject", "days"),
    [
        ("municipalities", DAYS),
        ("evacuation", DAYS),
        ("congestion", ROAD_DAYS),
        ("groundwater", {"observation_wells": "2024-02-28"}),
    ],
)
def test_a_report_is_plain_json(committed, tmp_path, subject, days):
    readings = ReadingStore(tmp_path / "readings.sqlite3")
    report = report_subject(subject, Store(committed), readings)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["subject"] == subject
    assert report["as_of"] == days


def test_the_subjects():
    subjects = {"municipalities", "evacuation", "congestion", "groundwater", "council"}
    assert set(SUBJECTS) == subjects


def test_an_unknown_subject(committed):
    with pytest.raises(UnknownDatasetError, match=r"subject: expected one of .*; got 'wells'"):
        report_subject("wells", Store(committed))


def test_nothing_published(tmp_path):
    with pytest.raises(NotPublishedError, match="python -m kumageo ingest municipalities FILE"):
        report_subject("evacuation", Store(tmp_path))
