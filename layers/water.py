"""The readings behind the page 地下水: what the store holds now, and what is made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from kumageo.demo import fill_demo_store
from kumageo.groundwater import summarise_wells
from kumageo.notice_rules import Rule
from kumageo.notices import find_notices
from kumageo.readings.pulls import OK
from kumageo.readings.store import ReadingStore
from kumageo.readings.tables import SIMULATED

MIDDLE_PERCENTILE = 50
OVERDUE = dt.timedelta(minutes=15)  # a pull itself takes its time


@dataclass(frozen=True)
class Link:
    """A broker: when readings last came (None: never), and why none come now, if so.

    `failure` is one of `kumageo.readings.pulls.FAILURES`, or "stopped" where the next pull is
    overdue.
    """

    title: str
    last_ok: pd.Timestamp | None
    failure: str


@dataclass(frozen=True)
class Water:
    """The readings of one state of the store. Frames are not changed.

    `daily` are the daily means of all wells. `summary` has a row for every well of the dataset,
    with readings or without: the columns of `kumageo.groundwater.summarise_wells`, `shown_class`
    (a class, "position" for a short record, or "none") and `unusualness`, how far the percentile
    is from the middle. `sources` are those who measured, as the imports name them, and
    `source_of` who measured a well last, by its id. `is_unread` means that
    the store can't be read now: then there are no readings here, whatever it holds. `links` are
    the brokers that readings are pulled from. `notices` are those of
    `kumageo.notices.find_notices`; None where nobody can tell.
    """

    daily: pd.DataFrame
    summary: pd.DataFrame
    sources: tuple[str, ...]
    source_of: Mapping[str, str]
    is_demo: bool
    n_readings: int
    is_unread: bool = False
    links: tuple[Link, ...] = ()
    notices: pd.DataFrame | None = None

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


def build_water(
    store: ReadingStore,
    wells: pd.DataFrame,
    now: dt.datetime,
    rules: Sequence[Rule] | None = None,
) -> Water:
    """Judge all wells by the readings that the store holds; without rules there is no notice."""
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
        notices=None if rules is None else find_notices(summary, daily, rules, now),
        links=tuple(_judge_link(row, now) for row in store.read_pulls().itertuples()),
    )


def _judge_link(row: Any, now: dt.datetime) -> Link:
    failure = "" if row.outcome == OK else str(row.outcome)
    if not pd.isna(row.due) and now > row.due + OVERDUE:
        failure = "stopped"
    return Link(str(row.title), None if pd.isna(row.last_ok) else row.last_ok, failure)


def build_unread_water(wells: pd.DataFrame, now: dt.datetime) -> Water:
    """Return the wells without readings, for a store that can't be read now."""
    nothing = ReadingStore(Path())  # no file, so an empty store
    return replace(build_water(nothing, wells, now), is_unread=True)


def freeze_water(store: ReadingStore, wells: pd.DataFrame) -> Water | None:
    """Judge all wells at the time of the last reading, so that the same store gives the same.

    Returns
    -------
    Water or None
        None where there are no readings, or only simulated ones.
    """
    latest = store.read_latest() if store.kind != SIMULATED else pd.DataFrame()
    if latest.empty:
        return None
    return build_water(store, wells, latest["time"].max().to_pydatetime())


def prepare_store(store: ReadingStore, wells: pd.DataFrame, now: dt.datetime) -> None:
    """Bring simulated readings up to now; measured ones come by import only."""
    if store.kind == SIMULATED:
        fill_demo_store(store, wells, now)
