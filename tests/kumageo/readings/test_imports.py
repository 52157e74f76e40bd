"""The import: what stops a file, what is held, and that a refused file changes nothing."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

from kumageo.errors import ArgumentError, ReadError, StoreBusyError
from kumageo.readings import forms, row_checks
from kumageo.readings.imports import find_held
from kumageo.readings.store import ReadingStore
from kumageo.readings.tables import SIMULATED

ONE, TWO = "kumamoto-01", "kumamoto-17"
GOOD = f"{ONE},2026-01-01T00:00+09:00,8.25"


FILE = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def checks(result, severity="error"):
    return [
        (issue.check, issue.source_row)
        for issue in result.report.issues
        if issue.severity == severity
    ]


class TestGood:
    def test_a_file_is_published(self, store, load):
        result = load(GOOD, f"{TWO},2026-01-01T01:00Z,12")
        assert result.published
        assert (result.report.n_read, result.report.n_kept) == (2, 2)
        assert result.report.issues == ()
        assert store.describe()["n_readings"] == 2

    def test_depth_below_ground(self, store, load, readings_file):
        file = readings_file(
            *(f"{ONE},2026-01-01T00:00Z,3.3,100.1", f"{ONE},2026-01-01T01:00Z,-0.25,100.1"),
            header="well,time,depth_m,ground_m",
        )
        assert load(file).published
        assert store.read_series(ONE)["level_m"].tolist() == [96.8, 100.35]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
    def test_encodings(self, load, readings_file, encoding):
        assert load(readings_file(GOOD, encoding=encoding)).published

    @pytest.mark.parametrize(
        "time",
        [
            *("2026-01-01T00:00Z", "2026-01-01T00:00:00Z", "2026-01-01 00:00:00+00:00"),
            *("2026-01-01T09:00+09:00", "2025-12-31T19:00:00-05:00", " 2026-01-01T00:00Z "),
        ],
    )
    def test_times(self, store, load, time):
        assert load(f"{ONE},{time},8").published
        assert str(store.read_series(ONE).index[0]) == "2026-01-01 09:00:00+09:00"

    @pytest.mark.parametrize("level", ["8", "+8", "-0.5", "08.250", "1700", "-200", " 8 "])
    def test_levels(self, store, load, level):
        assert load(f"{ONE},2026-01-01T00:00Z,{level}").published
        assert store.read_series(ONE)["level_m"].tolist() == [float(level)]

    def test_as_json(self, load):
        answer = load(GOOD, f"{ONE},2026-01-01T01:00Z,9").to_json()
        assert json.loads(json.dumps(answer, allow_nan=False)) == answer
        wanted = {
            "published": True,
            "n_new": 2,
            "n_wells": 1,
            "n_held": 0,
            "first": "2026-01-01T00:00:00+09:00",
            "last": "2026-01-01T10:00:00+09:00",
            "layout": "level above sea level",
        }
        assert {name: answer[name] for name in wanted} == wanted

    def test_the_file_in_pieces(self, store, load, monkeypatch):
        monkeypatch.setattr(forms, "CHUNK_ROWS", 2)
        steps = []
        result = load(
            *(f"{ONE},2026-01-01T{hour:02}:00Z,{hour}" for hour in range(5)),
            progress=lambda *step: steps.append(step),
        )
        assert result.counts.n_new == 5
        n_bytes = result.file.n_bytes
        assert [step[0] for step in steps] == ["check"] * 3 + ["write"]
        assert steps[2:] == [("check", n_bytes, n_bytes), ("write", 1, 1)]


class TestBad:
    """Each kind of bad row by itself: it is named with its row, and nothing is written."""

    @pytest.mark.parametrize(
        ("line", "check", "column"),
        [
            (f"{ONE},2026-01-02T00:00,8", "no_zone", "time"),
            (f"{ONE},2026-01-02 00:00:00,8", "no_zone", "time"),
            (f"{ONE},2026-01-02T24:00+09:00,8", "hour_24", "time"),
            (f"{ONE},2026-01-02T24:00,8", "hour_24", "time"),
            (f"{ONE},2026-02-01T00:00+09:00,8", "future", "time"),
            (f"{ONE},2026-01-31T12:00:01Z,8", "future", "time"),
            (f"{ONE},9999-12-31T23:59:59Z,8", "future", "time"),
            (f"{ONE},1899-12-31T23:59Z,8", "too_early", "time"),
            (f"{ONE},0001-01-01T00:00Z,8", "too_early", "time"),
            (f"{ONE},2026-13-01T00:00Z,8", "time_format", "time"),
            (f"{ONE},2026-02-30T00:00Z,8", "time_format", "time"),
            (f"{ONE},2026-01-01T00:60Z,8", "time_format", "time"),
            (f"{ONE},2026-01-01T00:00:60Z,8", "time_format", "time"),
            (f"{ONE},2026-01-01T00:00:00.5Z,8", "time_format", "time"),
            (f"{ONE},2026-01-01T00:00+0900,8", "time_format", "time"),
            (f"{ONE},2026-01-01T00:00 JST,8", "time_format", "time"),
            (f"{ONE},2026/1/1 0:00,8", "time_format", "time"),
            (f"{ONE},令和8年1月1日,8", "time_format", "time"),
            (f"{ONE},46023.5,8", "time_format", "time"),
            (f"{ONE},２０２６-01-01T00:00Z,8", "time_format", "time"),
            (f"{ONE},,8", "time_format", "time"),
            (f"{ONE},2026-01-02T00:00Z,", "blank", "level_m"),
            (f"{ONE},2026-01-02T00:00Z,欠測", "number", "level_m"),
            (f"{ONE},2026-01-02T00:00Z,nan", "number", "level_m"),
            (f"{ONE},2026-01-02T00:00Z,inf", "number", "level_m"),
            (f"{ONE},2026-01-02T00:00Z,1e1", "number", "level_m"),
            (f"{ONE},2026-01-02T00:00Z,８", "number", "level_m"),
            (f'{ONE},2026-01-02T00:00Z,"8,5"', "number", "level_m"),
            (f"{ONE},2026-01-02T00:00Z,-200.01", "range", "level_m"),
            (f"{ONE},2026-01-02T00:00Z,1700.01", "range", "level_m"),
            (f"{ONE},2026-01-02T00:00Z,-9999", "range", "level_m"),
            ("熊本第１号,2026-01-02T00:00Z,8", "unknown_well", "well"),
            (",2026-01-02T00:00Z,8", "unknown_well", "well"),
            (f"{ONE.upper()},2026-01-02T00:00Z,8", "unknown_well", "well"),
            (f"{ONE},2026-01-02T00:00Z", "cell_count", ""),
            (f"{ONE},2026-01-02T00:00Z,8,9", "cell_count", ""),
        ],
    )
    def test_a_bad_row(self, store, load, line, check, column, dump_store, place):
        load(GOOD)
        before = dump_store(place)
        result = load(f"{ONE},2026-01-01T01:00+09:00,8", line, f"{TWO},2026-01-01T01:00Z,3")
        assert checks(result) == [(check, 3)]
        assert result.report.issues[0].column == column
        assert not result.published
        assert (result.report.n_read, result.report.n_kept) == (3, 2)
        assert dump_store(place) == before

    def test_now_itself_is_no_future(self, load):
        assert load(f"{ONE},2026-01-31T12:00:00Z,8").published

    @pytest.mark.parametrize(
        ("cells", "check", "column"),
        [
            ("500.01,600", "range", "depth_m"),
            ("-20.01,600", "range", "depth_m"),
            ("5,1700.01", "range", "ground_m"),
            (",100", "blank", "depth_m"),
            ("5,", "blank", "ground_m"),
            ("-15,1690", "range", "depth_m"),  # a level of 1,705 m
        ],
    )
    def test_a_bad_depth(self, store, load, readings_file, cells, check, column):
        file = readings_file(
            f"{ONE},2026-01-01T00:00Z,{cells}", header="well,time,depth_m,ground_m"
        )
        result = load(file)
        assert checks(result) == [(check, 2)]
        assert result.report.issues[0].column == column
        assert store.describe()["n_readings"] == 0

    def test_all_findings_of_a_row_are_named(self, load):
        result = load("x,2026-01-02T24:00,y")
        assert {check for check, _ in checks(result)} == {"unknown_well", "hour_24", "number"}
        assert result.report.n_kept == 0

    def test_a_cell_of_a_hundred_thousand_letters(self, load):
        result = load(f"{'x' * 100_000},2026-01-02T00:00Z,8")
        (issue,) = result.report.issues
        assert len(issue.feature_id) == 80
        assert len(issue.got) == 81

    @pytest.mark.parametrize("cut", [1, 2, 4, 12, 30])
    def test_a_file_cut_off_in_the_last_row(self, store, load, write, cut):
        content = f"well,time,level_m\n{GOOD}\n{ONE},2026-01-01T01:00+09:00,8.25\n"
        result = load(write("cut.csv", content[:-cut]))
        assert ("cut_off", 0) in checks(result)
        assert not result.published
        assert store.describe()["n_readings"] == 0
        whole = load(write("whole.csv", content))
        assert whole.published

    def test_rows_that_are_blank_alone(self, load, write):
        result = load(write("blank.csv", "well,time,level_m\n\n\n"))
        assert checks(result) == [("no_rows_left", 0)]

    def test_a_file_that_is_bad_throughout(self, store, load, readings_file, monkeypatch):
        monkeypatch.setattr(row_checks, "MAX_LISTED", 10)
        result = load(readings_file(*(f"{ONE},2026-01-02T00:00,{i}" for i in range(200))))
        assert (result.report.n_read, result.report.n_kept) == (200, 0)
        assert checks(result)[:2] == [("no_zone", 2), ("no_zone", 3)]
        assert len(result.report.issues) == 11
        assert (result.report.issues[-1].source_row, result.report.issues[-1].got) == (
            *(0, "190 more"),
        )

    @FILE
    def test_a_file_that_can_not_be_read_makes_no_store(self, path, load, write):
        with pytest.raises(ReadError):
            load(write("a.csv", "well,time\n"))
        assert not path.exists()


class TestRepeats:
    def test_two_levels_for_one_time_are_errors_on_both_rows(self, store, load):
        result = load(
            GOOD,
            f"{ONE},2026-01-01T01:00+09:00,8",
            f"{ONE},2025-12-31T15:00Z,8.5",  # the same moment as the first
            f"{TWO},2026-01-01T00:00+09:00,9",
        )
        assert checks(result) == [("conflicting_time", 2), ("conflicting_time", 4)]
        assert "row 4" in result.report.issues[0].got
        assert "row 2" in result.report.issues[1].got
        assert (result.report.n_read, result.report.n_kept) == (4, 2)
        assert store.describe()["n_readings"] == 0

    def test_the_same_reading_again_is_a_warning(self, store, load):
        result = load(GOOD, GOOD, f"{ONE},2025-12-31T15:00Z,8.250")
        assert checks(result) == []
        assert checks(result, "warning") == [("repeated_row", 3), ("repeated_row", 4)]
        assert (result.counts.n_new, result.counts.n_repeated) == (1, 2)
        assert store.describe()["n_readings"] == 1

    def test_they_are_found_across_pieces(self, load, monkeypatch):
        monkeypatch.setattr(forms, "CHUNK_ROWS", 2)
        others = [f"{TWO},2026-01-01T{hour:02}:00Z,9" for hour in range(5)]
        result = load(GOOD, *others, f"{ONE},2026-01-01T00:00+09:00,9")
        assert checks(result) == [("conflicting_time", 2), ("conflicting_time", 8)]

    def test_many(self, load, readings_file, monkeypatch):
        monkeypatch.setattr(row_checks, "MAX_LISTED", 10)
        monkeypatch.setattr("kumageo.readings.imports.MAX_LISTED", 10)
        result = load(*[GOOD] * 100)
        assert len(result.report.issues) == 11
        assert result.report.issues[-1].got == "89 more"


class TestHeld:
    def test_a_depth_given_as_a_level(self, store, load, dump_store, place):
        load(*(f"{ONE},2026-01-0{day}T00:00Z,{60 + day}" for day in (1, 2, 3)))
        before = dump_store(place)
        result = load(f"{ONE},2026-01-04T00:00Z,62", f"{ONE},2026-01-05T00:00Z,12")
        assert checks(result) == [("held", 3)]
        assert result.report.issues[0].expected.startswith("31 to 93 m")
        assert (result.is_held, result.n_held, result.published) == (True, 1, False)
        assert (result.report.n_read, result.report.n_kept) == (2, 1)
        assert dump_store(place) == before

    def test_thirty_metres_are_not_held(self, load):
        load(f"{ONE},2026-01-01T00:00Z,10")
        assert load(f"{ONE},2026-01-02T00:00Z,40", f"{ONE},2026-01-03T00:00Z,-20").published
        assert not load(f"{ONE},2026-01-04T00:00Z,70.01").published
        assert not load(f"{ONE},2026-01-04T00:00Z,-50.01").published

    def test_accepted(self, store, load):
        load(f"{ONE},2026-01-01T00:00Z,10")
        lines = [f"{ONE},2026-01-02T00:00Z,11", f"{ONE},2026-01-03T00:00Z,50"]
        result = load(*lines, accept_held=True)
        assert result.published
        assert checks(result, "warning") == [("held", 3)]
        assert store.read_series(ONE)["quality"].tolist() == ["imported", "imported", "held"]
        assert store.read_imports()["n_held"].tolist() == [0, 1]
        assert load(f"{ONE},2026-01-04T00:00Z,79").published  # it has become an earlier level

    def test_accepting_does_not_accept_errors(self, store, load):
        load(f"{ONE},2026-01-01T00:00Z,10")
        result = load(f"{ONE},2026-01-02T00:00Z,50", "x,2026-01-02T00:00Z,5", accept_held=True)
        assert checks(result) == [("unknown_well", 3)]
        assert (result.is_held, result.published) == (False, False)
        assert store.describe()["n_readings"] == 1

    def test_a_well_without_earlier_readings_is_compared_within_the_file(self, load, monkeypatch):
        monkeypatch.setattr(forms, "CHUNK_ROWS", 2)
        levels = [10, 25, 45, 90, 12, 91, 70]
        lines = [f"{ONE},2026-01-0{i}T00:00Z,{level}" for i, level in enumerate(levels, start=1)]
        assert checks(load(*lines)) == [("held", 5), ("held", 7)]

    def test_wells_do_not_mix(self, load):
        assert load(f"{ONE},2026-01-01T00:00Z,10", f"{TWO},2026-01-01T00:00Z,150").published

    @pytest.mark.parametrize(
        ("levels", "low", "high", "expected"),
        [
            ([10.0, 20, 30], 10, 10, ([False] * 3, 10, 30)),
            ([41.0, 10, 40], 10, 10, ([True, False, False], 10, 40)),
            ([40.0, 70, 100, -20], 10, 10, ([False] * 4, -20, 100)),
            ([10.0, 80, 5, 80], 10, 10, ([False, True, False, True], 5, 10)),
        ],
    )
    def test_find_held(self, levels, low, high, expected):
        held, new_low, new_high = find_held(np.array(levels), low, high)
        assert (held.tolist(), new_low, new_high) == expected


class TestArguments:
    @pytest.mark.parametrize("source", ["", "  ", "a\nb", "a\x1b[31m", "x" * 201])
    def test_a_source_that_is_none(self, load, source):
        with pytest.raises(ArgumentError, match="--source: expected who measured"):
            load(GOOD, source=source)

    def test_simulated_readings_do_not_come_in_by_their_name(self, load):
        with pytest.raises(ArgumentError, match="never mixed with measured ones"):
            load(GOOD, source="模擬データ")

    def test_the_store_of_simulated_readings_takes_no_files(self, path, readings_file, now):
        from kumageo.readings.imports import import_readings

        store = ReadingStore(path, SIMULATED)
        with pytest.raises(ArgumentError, match="Unset KUMAGEO_DEMO"):
            import_readings(store, readings_file(GOOD), source="a", known_wells=[ONE], now=now)
        assert not path.exists()

    def test_now_needs_a_zone(self, load):
        with pytest.raises(ArgumentError, match="now: expected a time with a zone"):
            load(GOOD, now=dt.datetime(2026, 1, 31))  # noqa: DTZ001

    def test_a_busy_store(self, store, place, load, readings_file, now):
        from kumageo.readings.imports import import_readings

        load(GOOD)
        other = ReadingStore(place, wait_s=0.05)
        with store.write(), pytest.raises(StoreBusyError):
            import_readings(other, readings_file(GOOD), source="a", known_wells=[ONE], now=now)
        other.close()
