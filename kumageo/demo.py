"""Simulated readings (模擬データ), to show the pages before any are imported.

They lie in a store of their own that is opened with ``KUMAGEO_DEMO=1`` only, every reading says
模擬データ as its source, and no well is described by them. A fixed seed: the level of a well at
one moment is the same whenever it is asked for.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kumageo.clock import JST
from kumageo.errors import ArgumentError
from kumageo.readings.queries import to_seconds
from kumageo.readings.staging import ImportFacts
from kumageo.readings.store import ReadingStore
from kumageo.readings.tables import DAY_S, IMPORTED, SIMULATED, SIMULATED_SOURCE

SEED: Final = 20150101
START: Final = dt.datetime(2015, 1, 1, tzinfo=JST)
N_DAYS: Final = 40 * 366
EVERY: Final = 2  # of the wells without a published range, one in so many has readings
HOUR_S: Final = 3_600
# Yearly range in m, as published by the prefecture (2025): 第1号 about 1 m, 第17号 5 to 10 m.
PUBLISHED_RANGES_M: Final = {"熊本第１号": (0.95, 1.05), "熊本第１７号": (6.0, 9.0)}
OTHER_RANGE_M: Final = (1.5, 4.5)  # between the two
HIGHEST_DAY: Final = 270  # end of September, after the paddies were under water
MEMORY: Final = 0.97  # of one day for the day before
N_STUCK_DAYS: Final = 9
# From the plain by the sea in the west to the foot of 阿蘇 in the east, as the ground rises.
WEST_EAST_DEG: Final = (130.6, 131.0)
LOW_HIGH_M: Final = (5.0, 40.0)
BASE_SPREAD_M: Final = 2.0
ROUGHNESS: Final = 0.03  # standard deviation of the weather, as a share of the yearly range


@dataclass(frozen=True)
class DemoWell:
    """How one well is simulated.

    `base_m` is about its middle level, `range_m` bounds its yearly range, `step_s` is the time
    between two readings; between `gap` (days since the start) it has none, and from day `stuck` on
    it stays on one level for `N_STUCK_DAYS`.
    """

    well_id: str
    number: int
    range_m: tuple[float, float]
    step_s: int = DAY_S
    first_day: int = 0
    last_day: int = N_DAYS - 2
    gap: tuple[int, int] = (0, 0)
    stuck: int = -1
    base_m: float = sum(LOW_HIGH_M) / 2


def fill_demo_store(store: ReadingStore, wells: pd.DataFrame, now: dt.datetime) -> None:
    """Bring the simulated readings up to now; those that are there stay as they are.

    Parameters
    ----------
    store
        The store of simulated readings.
    wells
        The wells dataset: `id` and `name`.
    now
        With a zone; the last readings are those before it.

    Raises
    ------
    ArgumentError
        If the store is the one of measured readings.
    """
    if store.kind != SIMULATED:
        raise ArgumentError(
            "demo: expected the store of simulated readings, got the one of measured readings. "
            "Set KUMAGEO_DEMO=1."
        )
    end_s = to_seconds(now, "now")
    last = store.read_latest()["time"]
    if len(last) and end_s - last.max().timestamp() < HOUR_S:
        return
    with store.write() as stage:
        n_read = 0
        for well in choose_wells(wells):
            after = int(last[well.well_id].timestamp()) if well.well_id in last.index else None
            readings = simulate_readings(well, end_s, after)
            stage.add(readings)
            n_read += len(readings)
        if n_read:
            facts = ImportFacts("", "", SIMULATED_SOURCE, SIMULATED, end_s, n_read)
            stage.publish(facts, lambda _step, _done, _total: None)


def choose_wells(wells: pd.DataFrame) -> list[DemoWell]:
    """Choose the wells that have simulated readings.

    Parameters
    ----------
    wells
        The wells dataset: `id`, `name` and `lon`.

    Returns
    -------
    list of DemoWell
        The two with a published range, hourly; and one in `EVERY` of the others, daily. Among
        these one with a short record, one that has ended, and one with a gap and a flat line.
    """
    named = [
        DemoWell(str(well_id), number, PUBLISHED_RANGES_M[name], HOUR_S)
        for number, (well_id, name) in enumerate(zip(wells["id"], wells["name"], strict=True))
        if name in PUBLISHED_RANGES_M
    ]
    others = wells.loc[~wells["name"].isin(PUBLISHED_RANGES_M), "id"].iloc[::EVERY]
    chosen = [
        DemoWell(str(well_id), number, OTHER_RANGE_M)
        for number, well_id in enumerate(others, start=len(wells))
    ]
    days = _count_days(2024, 7, 1)
    specials: list[dict[str, Any]] = [
        {"first_day": _count_days(2023, 6, 1)},
        {"last_day": _count_days(2025, 3, 31)},
        {"gap": (days, days + 12), "stuck": days + 60},
    ]
    changed = [replace(well, **special) for well, special in zip(chosen, specials, strict=False)]
    bases = dict(zip(wells["id"].astype(str), _choose_bases(wells["lon"]), strict=True))
    every = [*named, *changed, *chosen[len(changed) :]]
    return [replace(well, base_m=bases[well.well_id]) for well in every]


def simulate_readings(well: DemoWell, end_s: int, after_s: int | None = None) -> pd.DataFrame:
    """Simulate the readings of one well.

    Parameters
    ----------
    well
        Which well, and how.
    end_s, after_s
        Up to `end_s`, and after `after_s` where given; in seconds since 1970.

    Returns
    -------
    pandas.DataFrame
        As `kumageo.readings.staging.Stage.add` takes it.
    """
    start_s = to_seconds(START, "start")
    first = start_s + well.first_day * DAY_S
    stop = min(end_s, start_s + well.last_day * DAY_S)
    times = np.arange(first, stop + 1, well.step_s, dtype="int64")
    days = (times - start_s) / DAY_S
    is_left_out = (days >= well.gap[0]) & (days < well.gap[1])
    is_new = times > (first - 1 if after_s is None else after_s)
    times, days = times[is_new & ~is_left_out], days[is_new & ~is_left_out]
    is_stuck = (well.stuck >= 0) & (days >= well.stuck) & (days < well.stuck + N_STUCK_DAYS)
    levels = np.interp(np.where(is_stuck, well.stuck, days), np.arange(N_DAYS), _draw_days(well))
    return pd.DataFrame(
        {
            "well_id": well.well_id,
            "time_utc": times,
            "source_row": np.arange(len(times)),
            "level_m": np.round(levels, 2),
            "quality": IMPORTED,
        }
    )


def _draw_days(well: DemoWell) -> NDArray[np.float64]:
    """Draw the level at the start of each day, in m: a season of its own each year, and weather.

    All days are drawn at once, so that a later call goes on where an earlier one ended.
    """
    from scipy.signal import lfilter

    rng = np.random.default_rng([SEED, well.number])
    days = np.arange(N_DAYS)
    middles = np.arange(0, N_DAYS + 366, 365.25)
    ranges = rng.uniform(*well.range_m, len(middles))
    season = np.cos(2 * np.pi * (days - HIGHEST_DAY) / 365.25)
    weather = lfilter([np.sqrt(1 - MEMORY**2)], [1, -MEMORY], rng.normal(0, 1, N_DAYS))
    share = season * (1 - 4 * ROUGHNESS) / 2 + ROUGHNESS * np.clip(weather, -2, 2)
    base = well.base_m + rng.uniform(-BASE_SPREAD_M, BASE_SPREAD_M)
    levels: NDArray[np.float64] = base + share * np.interp(days, middles, ranges)
    return levels


def _choose_bases(lon: pd.Series) -> list[float]:
    """Return the middle level of each well, in m; in the middle where no place is known."""
    bases = np.interp(lon.astype("float64"), WEST_EAST_DEG, LOW_HIGH_M)
    return [float(base) for base in np.where(np.isnan(bases), sum(LOW_HIGH_M) / 2, bases)]


def _count_days(year: int, month: int, day: int) -> int:
    return (dt.date(year, month, day) - START.date()).days
