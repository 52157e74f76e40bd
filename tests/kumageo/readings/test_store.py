"""The store: UTC inside, Japanese time and Japanese days outside, upsert, one kind to a file."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kumageo.clock import JST
from kumageo.errors import ArgumentError, ReadError, StoreBusyError
from kumageo.readings.staging import ImportFacts
from kumageo.readings.store import ReadingStore
from kumageo.readings.tables import SIMULATED

ONE, TWO, THREE = "kumamoto-01", "kumamoto-17", "yatsushiro-02"
FACTS = ImportFacts("a.csv", "0" * 64, "熊本県", "level", 0, 1)
ROWS = pd.DataFrame(
    {"well_id": ONE, "time_utc": [0], "source_row": 2, "level_m": 7.0, "quality": "imported"}
)
FILE = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def japanese(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=JST)


class TestEmpty:
    def test_nothing_there(self, store, place, dump_store):
        assert store.describe() == {
            "kind": "measured",
            "n_wells": 0,
            "n_readings": 0,
            "n_imports": 0,
            "version": "measured-0-0",
        }
        frames = [
            *(store.read_latest(), store.read_series(ONE), store.read_daily(ONE)),
            *(store.read_daily_means(), store.read_imports()),
        ]
        assert [len(frame) for frame in frames] == [0] * 5
        if isinstance(place, Path):
            assert not place.exists()
        else:
            assert dump_store(place) == {}

    def test_the_types_are_those_of_a_filled_store(self, store, load):
        names = ("read_latest", "read_daily_means", "read_imports")
        empty = {name: getattr(store, name)() for name in names}
        empty |= {"series": store.read_series(ONE), "daily": store.read_daily(ONE)}
        load(f"{ONE},2026-01-01T00:00Z,8", f"{ONE},2026-01-01T01:00Z,8.1")
        filled = {name: getattr(store, name)() for name in names}
        filled |= {"series": store.read_series(ONE), "daily": store.read_daily(ONE)}
        for name, frame in filled.items():
            kinds = [str(kind).split("[")[0] for kind in frame.dtypes]
            assert [str(kind).split("[")[0] for kind in empty[name].dtypes] == kinds, name
            assert list(empty[name].columns) == list(frame.columns)
            assert empty[name].index.name == frame.index.name

    @FILE
    def test_a_file_without_tables(self, store, path):
        path.touch()  # left by a first import that was killed
        assert store.describe()["n_readings"] == 0


class TestTime:
    def test_a_series_is_in_japanese_time(self, store, load):
        load(f"{ONE},2025-12-31T15:00:00Z,8.25", f"{ONE},2026-01-01T01:30+09:00,8.5")
        series = store.read_series(ONE)
        assert [str(time) for time in series.index] == [
            "2026-01-01 00:00:00+09:00",
            "2026-01-01 01:30:00+09:00",
        ]
        assert series.index.name == "time"
        assert series["level_m"].tolist() == [8.25, 8.5]
        assert series["quality"].tolist() == ["imported"] * 2
        assert series["source"].tolist() == ["熊本県"] * 2
        assert [str(time) for time in series["received"]] == ["2026-01-31 21:00:00+09:00"] * 2

    def test_inside_are_seconds_in_utc(self, place, load, ask_store):
        load(f"{ONE},2026-01-01T09:00+09:00,8")
        ((inside,),) = ask_store(place, "SELECT time_utc FROM readings")
        assert inside == 1_767_225_600  # date -u -d 2026-01-01T00:00Z +%s

    def test_a_range_takes_its_start_and_leaves_its_end(self, store, load):
        load(*(f"{ONE},2026-01-0{day}T00:00+09:00,{day}" for day in (1, 2, 3, 4)))
        start, end = japanese("2026-01-02"), japanese("2026-01-04")
        assert store.read_series(ONE, start, end)["level_m"].tolist() == [2, 3]
        assert store.read_series(ONE, start=start)["level_m"].tolist() == [2, 3, 4]
        assert store.read_series(ONE, end=start)["level_m"].tolist() == [1]
        in_utc = start.astimezone(dt.UTC)
        assert store.read_series(ONE, in_utc, end)["level_m"].tolist() == [2, 3]
        assert len(store.read_series(TWO)) == 0

    @pytest.mark.parametrize("bound", ["start", "end"])
    def test_a_bound_without_a_zone_is_refused(self, store, bound):
        with pytest.raises(ArgumentError, match=f"{bound}: expected a time with a zone"):
            store.read_series(ONE, **{bound: dt.datetime(2026, 1, 1)})  # noqa: DTZ001

    @pytest.mark.parametrize(
        ("time", "day"),
        [
            ("2026-01-01T14:59:59Z", "2026-01-01"),
            ("2026-01-01T15:00:00Z", "2026-01-02"),
            ("2026-01-01T23:59+09:00", "2026-01-01"),
            ("1969-12-31T14:59:59Z", "1969-12-31"),
            ("1969-12-31T15:00:00Z", "1970-01-01"),
            ("1969-12-30T15:00:00Z", "1969-12-31"),
            ("1900-01-01T00:00:00Z", "1900-01-01"),
        ],
    )
    def test_a_day_is_a_japanese_day(self, store, load, time, day):
        load(f"{ONE},{time},8")
        assert [str(found.date()) for found in store.read_daily(ONE).index] == [day]


class TestDaily:
    def test_counts_means_and_extremes(self, store, load):
        levels = {"01T00:00": 8.0, "01T12:00": 8.3, "01T23:59": 8.9, "02T00:00": 7.0}
        load(*(f"{ONE},2026-01-{time}+09:00,{level}" for time, level in levels.items()))
        daily = store.read_daily(ONE)
        assert daily.index.name == "day"
        assert daily.index.tz is None
        assert daily["n"].tolist() == [3, 1]
        assert daily["mean_m"].tolist() == pytest.approx([8.4, 7.0])
        assert daily["min_m"].tolist() == [8.0, 7.0]
        assert daily["max_m"].tolist() == [8.9, 7.0]

    def test_a_range_of_days_includes_both_ends(self, store, load):
        load(*(f"{ONE},2026-01-0{day}T12:00+09:00,{day}" for day in (1, 2, 3, 4)))
        days = (dt.date(2026, 1, 2), dt.date(2026, 1, 3))
        assert store.read_daily(ONE, *days)["mean_m"].tolist() == [2, 3]
        assert store.read_daily(ONE, first=days[1])["mean_m"].tolist() == [3, 4]
        assert store.read_daily(ONE, last=days[0])["mean_m"].tolist() == [1, 2]

    def test_a_later_import_changes_its_days_only(self, store, load):
        load(f"{ONE},2026-01-01T00:00+09:00,8", f"{ONE},2026-01-02T00:00+09:00,8")
        load(f"{ONE},2026-01-02T06:00+09:00,9", f"{TWO},2026-01-02T06:00+09:00,5")
        assert store.read_daily(ONE)["mean_m"].tolist() == [8, 8.5]
        assert store.read_daily(ONE)["n"].tolist() == [1, 2]
        assert store.read_daily(TWO)["n"].tolist() == [1]

    def test_all_wells(self, store, load):
        load(
            f"{TWO},2026-01-01T00:00+09:00,5",
            f"{ONE},2026-01-02T00:00+09:00,8",
            f"{ONE},2026-01-01T00:00+09:00,7",
            f"{ONE},2026-01-01T01:00+09:00,9",
        )
        means = store.read_daily_means()
        assert means["well_id"].tolist() == [ONE, ONE, TWO]
        assert [str(day.date()) for day in means["day"]] == [
            *("2026-01-01", "2026-01-02", "2026-01-01")
        ]
        assert means["n"].tolist() == [2, 1, 1]
        assert means["mean_m"].tolist() == [8, 8, 5]

    def test_what_is_kept_agrees_with_pandas(self, store, load):
        rng = np.random.default_rng(4)
        minutes = rng.choice(60 * 24 * 90, 2_000, replace=False)
        times = pd.Timestamp("2025-10-01", tz=JST) + pd.to_timedelta(np.sort(minutes), unit="min")
        levels = pd.Series(np.round(rng.normal(10, 1, len(times)), 3), index=times)
        lines = [f"{ONE},{time.isoformat()},{level}" for time, level in levels.items()]
        load(*lines[::2])
        load(*lines[1::2])
        expected = levels.groupby(times.date).agg(["count", "mean", "min", "max"])
        daily = store.read_daily(ONE)
        assert [day.date() for day in daily.index] == list(expected.index)
        np.testing.assert_allclose(daily.to_numpy(), expected.to_numpy(), rtol=1e-12)


class TestUpsert:
    def test_a_reading_is_replaced_with_its_source(self, store, load):
        load(f"{ONE},2026-01-01T00:00Z,8", f"{ONE},2026-01-01T01:00Z,8", source="速報")
        counts = load(
            *(f"{ONE},2026-01-01T09:00+09:00,8.5", f"{ONE},2026-01-01T01:00Z,8"),
            f"{ONE},2026-01-01T02:00Z,9",
            source="確定値",
        ).counts
        assert (counts.n_new, counts.n_changed, counts.n_unchanged) == (1, 1, 1)
        series = store.read_series(ONE)
        assert series["level_m"].tolist() == [8.5, 8, 9]
        assert series["source"].tolist() == ["確定値"] * 3
        assert store.read_daily(ONE)["mean_m"].tolist() == [8.5]

    def test_what_was_imported_is_remembered(self, store, load):
        load(f"{ONE},2026-01-01T00:00Z,8", source="速報")
        load(f"{ONE},2026-01-01T00:00Z,9", f"{ONE},2026-01-01T00:00Z,9", source="確定値")
        imports = store.read_imports()
        assert imports.index.tolist() == [1, 2]
        assert imports["source"].tolist() == ["速報", "確定値"]
        assert imports["file_name"].tolist() == ["readings.csv"] * 2
        assert imports["sha256"].str.len().tolist() == [64, 64]
        counts = ["n_read", "n_new", "n_changed", "n_unchanged", "n_repeated", "n_held"]
        assert imports[counts].to_numpy().tolist() == [[1, 1, 0, 0, 0, 0], [2, 0, 1, 0, 1, 0]]
        assert str(imports["received"].iloc[0]) == "2026-01-31 21:00:00+09:00"

    def test_the_version_changes_with_every_import(self, store, load):
        line = f"{ONE},2026-01-01T00:00Z,8"
        versions = [store.describe()["version"]]
        for lines in ([line], [line], [line, f"{TWO},2026-01-01T00:00Z,8"]):
            load(*lines)
            versions.append(store.describe()["version"])
        assert len(set(versions)) == 4
        assert store.describe() == {
            "kind": "measured",
            "n_wells": 2,
            "n_readings": 2,
            "n_imports": 3,
            "version": "measured-3-2",
        }


class TestLatest:
    def test_the_last_reading_of_each_well(self, store, load):
        load(
            f"{TWO},2026-01-03T00:00+09:00,5",
            f"{ONE},2026-01-01T00:00+09:00,8",
            f"{ONE},2026-01-01T01:00+09:00,8.1",
            f"{ONE},2026-01-01T02:00+09:00,8.2",
            f"{ONE},2026-01-01T05:00+09:00,8.3",
        )
        latest = store.read_latest()
        assert latest.index.tolist() == [ONE, TWO]
        assert latest.loc[ONE, "level_m"] == 8.3
        assert str(latest.loc[ONE, "time"]) == "2026-01-01 05:00:00+09:00"
        assert str(latest.loc[ONE, "first"]) == "2026-01-01 00:00:00+09:00"
        assert latest["n_readings"].tolist() == [4, 1]
        assert latest.loc[ONE, "interval"] == pd.Timedelta(hours=1)
        assert latest.loc[TWO, "interval"] is pd.NaT
        assert latest["source"].tolist() == ["熊本県"] * 2

    def test_the_interval_is_that_of_the_last_hundred_readings(self, store, load):
        days = pd.date_range("2024-01-01", "2025-12-31", tz=JST)
        hours = pd.date_range("2026-01-01", periods=101, freq="h", tz=JST)
        load(*(f"{ONE},{time.isoformat()},8" for time in [*days, *hours]))
        assert store.read_latest().loc[ONE, "interval"] == pd.Timedelta(hours=1)


class TestKind:
    def test_simulated_readings_are_never_read_as_measured(self, store, place, load):
        load(f"{ONE},2026-01-01T00:00Z,8")
        other = ReadingStore(place, SIMULATED)
        for ask in (other.describe, other.read_latest, other.read_daily_means):
            with pytest.raises(ReadError, match="expected a store of simulated readings"):
                ask()
        with pytest.raises(ReadError, match="Correct KUMAGEO_READINGS"), other.write():
            pass
        assert store.describe()["n_readings"] == 1
        other.close()

    def test_a_store_of_a_later_schema(self, store, place, load, ask_store):
        load(f"{ONE},2026-01-01T00:00Z,8")
        ask_store(place, "UPDATE store_info SET value = '99' WHERE name = 'schema'")
        with pytest.raises(ReadError, match=r"schema 2\), got .*'schema': '99'"):
            store.describe()


class TestDamage:
    @FILE
    @pytest.mark.parametrize("content", [b"well,time,level_m\n" * 100, b"\0" * 4096])
    def test_a_file_that_is_no_store(self, path, store, load, content):
        path.write_bytes(content)
        with pytest.raises(ReadError, match="expected a store of readings, got file is not"):
            store.describe()
        with pytest.raises(ReadError, match="expected a store of readings, got file is not"):
            load(f"{ONE},2026-01-01T00:00Z,8")
        assert path.read_bytes() == content

    def test_a_database_of_something_else(self, place, store, load, ask_store):
        ask_store(place, "CREATE TABLE readings (name TEXT)")
        assert store.describe()["n_readings"] == 0
        with pytest.raises(ReadError, match="expected a store of readings, got"):
            load(f"{ONE},2026-01-01T00:00Z,8")

    @FILE
    def test_a_store_cut_in_half(self, path, store, load):
        load(*(f"{ONE},2026-01-01T{hour:02}:00Z,8" for hour in range(24)))
        store.close()
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(ReadError, match="Restore it from a backup"):
            store.read_series(ONE)


class TestAtOnce:
    @FILE
    def test_it_is_in_wal_mode(self, place, load, ask_store):
        load(f"{ONE},2026-01-01T00:00Z,8")
        assert ask_store(place, "PRAGMA journal_mode") == [("wal",)]

    def test_readers_see_the_old_state_until_the_end(self, store, place, load):
        load(f"{ONE},2026-01-01T00:00Z,8")
        other = ReadingStore(place)
        with store.write() as stage:
            stage.add(ROWS)
            stage.publish(FACTS, lambda *_: None)
            assert other.describe()["n_readings"] == 1
        assert other.describe()["n_readings"] == 2
        other.close()

    def test_an_error_within_leaves_all_as_before(self, store, place, load, dump_store):
        load(f"{ONE},2026-01-01T00:00Z,8")
        before = dump_store(place)

        def fail(*_arguments):
            raise KeyboardInterrupt

        def write_and_fail():
            with store.write() as stage:
                stage.add(ROWS)
                stage.publish(FACTS, fail)

        with pytest.raises(KeyboardInterrupt):
            write_and_fail()
        assert dump_store(place) == before
        load(f"{ONE},2026-01-01T01:00Z,8")  # nothing is locked

    def test_a_second_writer_waits_and_then_says_so(self, store, place, load, readings_file):
        load(f"{ONE},2026-01-01T00:00Z,8")
        other = ReadingStore(place, wait_s=0.05)
        with store.write():
            with pytest.raises(StoreBusyError, match="another import is running"), other.write():
                pass
            assert other.describe()["n_readings"] == 1
        with other.write():
            pass
        other.close()

    def test_a_second_writer_waits_until_the_first_is_done(self, store, place, load):
        load(f"{ONE},2026-01-01T00:00Z,8")
        entered, leave, done = threading.Event(), threading.Event(), []

        def write_first():
            first = ReadingStore(place)
            with first.write():
                entered.set()
                leave.wait(10)
            first.close()
            done.append("first")

        thread = threading.Thread(target=write_first)
        thread.start()
        entered.wait(10)
        threading.Timer(0.2, leave.set).start()
        with store.write():
            done.append("second")
        thread.join()
        assert done == ["first", "second"]

    def test_pages_ask_from_many_threads(self, store, load):
        load(*(f"{ONE},2026-01-01T{hour:02}:00Z,{hour}" for hour in range(24)))
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: store.read_series(ONE)["level_m"].sum(), range(64)))
        assert answers == [276.0] * 64
