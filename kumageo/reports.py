"""The numbers that the pages show, by subject, computed by the functions that the pages call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from kumageo.clock import JST
from kumageo.demo import fill_demo_store
from kumageo.errors import UnknownDatasetError
from kumageo.evacuation import report_evacuation
from kumageo.facilities import build_facilities
from kumageo.groundwater import report_groundwater, summarise_wells
from kumageo.municipalities import build_profiles, list_regions, report_municipalities
from kumageo.readings.store import ReadingStore
from kumageo.readings.tables import SIMULATED
from kumageo.settings import READINGS
from kumageo.store import Store


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
    as_of = {dataset_id: store.describe(dataset_id).as_of for dataset_id in datasets}
    readings = readings or ReadingStore(store.root / READINGS)
    return {"subject": subject, "as_of": as_of, **build(store, readings)}


def _report_municipalities(store: Store, _readings: ReadingStore) -> dict[str, Any]:
    municipalities, boundaries, sites, shelters = (store.load(name) for name in _ALL)
    profiles = build_profiles(municipalities, boundaries, sites, shelters)
    return report_municipalities(profiles, list_regions(municipalities))


def _report_evacuation(store: Store, _readings: ReadingStore) -> dict[str, Any]:
    municipalities, boundaries, sites, shelters = (store.load(name) for name in _ALL)
    return report_evacuation(build_facilities(sites, shelters, boundaries), municipalities)


def _report_groundwater(store: Store, readings: ReadingStore) -> dict[str, Any]:
    wells, now = store.load("observation_wells"), dt.datetime.now(tz=JST)
    if readings.kind == SIMULATED:
        fill_demo_store(readings, wells, now)
    daily, latest = readings.read_daily_means(), readings.read_latest()
    summary = summarise_wells(wells, daily, latest, now)
    return report_groundwater(wells, summary, readings.describe())


_ALL = ("municipalities", "municipal_boundaries", "evacuation_sites", "evacuation_shelters")

Builder = Callable[[Store, ReadingStore], dict[str, Any]]

SUBJECTS: Final[Mapping[str, tuple[tuple[str, ...], Builder]]] = {
    "municipalities": (_ALL, _report_municipalities),
    "evacuation": (_ALL, _report_evacuation),
    "groundwater": (("observation_wells",), _report_groundwater),
}
