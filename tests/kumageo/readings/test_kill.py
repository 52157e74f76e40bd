"""An import that is killed leaves the store as before, whatever it was doing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kumageo.readings.imports import import_readings
from kumageo.readings.store import ReadingStore

SECONDS = 120
N_HOURS = 20_000
# A cache of few pages: what is not committed goes to the disk early, as in a large import.
PROGRAM = """
import datetime as dt, os, pathlib, signal, sys
import sqlalchemy as sa
from kumageo.readings import databases, forms, staging
from kumageo.readings.imports import import_readings
from kumageo.readings.store import ReadingStore

databases._CACHE_KB, forms.CHUNK_ROWS = 64, 7_000
moment, text, file = sys.argv[1:4]
store = ReadingStore(sa.make_url(text) if "://" in text else pathlib.Path(text))
kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)

def progress(step, done, total):
    if moment == step + (" first" if done < total else " last"):
        kill()

if moment == "staged":
    staging.Stage.publish = kill
if moment == "refresh":
    staging.Stage._refresh_days = kill
if moment == "by the clock":
    print("ready", flush=True)
now = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
known = sys.argv[4].split(",")
import_readings(
    store, pathlib.Path(file), source="a", known_wells=known, now=now, progress=progress
)
"""
MOMENTS = ["check first", "check last", "staged", "refresh", "write first", "write last"]


@pytest.fixture
def large_file(readings_file, known_wells):
    return readings_file(
        *(
            f"{well},{2015 + hour // 4_000}-01-{1 + hour // 24 % 28:02}T{hour % 24:02}:"
            f"{hour // 672 % 60:02}Z,{hour % 700 / 100}"
            for well in known_wells
            for hour in range(N_HOURS)
        ),
        name="large.csv",
    )


@pytest.fixture
def command(place, large_file, known_wells):
    arguments = [str(place), str(large_file), ",".join(known_wells)]
    return lambda moment: [sys.executable, "-c", PROGRAM, moment, *arguments]


@pytest.fixture
def check_integrity(place, ask_store):
    def check():
        if isinstance(place, Path):
            assert ask_store(place, "PRAGMA integrity_check") == [("ok",)]

    return check


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_a_step(
    place, load, root, command, dump_store, moment, known_wells, check_integrity
):
    load(f"{known_wells[0]},2026-01-01T00:00Z,3")
    before = dump_store(place)
    done = subprocess.run(command(moment), check=False, cwd=root, timeout=SECONDS)
    assert done.returncode == -signal.SIGKILL
    assert dump_store(place) == before
    check_integrity()
    assert load(f"{known_wells[0]},2026-01-01T01:00Z,3").published  # no lock is left


def test_killed_by_the_clock(
    place, load, root, command, dump_store, known_wells, large_file, now, check_integrity
):
    load(f"{known_wells[0]},2026-01-01T00:00Z,3")
    before = dump_store(place)
    for delay in (0.02, 0.1, 0.2):
        with subprocess.Popen(
            command("by the clock"), cwd=root, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout.readline() == "ready\n"
            time.sleep(delay)
            os.kill(process.pid, signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        assert dump_store(place) == before, delay
    check_integrity()
    store = ReadingStore(place)
    result = import_readings(store, large_file, source="a", known_wells=known_wells, now=now)
    assert result.counts.n_new == 3 * N_HOURS
    assert store.describe()["n_readings"] == 3 * N_HOURS + 1
    store.close()


def test_a_first_import_that_is_killed(place, load, root, command, store, known_wells):
    done = subprocess.run(command("write last"), check=False, cwd=root, timeout=SECONDS)
    assert done.returncode == -signal.SIGKILL
    assert store.describe()["n_readings"] == 0
    assert load(f"{known_wells[0]},2026-01-01T00:00Z,3").published


def test_two_imports_at_once(place, root, command, known_wells, store):
    processes = [subprocess.Popen(command("never"), cwd=root) for _ in range(2)]
    assert [process.wait(SECONDS) for process in processes] == [0, 0]
    assert store.describe()["n_readings"] == 3 * N_HOURS
    assert store.read_imports()[["n_new", "n_unchanged"]].to_numpy().tolist() == [
        [3 * N_HOURS, 0],
        [0, 3 * N_HOURS],
    ]
