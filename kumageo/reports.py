"""The numbers that the pages show, by subject, computed by the functions that the pages call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from kumageo.congestion import report_congestion
from kumageo.errors import NotPublishedError, UnknownDatasetError
from kumageo.evacuation import report_evacuation
from kumageo.facilities import build_facilities
from kumageo.municipalities import build_profiles, list_regions, report_municipalities
from kumageo.optional import OPTIONAL, SPEEDS, load_if_published, load_speeds
from kumageo.schemas import ROAD_FACTS
from kumageo.store import Store


def report_subject(subject: str, store: Store) -> dict[str, Any]:
    """Return the numbers of one subject as plain values for JSON.

    Parameters
    ----------
    subject
        One of `SUBJECTS`.
    store
        Where the published data is.

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
    return {"subject": subject, "as_of": as_of, **build(store)}


def _report_municipalities(store: Store) -> dict[str, Any]:
    municipalities, boundaries, sites, shelters = (store.load(name) for name in _ALL)
    profiles = build_profiles(municipalities, boundaries, sites, shelters)
    return report_municipalities(profiles, list_regions(municipalities))


def _report_evacuation(store: Store) -> dict[str, Any]:
    municipalities, boundaries, sites, shelters = (store.load(name) for name in _ALL)
    return report_evacuation(build_facilities(sites, shelters, boundaries), municipalities)


def _report_congestion(store: Store) -> dict[str, Any]:
    return report_congestion(
        store.load("corridors"),
        store.load("traffic_stations"),
        store.load_table("traffic_hourly"),
        store.load("bottlenecks"),
        load_if_published(store, ROAD_FACTS),
        load_speeds(store),
    )


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

SUBJECTS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Store], dict[str, Any]]]]] = {
    "municipalities": (_ALL, _report_municipalities),
    "evacuation": (_ALL, _report_evacuation),
    "congestion": (_ROADS, _report_congestion),
}
