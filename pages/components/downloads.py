"""The tables that leave the pages: each with its sources, its date and its caution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from kumageo.council import locate_topics
from kumageo.crs import GEOGRAPHIC
from kumageo.facilities import select_facilities
from kumageo.labels import Labels
from kumageo.municipalities import dissolve_municipalities
from layers.content import DATASET_OF, PageData
from layers.facts import tabulate_well_facts
from pages.components.council_panels import select_shown
from pages.components.council_panels import write_notice as write_council_notice
from pages.components.council_state import CouncilState
from pages.components.council_tables import tabulate_topics
from pages.components.data import get_councils, get_water
from pages.components.road_state import CongestionState
from pages.components.road_tables import (
    tabulate_bottlenecks,
    tabulate_fact_rows,
    tabulate_hours,
    tabulate_stations,
)
from pages.components.roads_text import write_caution
from pages.components.state import EvacuationState, OverviewState, Query
from pages.components.stations import find_usual
from pages.components.tables import add_sources, tabulate_facilities, tabulate_profiles
from pages.components.well_panels import select_wells
from pages.components.well_panels import write_notice as write_water_notice
from pages.components.well_state import GroundwaterState
from pages.components.well_tables import tabulate_levels, tabulate_wells
from pages.components.words import (
    describe_evacuation,
    write_day,
    write_earthquake_note,
    write_notice,
)

# The features, and the lines that stand before the sources.
Built = tuple[gpd.GeoDataFrame, dict[str, str]]


@dataclass(frozen=True)
class Download:
    """One table: the datasets that it is made from, its caution, and how it is built."""

    datasets: tuple[str, ...]
    write_caution: Callable[[PageData, Labels], str]
    build: Callable[[Query, PageData, Labels], Built]


def write_notes(download: Download, data: PageData, labels: Labels) -> dict[str, str]:
    """Return caution and sources of a table, line by line."""
    notes = {labels("column.notice"): download.write_caution(data, labels)}
    for dataset in data.list_datasets(download.datasets):
        day = write_day(data, dataset.id, labels)
        notes[dataset.title] = (
            f"{labels.noted(dataset.processed_statement, day)} "
            f"{dataset.licence} {dataset.source_url}"
        )
    return notes


def _build_overview(query: Query, data: PageData, labels: Labels) -> Built:
    state = OverviewState.from_query(query, data.names, data.regions.index)
    profiles = data.profiles
    if state.region_id:
        profiles = profiles[profiles["region_id"] == state.region_id]
    areas = dissolve_municipalities(data.boundaries).geometry.reindex(profiles.index)
    table = tabulate_profiles(profiles, labels, with_hazards=True)
    notice = write_notice(data, labels)
    table = add_sources(table, [DOWNLOADS["overview"].datasets] * len(table), notice, data, labels)
    return gpd.GeoDataFrame(table, geometry=areas.to_numpy(), crs=data.boundaries.crs), {}


def _build_evacuation(query: Query, data: PageData, labels: Labels) -> Built:
    known = (data.names, data.regions.index, data.facility_ids)
    state = EvacuationState.from_query(query, *known)
    shown = select_facilities(data.facilities, state.to_filter(), data.profiles["region_id"])
    drawn = data.facilities[shown]
    datasets_of_row = [(DATASET_OF[kind], "municipal_boundaries") for kind in drawn["kind"]]
    table = tabulate_facilities(drawn, data, labels)
    table = add_sources(table, datasets_of_row, write_notice(data, labels), data, labels)
    words = {labels("column.words"): describe_evacuation(state, drawn, data, labels)}
    return gpd.GeoDataFrame(table, geometry=drawn.geometry), words


def _build_stations(_query: Query, data: PageData, labels: Labels) -> Built:
    table = tabulate_stations(data, labels)
    return _with_sources("stations", table, data.roads.stations.geometry, data, labels)


def _build_hours(query: Query, data: PageData, labels: Labels) -> Built:
    usual = find_usual(data)
    known = (data.roads.summary.index, data.roads.corridors["id"].to_list())
    before, after = CongestionState.from_query(query, *known, usual).to_periods()
    table = tabulate_hours(data, {"before": before, "after": after}, labels)
    places = data.roads.stations.set_index("point_code").geometry
    codes = table[labels("column.point_code")]
    return _with_sources("hours", table, places.reindex(codes), data, labels)


def _build_bottlenecks(_query: Query, data: PageData, labels: Labels) -> Built:
    table = tabulate_bottlenecks(data, labels)
    places = data.roads.bottlenecks.geometry.reindex(table.index)
    return _with_sources("bottlenecks", table, places, data, labels)


def _build_facts(_query: Query, data: PageData, labels: Labels) -> Built:
    table = tabulate_fact_rows(data, labels)
    nowhere = gpd.GeoSeries([None] * len(table), crs=GEOGRAPHIC)
    return _with_sources("road_facts", table, nowhere, data, labels)


def _build_wells(query: Query, data: PageData, labels: Labels) -> Built:
    known = (data.names, data.regions.index, data.wells["id"].to_list())
    state, water = GroundwaterState.from_query(query, *known), get_water(data)
    ids = select_wells(state, data)
    table = tabulate_wells(ids, data, water, labels)
    places = data.wells.set_index("id").geometry.loc[ids]
    return _with_sources("wells", table, places, data, labels)


def _build_levels(query: Query, data: PageData, labels: Labels) -> Built:
    water = get_water(data)
    well_id = query.choose("well", water.read_wells, "")
    if not well_id:
        query.problems.append("well")
    table = tabulate_levels(well_id, data, water, labels)
    place = data.wells.set_index("id").geometry.reindex([well_id] * len(table))
    return _with_sources("levels", table, place, data, labels)


def _build_well_facts(_query: Query, data: PageData, labels: Labels) -> Built:
    # In the file the day is ISO 8601 too: the words beside the publisher are for people.
    dates = data.well_facts["fact_date"].fillna(labels("fact.no_date"))
    table = tabulate_well_facts(data, labels).assign(
        **{labels("column.fact_date"): dates.to_numpy()}
    )
    nowhere = gpd.GeoSeries([None] * len(table), crs=GEOGRAPHIC)
    return _with_sources("groundwater_facts", table, nowhere, data, labels)


def _build_topics(query: Query, data: PageData, labels: Labels) -> Built:
    councils = get_councils(data)
    themes = [theme.id for theme in councils.council.themes]
    topics = [topic.id for topic in councils.council.topics]
    state = CouncilState.from_query(query, councils.profiles.index, themes, topics)
    shown = select_shown(state, councils)
    table = tabulate_topics(shown, councils, labels)
    places = locate_topics(shown).dissolve(by="topic_id").geometry
    points = places.reindex([topic.id for topic in shown])
    return _with_sources("topics", table, points, data, labels)


def _with_sources(
    name: str, table: pd.DataFrame, places: gpd.GeoSeries, data: PageData, labels: Labels
) -> Built:
    download = DOWNLOADS[name]
    published = tuple(dataset.id for dataset in data.list_datasets(download.datasets))
    caution = download.write_caution(data, labels)
    table = add_sources(table, [published] * len(table), caution, data, labels)
    return gpd.GeoDataFrame(table, geometry=places.to_numpy(), crs=GEOGRAPHIC), {}


def _write_evacuation_caution(data: PageData, labels: Labels) -> str:
    return labels.say([write_notice(data, labels), write_earthquake_note(data, labels)])


def _write_facts_caution(_data: PageData, labels: Labels) -> str:
    return labels("congestion.facts_caution")


def _write_council_caution(data: PageData, labels: Labels) -> str:
    return write_council_notice(get_councils(data), labels)


def _write_water_caution(data: PageData, labels: Labels) -> str:
    return write_water_notice(get_water(data), labels)


_SITES = ("evacuation_sites", "evacuation_shelters", "municipal_boundaries")
_VOLUMES = ("traffic_hourly", "traffic_stations", "corridors")

DOWNLOADS = {
    "overview": Download(
        ("municipalities", "municipal_boundaries", "evacuation_sites", "evacuation_shelters"),
        _write_evacuation_caution,
        _build_overview,
    ),
    "evacuation": Download(_SITES, _write_evacuation_caution, _build_evacuation),
    "stations": Download(_VOLUMES, write_caution, _build_stations),
    "hours": Download(_VOLUMES[:2], write_caution, _build_hours),
    "bottlenecks": Download(("bottlenecks", "road_facts"), write_caution, _build_bottlenecks),
    "topics": Download(("municipalities",), _write_council_caution, _build_topics),
    "wells": Download(
        ("observation_wells", "municipal_boundaries"), _write_water_caution, _build_wells
    ),
    "levels": Download(("observation_wells",), _write_water_caution, _build_levels),
    "groundwater_facts": Download(("groundwater_facts",), _write_water_caution, _build_well_facts),
    "road_facts": Download(("road_facts",), _write_facts_caution, _build_facts),
}
