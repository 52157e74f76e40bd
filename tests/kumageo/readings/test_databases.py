"""What is of PostgreSQL: who isn't let in, what may not be done, and that no password is told."""

from __future__ import annotations

import datetime as dt
import json
import logging
import socket

import pytest
import sqlalchemy as sa

from kumageo.errors import KumageoError, ReadError, SettingError, StoreUnreachableError
from kumageo.readings.databases import find_database
from kumageo.readings.imports import import_readings
from kumageo.readings.store import ReadingStore, open_readings
from kumageo.settings import read_settings

ONE = "kumamoto-01"
LINE = f"{ONE},2026-01-01T00:00Z,8"
NOW = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
SECRET = "s3cret-word"  # noqa: S105 - of nobody


@pytest.fixture
def place(database):
    """Give the place of an empty store: here always a database."""
    return database


@pytest.fixture
def locate(postgresql, place):
    return lambda **parts: postgresql.locate(place.database, **parts)


@pytest.fixture
def fail():
    """Ask a store what it can't answer, and give the error and everything that it says."""

    def ask(address, action=ReadingStore.describe):
        store = ReadingStore(address, wait_s=5)
        with pytest.raises(KumageoError) as caught:
            action(store)
        store.close()
        said, error = [], caught.value
        while error is not None:
            said += [str(error), repr(error)]
            error = error.__cause__
        return caught.value, "\n".join([*said, repr(store), str(store)])

    return ask


def write(store):
    with store.write():
        pass


class TestNotLetIn:
    @pytest.mark.parametrize("action", [ReadingStore.describe, ReadingStore.read_latest, write])
    def test_a_server_that_is_down(self, fail, locate, action):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
            address = locate(host="127.0.0.1", port=taken.getsockname()[1], password=SECRET)
            error, said = fail(address, action)
        assert isinstance(error, StoreUnreachableError)
        assert "expected a PostgreSQL server that lets us in, got" in str(error)
        assert "Connection refused" in str(error)
        assert "Start the server, or correct KUMAGEO_DATABASE_URL." in str(error)
        assert SECRET not in said

    def test_a_wrong_password(self, fail, locate):
        error, said = fail(locate(host="127.0.0.1", password=SECRET))
        assert isinstance(error, StoreUnreachableError)
        assert "password authentication failed" in str(error)
        assert SECRET not in said

    def test_a_user_and_a_database_that_are_not_there(self, fail, locate, postgresql):
        for address in (locate(username="nobody_known"), postgresql.locate("nothing_known")):
            error, _ = fail(address)
            assert isinstance(error, StoreUnreachableError)
            assert "does not exist" in str(error)

    def test_the_right_password_with_odd_letters(self, locate, monkeypatch, committed):
        address = locate(host="127.0.0.1").render_as_string(hide_password=False)
        store = open_readings(read_settings({"KUMAGEO_DATABASE_URL": address}))
        assert store.describe()["n_readings"] == 0
        store.close()

    def test_a_server_that_comes_back(self, store, load, postgresql, place):
        load(LINE)
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
        postgresql.run(ended.format(place.database))
        assert store.describe()["n_readings"] == 1


class TestRights:
    @pytest.fixture
    def reader(self, postgresql, place, load, locate):
        load(LINE)
        postgresql.run("CREATE ROLE reader LOGIN")
        yield locate(username="reader")
        postgresql.run("DROP OWNED BY reader", database=place.database)
        postgresql.run("DROP ROLE reader")

    def test_a_right_that_is_missing(self, fail, reader, postgresql, place):
        error, _ = fail(reader)
        assert isinstance(error, StoreUnreachableError)
        assert "expected the right to read and write" in str(error)
        assert "permission denied for table store_info" in str(error)
        postgresql.run(
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", database=place.database
        )
        store = ReadingStore(reader)
        assert store.describe()["n_readings"] == 1
        store.close()

    def test_who_may_read_alone_changes_nothing(
        self, reader, postgresql, place, readings_file, dump_store, fail
    ):
        postgresql.run(
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", database=place.database
        )
        before = dump_store(place)
        file = readings_file(f"{ONE},2026-01-01T01:00Z,8")
        error, _ = fail(
            reader,
            lambda store: import_readings(store, file, source="a", known_wells=[ONE], now=NOW),
        )
        assert isinstance(error, StoreUnreachableError)
        assert "permission denied" in str(error)
        assert dump_store(place) == before


class TestOtherTables:
    def test_a_table_that_only_has_our_name(self, fail, place, ask_store):
        ask_store(place, "CREATE TABLE store_info (colour TEXT)")
        error, _ = fail(place)
        assert isinstance(error, ReadError)
        assert "expected a store of readings, got column" in str(error)
        assert "set KUMAGEO_DATABASE_URL to a database of its own" in str(error)

    def test_tables_of_others_stay_as_they_are(self, store, load, place, ask_store):
        ask_store(place, "CREATE TABLE parks (name TEXT)")
        ask_store(place, "INSERT INTO parks VALUES ('a')")
        assert store.describe()["n_readings"] == 0
        assert load(LINE).published
        assert ask_store(place, "SELECT * FROM parks") == [("a",)]

    def test_names_are_sorted_as_in_a_file(self, store, load, readings_file):
        names = ["b", "B", "ａ", "_", "第1号", "第１号"]
        file = readings_file(*(f"{name},2026-01-01T00:00Z,8" for name in names))
        import_readings(store, file, source="a", known_wells=names, now=NOW)
        assert store.read_daily_means()["well_id"].tolist() == sorted(names)


class TestSecrets:
    def test_no_error_no_repr_and_no_log_tells_the_password(
        self, monkeypatch, run, locate, caplog, readings_file
    ):
        caplog.set_level(logging.DEBUG)
        address = locate(host="127.0.0.1", password=SECRET).render_as_string(hide_password=False)
        assert SECRET in address
        monkeypatch.setenv("KUMAGEO_DATABASE_URL", address)
        for command in (
            ("readings", "import", readings_file(LINE), "--source", "a", "--json"),
            ("readings", "export", "--out", "out.csv"),
            ("report", "groundwater", "--json"),
        ):
            answer = run(*command)
            assert (answer.code, answer.out) == (2, "")
            assert "StoreUnreachableError" in answer.err
            assert SECRET not in answer.err
        assert SECRET not in caplog.text
        settings = read_settings({"KUMAGEO_DATABASE_URL": address})
        assert SECRET not in repr(settings) + str(settings) + repr(open_readings(settings))
        assert SECRET not in find_database(settings.readings).name

    def test_an_import_by_the_command(self, monkeypatch, run, place, readings_file, write):
        address = place.render_as_string(hide_password=False)
        monkeypatch.setenv("KUMAGEO_DATABASE_URL", address)
        wells = write("wells.csv", f"id\n{ONE}\n")
        file = readings_file(LINE)
        answer = run("readings", "import", file, "--source", "a", "--wells", wells, "--json")
        assert (answer.code, json.loads(answer.out)["n_new"]) == (0, 1)


class TestSetting:
    @pytest.mark.parametrize(
        "address",
        [
            "s3cret-word",
            "postgresql://owner:s3cret-word@host:port/name",
            "postgresql://owner:p@s3cret-word@host/name",
            "postgresql://owner:s3cret-word@host",
            "mysql://owner:s3cret-word@host/name",
            "sqlite:///s3cret-word.sqlite3",
            "postgresql+psycopg2://owner:s3cret-word@host/name",
            "postgresql://owner@host/name?password=s3cret-word",
            "postgresql://owner@host/name?options=s3cret-word",
            "https://owner:s3cret-word@host/name",
        ],
    )
    def test_an_address_that_is_none(self, address):
        with pytest.raises(SettingError, match="KUMAGEO_DATABASE_URL: expected") as caught:
            read_settings({"KUMAGEO_DATABASE_URL": address})
        assert SECRET not in str(caught.value)
        assert caught.value.__cause__ is None

    def test_schemes(self):
        for scheme in ("postgresql", "postgres", "postgresql+psycopg"):
            settings = read_settings({"KUMAGEO_DATABASE_URL": f" {scheme}://a:b@host:5433/name "})
            assert isinstance(settings.readings, sa.URL)
            assert settings.readings.drivername == "postgresql+psycopg"
            assert settings.readings.password == "b"  # noqa: S105

    def test_simulated_readings_stay_in_their_file(self, tmp_path):
        settings = read_settings(
            {
                "KUMAGEO_DATABASE_URL": "postgresql://a:b@host/name",
                "KUMAGEO_READINGS": str(tmp_path / "readings.sqlite3"),
                "KUMAGEO_DEMO": "1",
            }
        )
        assert settings.readings == tmp_path / "demo-readings.sqlite3"
