"""Simulated readings, which no embed may show."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from kumageo.clock import JST
from kumageo.readings.store import ReadingStore
from kumageo.readings.tables import SIMULATED
from layers.water import build_water, prepare_store


def simulate(wells):
    """Return the state of a store that was filled with simulated readings."""
    now = dt.datetime(2026, 8, 1, 12, tzinfo=JST)
    with tempfile.TemporaryDirectory() as folder:
        store = ReadingStore(Path(folder) / "demo-readings.sqlite3", SIMULATED)
        prepare_store(store, wells, now)
        water = build_water(store, wells, now)
        store.close()
    assert water.is_demo
    assert water.n_readings
    return water
