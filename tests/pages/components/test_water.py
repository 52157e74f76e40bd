"""The readings behind the page 地下水: what is made of them, and when they are asked for anew."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest

from kumageo.brokers import Attributes, Broker
from kumageo.clock import JST
from kumageo.errors import ReadError
from kumageo.fetch import Fetcher, Limits
from kumageo.level_classes import LEVEL_CLASSES
from kumageo.readings.pulling import attempt_pull, note_attempt
from kumageo.readings.pulls import FAILURES
from kumageo.readings.store import ReadingStore
from kumageo.readings.tables import SIMULATED
from layers.water import build_water, prepare_store
from pages.components import data as page_data
from pages.components.data import get_water
from pages.components.well_panels import write_links

FIVE = ["w001", "w002", "w003", "w004", "w005"]


@pytest.fixture
def now():
    return dt.datetime.now(tz=JST)


@pytest.fixture(scope="module")
def water(measured, data):
    store = ReadingStore(measured)
    yield build_water(store, data.wells, dt.datetime.now(tz=JST))
    store.close()


class TestMeasured:
    def test_each_well_has_a_row_with_readings_or_without(self, water, data):
        assert water.summary.index.tolist() == data.wells["id"].tolist()
        assert water.read_wells == FIVE
        assert water.n_readings == water.summary["n_readings"].sum() == water.daily["n"].sum()
        assert not water.is_demo

    def test_what_the_map_shows_of_each(self, water):
        shown = water.summary["shown_class"]
        assert shown[FIVE].tolist() == ["much_above", "normal", "much_below", "position", "none"]
        assert set(shown.drop(FIVE)) == {"none"}
        assert set(shown) <= {*LEVEL_CLASSES, "position", "none"}

    def test_a_short_record_has_a_position_and_no_class(self, water):
        row = water.summary.loc["w004"]
        assert row["level_class"] is None
        assert (row["reason"], row["position_index"]) == ("short_record", 1)
        ended = water.summary.loc["w005"]
        assert (ended["shown_class"], ended["reason"]) == ("none", "no_recent")

    def test_how_unusual_is_how_far_from_the_middle(self, water):
        found = water.summary["unusualness"]
        # The lowest of 16, the highest of 12, and the middle of 13, by Weibull's positions.
        expected = {"w003": 50 - 100 / 16, "w001": 100 * 11 / 12 - 50, "w002": 0}
        assert found[list(expected)].to_dict() == pytest.approx(expected)
        assert found.drop(list(expected)).isna().all()

    def test_who_measured_is_named_in_the_order_of_the_imports(self, water):
        assert water.sources == ("熊本県", "熊本市")


class TestNone:
    def test_no_store_is_no_readings(self, data, now, tmp_path):
        water = build_water(ReadingStore(tmp_path / "none.sqlite3"), data.wells, now)
        assert (water.n_readings, water.read_wells, water.sources) == (0, [], ())
        assert set(water.summary["shown_class"]) == {"none"}
        assert set(water.summary["reason"]) == {"no_readings"}
        assert water.summary["unusualness"].isna().all()
        assert len(water.daily) == 0
        assert not water.is_demo
        assert list(tmp_path.iterdir()) == []


class TestSimulated:
    @pytest.fixture
    def few(self, data):
        return data.wells[data.wells["id"].isin(["w001", "w066"])]

    def test_it_is_filled_and_says_so(self, few, tmp_path):
        now = dt.datetime(2026, 11, 20, 12, 10, tzinfo=JST)
        store = ReadingStore(tmp_path / "demo.sqlite3", SIMULATED)
        prepare_store(store, few, now)
        water = build_water(store, few, now)
        assert water.is_demo
        assert water.sources == ("模擬データ",)
        assert water.n_readings > 100_000  # hourly since 2015, of 熊本第１号
        described = store.describe()
        prepare_store(store, few, now + dt.timedelta(minutes=20))
        assert store.describe() == described
        prepare_store(store, few, now + dt.timedelta(minutes=60))
        # 熊本第１号 is read every hour, 水前寺 once a day.
        assert store.describe()["n_readings"] == described["n_readings"] + 1
        store.close()
        with pytest.raises(ReadError, match="expected a store of measured readings"):
            ReadingStore(tmp_path / "demo.sqlite3").describe()

    def test_measured_readings_come_by_import_only(self, few, now, tmp_path, measured):
        absent = ReadingStore(tmp_path / "readings.sqlite3")
        prepare_store(absent, few, now)
        assert not absent.place.exists()
        store = ReadingStore(measured)
        described = store.describe()
        prepare_store(store, few, now)
        assert store.describe() == described
        store.close()


class TestFreshness:
    """What the pages are given is judged anew after an import, and every quarter of an hour."""

    @pytest.fixture
    def set_clock(self, monkeypatch):
        def set_now(moment):
            clock = SimpleNamespace(now=moment.astimezone)
            monkeypatch.setattr(page_data, "dt", SimpleNamespace(datetime=clock))

        return set_now

    @pytest.fixture
    def asked(self, monkeypatch):
        """Note the moment of each judgement."""
        moments = []

        def note(store, wells, now, rules):
            moments.append(now)
            return build_water(store, wells, now, rules)

        monkeypatch.setattr(page_data, "build_water", note)
        return moments

    def test_a_quarter_of_an_hour_is_judged_once(self, data, use_readings, set_clock, asked):
        start = dt.datetime(2027, 1, 20, 9, 44, 59, tzinfo=JST)
        for minutes, n_judged in ((0, 1), (0.01, 1), (0.1, 2), (15, 2), (15.1, 3)):
            set_clock(start + dt.timedelta(minutes=minutes))
            get_water(data)
            assert len(asked) == n_judged, minutes
        assert [f"{moment:%H:%M:%S}" for moment in asked] == ["09:30:00", "09:45:00", "10:00:00"]

    def test_an_import_shows_at_once(self, data, tmp_path, fill_store, set_clock):
        set_clock(dt.datetime(2027, 1, 20, 9, tzinfo=JST))
        assert get_water(data).n_readings == 0
        eve = "w007,2026-01-18T00:00+09:00,8.00"
        last = "w007,2026-01-19T00:00+09:00"
        fill_store(tmp_path / "readings.sqlite3", 甲=[eve, f"{last},8.25"])
        first = get_water(data)
        assert first.summary.loc["w007", "level_m"] == 8.25
        # The same number of readings, and another level.
        fill_store(tmp_path / "readings.sqlite3", 乙=[f"{last},8.50"])
        second = get_water(data)
        assert second.summary.loc["w007", "level_m"] == 8.5
        assert second.n_readings == first.n_readings == 2
        assert second.sources == ("甲", "乙")

    def test_other_stores_are_other_waters(self, data, measured, tmp_path, monkeypatch):
        assert get_water(data).n_readings == 0
        monkeypatch.setenv("KUMAGEO_READINGS", str(measured))
        assert get_water(data).n_readings > 0
        monkeypatch.setenv("KUMAGEO_READINGS", str(tmp_path / "other.sqlite3"))
        assert get_water(data).n_readings == 0

    def test_nothing_is_changed_by_a_look(self, data, use_readings):
        water = get_water(data)
        before = water.summary.copy(deep=True), water.daily.copy(deep=True)
        assert get_water(data) is water
        pd.testing.assert_frame_equal(water.summary, before[0])
        pd.testing.assert_frame_equal(water.daily, before[1])


class TestDatabase:
    @pytest.fixture
    def use_database(self, database, monkeypatch):
        address = database.render_as_string(hide_password=False)
        monkeypatch.setenv("KUMAGEO_DATABASE_URL", address)
        yield database
        page_data._open_database.clear()

    def test_it_is_read_as_a_file_is(self, data, use_database, fill_store):
        assert get_water(data).n_readings == 0
        fill_store(use_database, 甲=["w007,2026-01-18T00:00+09:00,8.00"])
        water = get_water(data)
        assert (water.n_readings, water.sources, water.is_unread) == (1, ("甲",), False)
        assert page_data.get_readings() is page_data.get_readings()
        page_data.get_readings().close()

    def test_simulated_readings_are_in_their_file(self, use_database, use_demo):
        store = page_data.get_readings()
        assert store.place.name == "demo-readings.sqlite3"


class TestUnread:
    """A store that can't be read: the wells are shown, and the page says so in one sentence."""

    @pytest.fixture(autouse=True)
    def _forget(self):
        page_data._keep_failures.clear()
        yield
        page_data._keep_failures.clear()

    @pytest.fixture(params=["file", "server"])
    def broken(self, request, tmp_path, monkeypatch):
        if request.param == "file":
            (tmp_path / "readings.sqlite3").write_bytes(b"no store" * 1000)
        else:
            address = "postgresql://owner:s3cret-word@127.0.0.1:1/name"
            monkeypatch.setenv("KUMAGEO_DATABASE_URL", address)

    def test_the_wells_are_there_without_readings(self, data, broken, caplog):
        water = get_water(data)
        assert water.is_unread
        assert water.n_readings == 0
        assert water.summary.index.tolist() == data.wells["id"].tolist()
        assert len(caplog.records) == 1
        assert "readings can't be read" in caplog.text
        assert "s3cret-word" not in caplog.text

    def test_it_is_not_asked_again_within_seconds(self, data, broken, caplog, monkeypatch):
        for _ in range(3):
            assert get_water(data).is_unread
        assert len(caplog.records) == 1
        monkeypatch.setattr(page_data, "RETRY_S", 0)
        get_water(data)
        assert len(caplog.records) == 2

    def test_the_page(self, broken, visit):
        page = visit("groundwater")
        assert page.text.count("水位の記録を、いま読み出せません") == 1
        assert "水位の記録を読み出せないため、階級は示していません。" in page.words
        assert "観測井68本" in page.words
        assert not page.app.error

    def test_it_comes_back(self, data, broken, monkeypatch, measured):
        assert get_water(data).is_unread
        monkeypatch.delenv("KUMAGEO_DATABASE_URL", raising=False)
        monkeypatch.setenv("KUMAGEO_READINGS", str(measured))
        assert not get_water(data).is_unread


class TestPulls:
    """What brokers sent shows while the page is open, and so does their silence."""

    @pytest.fixture
    def pull(self, local_server, tmp_path):
        """Pull one level of w007 into the store that the pages read."""
        broker = Broker(
            name="platform",
            title="データ連携基盤",
            kind="ngsi-v2",
            url=local_server.url,
            source="熊本県",
            licence="CC BY 4.0",
            entity_type="a",
            attributes=Attributes("id", "time", "level"),
        )
        limits = Limits(connect_s=1, read_s=1, tries=1)

        def pull_level(level, now, due=None):
            if level is None:
                local_server.usual = lambda handler, *_: handler.reply({}, 503)
            else:
                time = f"{now:%Y-%m-%dT%H:%M:00%z}"
                time = f"{time[:-2]}:{time[-2:]}"
                local_server.serve_entities([{"id": "w007", "time": time, "level": level}])
            store = ReadingStore(tmp_path / "readings.sqlite3")
            fetcher = Fetcher({}, limits)
            attempt = attempt_pull(store, broker, fetcher, known_wells=["w007"], now=now)
            note_attempt(store, attempt, due)
            store.close()
            return attempt.outcome

        return pull_level

    def test_the_page_sees_a_pull_without_a_restart(self, pull, visit, now, data):
        page = visit("groundwater", {"well": "w007"})
        assert "水位の記録は登録されていません" in page.text
        assert "データ連携基盤から" not in page.text
        assert pull(8.25, now - dt.timedelta(minutes=5)) == "ok"
        assert get_water(data).summary.loc["w007", "level_m"] == 8.25
        page.run()
        assert "水位の記録：熊本県 \\(CC BY 4\\.0\\)" in page.text
        assert "8.25 m" in [metric.value for metric in page.app.metric]
        assert pull(8.5, now) == "ok"
        page.run()
        assert "8.50 m" in [metric.value for metric in page.app.metric]
        assert f"データ連携基盤から最後に受け取ったのは{now:%Y年%-m月%-d日} {now:%H\\:%M}です" in (
            page.text
        )
        assert "いまは受け取れていません" not in page.text

    def test_a_broker_that_is_silent_is_said_to_be(self, pull, visit, now, labels, data):
        pull(8.25, now - dt.timedelta(hours=2))
        assert pull(None, now) == "server"
        page = visit("groundwater")
        assert page.text.count("いまは受け取れていません（相手の障害です）。") == 1
        assert "データ連携基盤から最後に受け取ったのは" in page.text
        assert get_water(data).summary.loc["w007", "level_m"] == 8.25  # kept

    def test_one_that_never_answered(self, pull, data, now, labels):
        pull(None, now)
        said = write_links(get_water(data), labels)
        assert said == (
            "データ連携基盤からは、まだ一度も受け取っていません。"
            "いまは受け取れていません（相手の障害です）。"
        )

    def test_a_pull_that_is_overdue(self, pull, tmp_path, data, now):
        start = now - dt.timedelta(hours=1)
        pull(8.25, start, start + dt.timedelta(minutes=10))
        store = ReadingStore(tmp_path / "readings.sqlite3")
        for minutes, failure in ((20, ""), (24, ""), (26, "stopped")):
            water = build_water(store, data.wells, start + dt.timedelta(minutes=minutes))
            assert [link.failure for link in water.links] == [failure], minutes
        store.close()

    def test_every_failure_has_its_words(self, labels):
        for failure in (*FAILURES, "stopped"):
            assert labels(f"pull_failure.{failure}")
