"""The numbers that the pages show, by subject, computed by the functions that the pages call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from kumageo.clock import JST
from kumageo.congestion import report_congestion
from kumageo.council import profile_areas, read_council
from kumageo.council_files import PLACE_DATASETS
from kumageo.council_report import report_council
from kumageo.demo import fill_demo_store
from kumageo.errors import NotPublishedError, UnknownDatasetError
from kumageo.evacuation import report_evacuation
from kumageo.facilities import build_facilities
from kumageo.groundwater import report_groundwater, summarise_wells
from kumageo.municipalities import build_profiles, list_regions, report_municipalities
from kumageo.optional import OPTIONAL, SPEEDS, load_if_published, load_speeds
from kumageo.readings.store import ReadingStore
from kumageo.readings.tables import SIMULATED
from kumageo.schemas import ROAD_FACTS
from kumageo.settings import READINGS
from kumageo.store import Store
from kumageo.wells import locate_wells


def report_subject(
    subject: str, store: Store, readings: ReadingStore | None = None
) -> dict[str, Any]:
    """Return the numbers of one subject as plain values for JSON.

    Parameters
    ----------
    subject
        One of `SUBJECTS`.
    store
        Where the published data is.
    readings
        Where the groundwater readings are; None: `readings.sqlite3` beside the published data.

    Returns
    -------
    dict
        `subject`, `as_of` of each dataset, `summary` and the subject's tables.

    Raises
    ------
    UnknownDatasetError
        If there is no such subject.
    """
    if subject not in SUBJECTS:
        raise UnknownDatasetError(
            f"subject: expected one of {', '.join(SUBJECTS)}; got {subject[:40]!r}."
        )
    datasets, build = SUBJECTS[subject]
    as_of = {dataset_id: _find_day(dataset_id, store) for dataset_id in datasets}
    readings = readings or ReadingStore(store.root / READINGS)
    return {"subject": subject, "as_of": as_of, **build(store, readings)}


def _report_municipalities(store: Store, _readings: ReadingStore) -> dict[str, Any]:
    municipalities, boundaries, sites, shelters = (store.load(name) for name in _ALL)
    profiles = build_profiles(municipalities, boundaries, sites, shelters)
    return report_municipalities(profiles, list_regions(municipalities))


def _report_evacuation(store: Store, _readings: ReadingStore) -> dict[str, Any]:
    municipalities, boundaries, sites, shelters = (store.load(name) for name in _ALL)
    return report_evacuation(build_facilities(sites, shelters, boundaries), municipalities)


def _report_congestion(store: Store, _readings: ReadingStore) -> dict[str, Any]:
    return report_congestion(
        store.load("corridors"),
        store.load("traffic_stations"),
        store.load_table("traffic_hourly"),
        store.load("bottlenecks"),
        load_if_published(store, ROAD_FACTS),
        load_speeds(store),
    )


def _report_groundwater(store: Store, readings: ReadingStore) -> dict[str, Any]:
    wells, now = store.load("observation_wells"), dt.datetime.now(tz=JST)
    if readings.kind == SIMULATED:
        fill_demo_store(readings, wells, now)
    daily, latest = readings.read_daily_means(), readings.read_latest()
    summary = summarise_wells(wells, daily, latest, now)
    return report_groundwater(wells, summary, readings.describe())


def _report_council(store: Store, _readings: ReadingStore) -> dict[str, Any]:
    municipalities, boundaries, sites, shelters = (store.load(name) for name in _ALL)
    council = read_council(store)
    wells = locate_wells(store.load("observation_wells"), municipalities, boundaries)
    profiles = build_profiles(municipalities, boundaries, sites, shelters)
    profile = profile_areas(council, profiles, wells, store.load("bottlenecks"), boundaries)
    return report_council(council, profile, municipalities, dt.datetime.now(tz=JST).date())


def _find_day(dataset_id: str, store: Store) -> str | None:
    """Return the day of a dataset; only those that are optional may be missing."""
    try:
        return store.describe(dataset_id).as_of
    except NotPublishedError:
        if dataset_id in OPTIONAL:
            return None
        raise


_ALL = ("municipalities", "municipal_boundaries", "evacuation_sites", "evacuation_shelters")
_ROADS = ("corridors", "traffic_stations", "traffic_hourly", "bottlenecks", "road_facts", SPEEDS)

Builder = Callable[[Store, ReadingStore], dict[str, Any]]

SUBJECTS: Final[Mapping[str, tuple[tuple[str, ...], Builder]]] = {
    "municipalities": (_ALL, _report_municipalities),
    "evacuation": (_ALL, _report_evacuation),
    "congestion": (_ROADS, _report_congestion),
    "groundwater": (("observation_wells",), _report_groundwater),
    "council": ((*_ALL, *PLACE_DATASETS.values()), _report_council),
}
