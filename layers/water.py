"""The readings behind the page 地下水: what the store holds now, and what is made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kumageo.demo import fill_demo_store
from kumageo.groundwater import summarise_wells
from kumageo.readings.store import ReadingStore
from kumageo.readings.tables import SIMULATED

MIDDLE_PERCENTILE = 50


@dataclass(frozen=True)
class Water:
    """The readings of one state of the store. Frames are not changed.

    `daily` are the daily means of all wells. `summary` has a row for every well of the dataset,
    with readings or without: the columns of `kumageo.groundwater.summarise_wells`, `shown_class`
    (a class, "position" for a short record, or "none") and `unusualness`, how far the percentile
    is from the middle. `sources` are those who measured, as the imports name them, and
    `source_of` who measured a well last, by its id.
    """

    daily: pd.DataFrame
    summary: pd.DataFrame
    sources: tuple[str, ...]
    source_of: Mapping[str, str]
    is_demo: bool
    n_readings: int

    @property
    def days(self) -> tuple[dt.date, dt.date] | None:
        """First and last day with readings; None without any."""
        if not len(self.daily):
            return None
        return self.daily["day"].min().date(), self.daily["day"].max().date()

    @property
    def read_wells(self) -> list[str]:
        """Ids of the wells that have readings."""
        return list(self.summary.index[self.summary["n_readings"] > 0])


def build_water(store: ReadingStore, wells: pd.DataFrame, now: dt.datetime) -> Water:
    """Judge all wells by the readings that the store holds."""
    daily = store.read_daily_means()
    latest = store.read_latest()
    summary = summarise_wells(wells, daily, latest, now)
    shown = summary["level_class"].fillna("none")
    is_short = summary["level_class"].isna() & summary["position_index"].notna()
    return Water(
        daily=daily,
        summary=summary.assign(
            shown_class=shown.mask(is_short, "position"),
            unusualness=(summary["percentile"] - MIDDLE_PERCENTILE).abs(),
        ),
        source_of={str(well): str(one) for well, one in latest["source"].items()},
        sources=tuple(dict.fromkeys(store.read_imports()["source"])),
        is_demo=store.kind == SIMULATED,
        n_readings=int(store.describe()["n_readings"]),
    )


def prepare_store(store: ReadingStore, wells: pd.DataFrame, now: dt.datetime) -> None:
    """Bring simulated readings up to now; measured ones come by import only."""
    if store.kind == SIMULATED:
        fill_demo_store(store, wells, now)
