"""The figures on roads as they are in the raw files.

Means are made here from the csv module, sums and a list of holidays; no function of kumageo has
a part in them.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

GEODATA = Path(__file__).resolve().parents[3] / "geodata"
PUBLIC_HOLIDAYS = {dt.date(2026, 7, 20), dt.date(2026, 8, 11)}  # 海の日, 山の日
COUNTS = ("traffic_up", "traffic_down", "traffic_up_large", "traffic_down_large")
EARTHQUAKE = dt.date(2026, 7, 28)
SATURDAY, SUNDAY = 5, 6


def classify(day):
    if day.month == 8 and 13 <= day.day <= 16:
        return "obon"
    if day in PUBLIC_HOLIDAYS or day.weekday() == SUNDAY:
        return "holiday"
    return "saturday" if day.weekday() == SATURDAY else "weekday"


@dataclass(frozen=True)
class RoadFigures:
    """Rows of the raw files as text, and of each station its days of 24 readings."""

    stations: list[dict]
    bottlenecks: list[dict]
    facts: list[dict]
    whole_days: dict[str, dict[dt.date, list[tuple[float, ...]]]]

    def select_days(self, code, day_class, first=dt.date.min, last=dt.date.max):
        """Return the whole days of a station: for each the 24 readings of up, down and large."""
        return [
            hours
            for day, hours in self.whole_days.get(code, {}).items()
            if first <= day <= last and classify(day) == day_class
        ]

    def mean_hours(self, code, day_class, first=dt.date.min, last=dt.date.max):
        """Return number of days, and 24 means of up, down, large up and large down."""
        days = self.select_days(code, day_class, first, last)
        hours = [
            tuple(sum(day[hour][at] for day in days) / len(days) for at in range(len(COUNTS)))
            for hour in range(24 if days else 0)
        ]
        return len(days), hours

    def summarise(self, code):
        """Return the mean weekday before the earthquake."""
        n_days, hours = self.mean_hours(code, "weekday", last=EARTHQUAKE - dt.timedelta(days=1))
        both = [up + down for up, down, *_ in hours]
        peak = both.index(max(both))
        up, down, *_ = hours[peak]
        large = sum(up_large + down_large for *_, up_large, down_large in hours)
        return {
            "n_days": n_days,
            "weekday_24h": sum(both),
            "peak_hour": peak,
            "peak_volume": both[peak],
            "k_pct": 100 * both[peak] / sum(both),
            "d_pct": 100 * max(up, down) / both[peak],
            "d_direction": "up" if up >= down else "down",
            "large_pct": 100 * large / sum(both),
        }


def read_raw(name):
    with (GEODATA / "raw" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_whole_days():
    read = defaultdict(lambda: defaultdict(dict))
    path = GEODATA / "raw" / "traffic_hourly.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["traffic_up"] and row["traffic_down"]:
                time = dt.datetime.fromisoformat(row["datetime"])
                values = tuple(float(row[name]) for name in COUNTS)
                read[row["point_code"]][time.date()][time.hour] = values
    return {
        code: {
            day: [hours[hour] for hour in range(24)]
            for day, hours in sorted(days.items())
            if len(hours) == 24
        }
        for code, days in read.items()
    }


@pytest.fixture(scope="session")
def road_figures():
    return RoadFigures(
        read_raw("traffic_stations.csv"),
        read_raw("bottlenecks.csv"),
        read_raw("road_facts.csv"),
        read_whole_days(),
    )
