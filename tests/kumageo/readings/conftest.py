"""A store in a temporary folder, files of few readings, and the whole content of a store."""

from __future__ import annotations

import datetime as dt
import sqlite3

import pytest

from kumageo.readings.imports import import_readings
from kumageo.readings.store import ReadingStore

WELLS = ("kumamoto-01", "kumamoto-17", "yatsushiro-02")
NOW = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
TABLES = ("store_info", "imports", "readings", "daily_levels")


def dump(path):
    """Return all rows of a store's tables; read by the driver alone."""
    connection = sqlite3.connect(path)
    try:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        return {
            name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()  # noqa: S608
            for name in TABLES
            if name in names
        }
    finally:
        connection.close()


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


@pytest.fixture
def store(path):
    store = ReadingStore(path)
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
