"""Regional councils (地域未来創造会議): areas, their profiles, topics, and evidence for them.

A topic has evidence on the map where it names a page that shows its subject, or a place that
a dataset locates. Areas are compared, never ranked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

import geopandas as gpd
import pandas as pd

from kumageo.congestion import CONFIRMED
from kumageo.council_files import PLACE_DATASETS, load_council
from kumageo.council_records import Area, Council, Topic
from kumageo.council_schema import HELD, PLANNED
from kumageo.crs import GEOGRAPHIC
from kumageo.errors import ArgumentError, KeyColumnError, QueryError
from kumageo.joins import assign_area
from kumageo.municipalities import dissolve_municipalities, list_regions
from kumageo.partial_dates import parse_partial_date
from kumageo.schemas import HAZARDS
from kumageo.store import Store

FOLDER: Final = "council"
AGREEMENTS: Final = "taiwan_agreements"
_SUMMED: Final = (
    *("population", "area_km2", "n_sites", "n_shelters"),
    *(f"n_sites_{hazard}" for hazard in HAZARDS),
)


def read_council(store: Store) -> Council:
    """Read the council files beside the published data.

    Raises
    ------
    CouncilError
        If anything is wrong with them.
    NotPublishedError
        If the municipalities or a dataset of places are not published.
    """
    features = {kind: store.load(dataset_id) for kind, dataset_id in PLACE_DATASETS.items()}
    return load_council(store.root / FOLDER, store.load("municipalities"), features)


def build_areas(municipalities: pd.DataFrame, boundaries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge the municipalities of each council area.

    Parameters
    ----------
    municipalities
        With code, region_id and region_name; each code once.
    boundaries
        Areas with municipality_code, edges shared (a valid coverage).

    Returns
    -------
    geopandas.GeoDataFrame
        `region_name` and `geometry` in the CRS given; index region_id, in the order of first
        appearance.

    Raises
    ------
    KeyColumnError
        If a municipality stands twice, or municipalities and boundaries are not the same.
    """
    repeated = municipalities.loc[municipalities["code"].duplicated(), "code"]
    if len(repeated):
        raise KeyColumnError(
            f"code: expected each municipality in one area, got twice: {', '.join(repeated)}. "
            "Remove one row."
        )
    merged = dissolve_municipalities(boundaries)
    region_of = municipalities.set_index("code")["region_id"]
    lonely = sorted(set(merged.index) ^ set(region_of.index))
    if lonely:
        raise KeyColumnError(
            "code: expected the same municipalities in the table and in the boundaries, got "
            f"only one of the two for {', '.join(lonely)}. Add what is missing."
        )
    names = municipalities.drop_duplicates("region_id").set_index("region_id")["region_name"]
    areas = merged.assign(region_id=region_of).dissolve(by="region_id", method="coverage")
    return areas.assign(region_name=names)[["region_name", "geometry"]].reindex(names.index)


def profile_areas(
    council: Council,
    profiles: pd.DataFrame,
    wells: gpd.GeoDataFrame,
    bottlenecks: gpd.GeoDataFrame,
    boundaries: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Count what lies in each area and what is known of its council.

    Parameters
    ----------
    council
        From `read_council`.
    profiles
        From `municipalities.build_profiles`.
    wells
        From `wells.locate_wells`.
    bottlenecks
        Of `schemas.BOTTLENECKS`, in the CRS of the boundaries.
    boundaries
        Areas with code and municipality_code.

    Returns
    -------
    pandas.DataFrame
        Index region_id in the order of the municipalities: region_name, state,
        n_municipalities, population (persons), area_km2; n_sites, n_sites_<hazard>,
        n_shelters and n_wells that lie in it; n_members of the data platform,
        n_meetings_held, n_meetings_planned and n_topics. Of lists that do not cover the
        prefecture, NA where they name nothing: n_bottlenecks (主要渋滞箇所 that lie in it),
        n_bottlenecks_unplaced (without a place, of a municipality of the area by the list)
        and n_projects (named ones).
    """
    table = list_regions(profiles.reset_index())[["region_name", "n_municipalities"]]
    by_region = profiles.groupby("region_id", sort=False)
    table = table.join(by_region[list(_SUMMED)].sum())
    placed, unplaced = _find_bottleneck_regions(bottlenecks, boundaries, profiles)
    projects = council.projects.explode("region_ids").drop_duplicates(["region_ids", "name"])
    counted = {
        "n_wells": wells["region_id"],
        "n_members": council.members["region_id"],
        "n_meetings_held": [m.region_id for m in council.meetings if m.state == HELD],
        "n_meetings_planned": [m.region_id for m in council.meetings if m.state == PLANNED],
        "n_topics": [topic.region_id for topic in council.topics],
        "n_bottlenecks": placed,
        "n_bottlenecks_unplaced": unplaced,
        "n_projects": projects["region_ids"],
    }
    for name, region_ids in counted.items():
        counts = pd.Series(region_ids, dtype="object").value_counts()
        table[name] = counts.reindex(table.index, fill_value=0).astype("Int64")
    # Neither list covers the prefecture: where one names nothing, nothing is known.
    listed = table["n_bottlenecks"] + table["n_bottlenecks_unplaced"] > 0
    for name in ("n_bottlenecks", "n_bottlenecks_unplaced"):
        table[name] = table[name].where(listed)
    table["n_projects"] = table["n_projects"].where(table["n_projects"] > 0)
    table.insert(1, "state", pd.Series({area.id: area.state for area in council.areas}))
    return table


def _find_bottleneck_regions(
    bottlenecks: gpd.GeoDataFrame, boundaries: gpd.GeoDataFrame, profiles: pd.DataFrame
) -> tuple[pd.Series, pd.Series]:
    """Return the regions of listed bottlenecks: by coordinate, and without one by name."""
    listed = bottlenecks[bottlenecks["status"] == CONFIRMED]
    is_placed = listed.geometry.notna()
    located = assign_area(listed[is_placed], boundaries, parent="municipality_code")
    region_of = profiles["region_id"]
    region_by_name = profiles.set_index("name")["region_id"]
    return (
        located["municipality_code"].map(region_of).dropna(),
        listed.loc[~is_placed, "municipality"].map(region_by_name).dropna(),
    )


def find_area(council: Council, region_id: str) -> Area:
    """Return one area.

    Raises
    ------
    QueryError
        If there is none of that id.
    """
    for area in council.areas:
        if area.id == region_id:
            return area
    known = ", ".join(area.id for area in council.areas)
    raise QueryError(f"region: expected one of {known}; got {region_id[:40]!r}. Choose an area.")


def select_topics(council: Council, region_id: str = "", theme_id: str = "") -> tuple[Topic, ...]:
    """Return the topics of an area and a theme, in the order of the file; blank: of all.

    Raises
    ------
    QueryError
        If the area or the theme does not exist.
    """
    themes = [theme.id for theme in council.themes]
    if theme_id and theme_id not in themes:
        known = ", ".join(themes)
        raise QueryError(f"theme: expected one of {known}; got {theme_id[:40]!r}. Choose a theme.")
    if region_id:
        find_area(council, region_id)
    return tuple(
        topic
        for topic in council.topics
        if region_id in ("", topic.region_id) and (not theme_id or theme_id in topic.themes)
    )


def find_evidence(topics: Iterable[Topic]) -> pd.DataFrame:
    """Tell which topics have evidence on the map.

    Returns
    -------
    pandas.DataFrame
        Index topic_id; `layer` (NA for none), `n_places`, `n_placed` (those with a known
        position) and `has_evidence` (a layer or a placed place).
    """
    rows = [
        (
            topic.id,
            topic.layer or None,
            len(topic.places),
            sum(place.geometry is not None for place in topic.places),
        )
        for topic in topics
    ]
    table = pd.DataFrame(rows, columns=["topic_id", "layer", "n_places", "n_placed"])
    table["layer"] = table["layer"].astype("str")
    table["has_evidence"] = table["layer"].notna() | (table["n_placed"] > 0)
    return table.set_index("topic_id")


def locate_topics(topics: Iterable[Topic]) -> gpd.GeoDataFrame:
    """Return a point for each place of each topic; places of unknown position are left out.

    Returns
    -------
    geopandas.GeoDataFrame
        Range index; topic_id, region_id, place_id, place_name and `geometry` (EPSG:6668; of a
        line a point on it).
    """
    columns = ["topic_id", "region_id", "place_id", "place_name", "geometry"]
    rows = [
        (topic.id, topic.region_id, place.id, place.name, place.geometry.representative_point())
        for topic in topics
        for place in topic.places
        if place.geometry is not None
    ]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), crs=GEOGRAPHIC)


def count_days_since(date: str, today: dt.date) -> int:
    """Count the days since a year, month or day: those that have passed at least.

    Raises
    ------
    ArgumentError
        If the date is none, or lies after today as a whole.
    """
    span = parse_partial_date(date)
    if span.first > today:
        raise ArgumentError(
            f"date: expected a day up to today ({today}), got {date}. Correct the date."
        )
    return max((today - span.last).days, 0)


def compare_agreements(council: Council) -> dict[str, int]:
    """Put the number of Taiwanese partners that the paper states beside those it names.

    Returns
    -------
    dict
        `n_stated` (partners by friendship agreement or MOU) and `n_named` (rows of
        `agreements`). Whether a named one is among the stated ones is not always said.
    """
    figures = council.figures
    stated = figures[(figures["kind"] == AGREEMENTS) & (figures["unit"] == "partners")]
    return {"n_stated": int(stated["value"].sum()), "n_named": len(council.agreements)}
