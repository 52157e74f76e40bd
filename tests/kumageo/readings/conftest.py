"""A store in a file or in a database, files of few readings, and the whole content of a store."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from kumageo.readings.imports import import_readings
from kumageo.readings.store import ReadingStore

WELLS = ("kumamoto-01", "kumamoto-17", "yatsushiro-02")
NOW = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
TABLES = ("store_info", "imports", "readings", "daily_levels")


def ask(place, statement):
    """Ask a store; by the driver alone. The rows of a statement that gives none are none."""
    if isinstance(place, Path):
        with closing(sqlite3.connect(place)) as connection, connection:
            return connection.execute(statement).fetchall()
    address = place.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def dump(place):
    """Return all rows of a store's tables."""
    catalog = "SELECT name FROM sqlite_master"
    if not isinstance(place, Path):
        catalog = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    names = {name for (name,) in ask(place, catalog)}
    return {
        name: ask(place, f"SELECT * FROM {name} ORDER BY 1, 2")  # noqa: S608
        for name in TABLES
        if name in names
    }


@pytest.fixture(scope="session")
def ask_store():
    return ask


@pytest.fixture(scope="session")
def dump_store():
    return dump


@pytest.fixture(scope="session")
def known_wells():
    return WELLS


@pytest.fixture(scope="session")
def now():
    return NOW


@pytest.fixture
def path(tmp_path):
    return tmp_path / "readings.sqlite3"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request):
    """Give the place of a store that does not exist yet: a file, and an empty database."""
    return request.getfixturevalue("path" if request.param == "sqlite" else "database")


@pytest.fixture
def store(place):
    store = ReadingStore(place)
    yield store
    store.close()


@pytest.fixture
def readings_file(write):
    """Write a file from its lines; each gets a line end."""

    def write_lines(*lines, header="well,time,level_m", name="readings.csv", encoding="utf-8"):
        return write(name, "".join(f"{line}\n" for line in (header, *lines)).encode(encoding))

    return write_lines


@pytest.fixture
def load(store, readings_file):
    """Import lines into the store and give the result."""

    def load_lines(*lines, source="熊本県", **arguments):
        path = lines[0] if lines and hasattr(lines[0], "read_bytes") else readings_file(*lines)
        return import_readings(
            store, path, source=source, known_wells=WELLS, **{"now": NOW, **arguments}
        )

    return load_lines
