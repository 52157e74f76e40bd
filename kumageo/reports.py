"""The numbers that the pages show, by subject, computed by the functions that the pages call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from kumageo.errors import UnknownDatasetError
from kumageo.evacuation import report_evacuation
from kumageo.facilities import build_facilities
from kumageo.municipalities import build_profiles, list_regions, report_municipalities
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
    as_of = {dataset_id: store.describe(dataset_id).as_of for dataset_id in datasets}
    return {"subject": subject, "as_of": as_of, **build(store)}


def _report_municipalities(store: Store) -> dict[str, Any]:
    municipalities, boundaries, sites, shelters = (store.load(name) for name in _ALL)
    profiles = build_profiles(municipalities, boundaries, sites, shelters)
    return report_municipalities(profiles, list_regions(municipalities))


def _report_evacuation(store: Store) -> dict[str, Any]:
    municipalities, boundaries, sites, shelters = (store.load(name) for name in _ALL)
    return report_evacuation(build_facilities(sites, shelters, boundaries), municipalities)


_ALL = ("municipalities", "municipal_boundaries", "evacuation_sites", "evacuation_shelters")

SUBJECTS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Store], dict[str, Any]]]]] = {
    "municipalities": (_ALL, _report_municipalities),
    "evacuation": (_ALL, _report_evacuation),
}
