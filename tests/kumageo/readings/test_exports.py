"""The export: Japanese time with its offset, bounded by Japanese days, safe in a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt

import pytest

from kumageo.errors import ArgumentError, NotPublishedError
from kumageo.readings.exports import export_readings

ONE, TWO = "kumamoto-01", "kumamoto-17"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.csv"


@pytest.fixture
def filled(store, load):
    load(
        *(f"{ONE},2025-12-31T14:59Z,8.1", f"{ONE},2025-12-31T15:00Z,8.25"),
        *(f"{ONE},2026-01-01T15:00Z,8.3", f"{TWO},2026-01-01T00:00Z,40.5"),
    )
    load(f"{TWO},2026-01-02T00:00Z,5", source='@市,"町"', accept_held=True)
    return store


def read(path):
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(text.splitlines()))


class TestFile:
    def test_all(self, filled, out):
        assert export_readings(filled, out) == {"n_wells": 2, "n_readings": 5}
        assert out.read_bytes().startswith(b"\xef\xbb\xbfwell,time,level_m,quality,source\r\n")
        assert read(out)[1:] == [
            [ONE, "2025-12-31T23:59:00+09:00", "8.1", "imported", "熊本県"],
            [ONE, "2026-01-01T00:00:00+09:00", "8.25", "imported", "熊本県"],
            [ONE, "2026-01-02T00:00:00+09:00", "8.3", "imported", "熊本県"],
            [TWO, "2026-01-01T09:00:00+09:00", "40.5", "imported", "熊本県"],
            [TWO, "2026-01-02T09:00:00+09:00", "5.0", "held", '\'@市,"町"'],
        ]
        assert out.stat().st_mode & 0o777 == 0o644

    @pytest.mark.parametrize(
        ("arguments", "levels"),
        [
            ({"well_id": TWO}, [40.5, 5]),
            ({"first": dt.date(2026, 1, 1)}, [8.25, 8.3, 40.5, 5]),
            ({"last": dt.date(2025, 12, 31)}, [8.1]),
            ({"first": dt.date(2026, 1, 1), "last": dt.date(2026, 1, 1)}, [8.25, 40.5]),
            ({"well_id": ONE, "first": dt.date(2026, 1, 2)}, [8.3]),
        ],
    )
    def test_a_part(self, filled, out, arguments, levels):
        assert export_readings(filled, out, **arguments)["n_readings"] == len(levels)
        assert [float(row[2]) for row in read(out)[1:]] == levels

    def test_times_and_levels_come_back(self, filled, out, load, readings_file, store):
        before = store.read_series(ONE)
        export_readings(filled, out, well_id=ONE)
        result = load(readings_file(*(",".join(row[:3]) for row in read(out)[1:])))
        assert (result.counts.n_new, result.counts.n_unchanged) == (0, 3)
        assert store.read_series(ONE)["level_m"].equals(before["level_m"])

    def test_a_level_below_the_sea_is_a_number(self, store, load, out):
        load(f"{ONE},2026-01-01T00:00Z,-0.25", source="-県")
        export_readings(store, out)
        assert read(out)[1] == [ONE, "2026-01-01T09:00:00+09:00", "-0.25", "imported", "'-県"]


class TestNothing:
    @pytest.mark.parametrize(
        "arguments",
        [{"well_id": "x"}, {"first": dt.date(2030, 1, 1)}, {"last": dt.date(2000, 1, 1)}],
    )
    def test_no_such_reading(self, filled, out, arguments, tmp_path):
        out.write_text("before")
        names = set(tmp_path.iterdir())
        with pytest.raises(NotPublishedError, match=r"got none\. Nothing was written"):
            export_readings(filled, out, **arguments)
        assert out.read_text() == "before"
        assert set(tmp_path.iterdir()) == names

    def test_no_store(self, store, out):
        with pytest.raises(NotPublishedError, match="readings of any well"):
            export_readings(store, out)
        assert not out.exists()

    def test_days_in_the_wrong_order(self, filled, out):
        days = {"first": dt.date(2026, 1, 2), "last": dt.date(2026, 1, 1)}
        with pytest.raises(ArgumentError, match="--from: expected a day up to --to"):
            export_readings(filled, out, **days)

    def test_a_folder_that_is_not_there(self, filled, tmp_path):
        with pytest.raises(OSError, match="No such file"):
            export_readings(filled, tmp_path / "none" / "out.csv")
