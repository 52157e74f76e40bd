"""The tables of the pages as files, under the same query as the page."""

from __future__ import annotations

import threading

import geopandas as gpd
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from kumageo.exports import to_csv_bytes, to_geojson_bytes, to_xlsx_bytes
from kumageo.facilities import select_facilities
from kumageo.labels import Labels
from kumageo.municipalities import dissolve_municipalities
from pages.components.data import DATASET_OF, PageData, get_data, get_labels
from pages.components.state import EvacuationState, OverviewState, Query
from pages.components.tables import add_sources, tabulate_facilities, tabulate_profiles
from pages.components.words import (
    describe_evacuation,
    write_day,
    write_earthquake_note,
    write_notice,
)

MAX_QUERY_BYTES = 2_000
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DATASETS = {
    "overview": (
        "municipalities",
        "municipal_boundaries",
        "evacuation_sites",
        "evacuation_shelters",
    ),
    "evacuation": ("evacuation_sites", "evacuation_shelters", "municipal_boundaries"),
}


# Building a workbook takes a second of a core: two at a time, the others wait.
_BUILDERS = threading.Semaphore(2)


def answer_download(request: Request) -> Response:
    """Answer with the page's table as a file."""
    with _BUILDERS:
        return _answer(request)


def _answer(request: Request) -> Response:
    labels, data = get_labels("ja"), get_data()
    page, form = request.path_params["page"], request.path_params["form"]
    if page not in DATASETS or form not in MEDIA_TYPES:
        return PlainTextResponse(labels("error.http_not_found"), status_code=404)
    if len(request.url.query) > MAX_QUERY_BYTES:
        return PlainTextResponse(labels("error.http_query", names="…"), status_code=400)
    query = Query(dict(request.query_params))
    build = _build_overview if page == "overview" else _build_evacuation
    features, notes = build(query, data, labels)
    if query.problems:
        names = "、".join(query.problems)
        return PlainTextResponse(labels("error.http_query", names=names), status_code=400)
    day = data.as_of(DATASETS[page][0])
    disposition = f'attachment; filename="kumamoto-{page}-{day}.{form}"'
    return Response(
        _encode(features, notes, form),
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )


def _encode(features: gpd.GeoDataFrame, notes: dict[str, str], form: str) -> bytes:
    if form == "geojson":
        return to_geojson_bytes(features, notes)
    table = features.drop(columns="geometry")
    return to_csv_bytes(table) if form == "csv" else to_xlsx_bytes(table, notes)


def _build_overview(
    query: Query, data: PageData, labels: Labels
) -> tuple[gpd.GeoDataFrame, dict[str, str]]:
    state = OverviewState.from_query(query, data.names, data.regions.index)
    profiles = data.profiles
    if state.region_id:
        profiles = profiles[profiles["region_id"] == state.region_id]
    areas = dissolve_municipalities(data.boundaries).geometry.reindex(profiles.index)
    table = tabulate_profiles(profiles, labels, with_hazards=True)
    table = add_sources(table, [DATASETS["overview"]] * len(table), data, labels)
    features = gpd.GeoDataFrame(table, geometry=areas.to_numpy(), crs=data.boundaries.crs)
    return features, _write_notes("overview", data, labels)


def _build_evacuation(
    query: Query, data: PageData, labels: Labels
) -> tuple[gpd.GeoDataFrame, dict[str, str]]:
    known = (data.names, data.regions.index, data.facility_ids)
    state = EvacuationState.from_query(query, *known)
    shown = select_facilities(data.facilities, state.to_filter(), data.profiles["region_id"])
    drawn = data.facilities[shown]
    datasets_of_row = [(DATASET_OF[kind], "municipal_boundaries") for kind in drawn["kind"]]
    table = tabulate_facilities(drawn, data, labels)
    table = add_sources(table, datasets_of_row, data, labels)
    features = gpd.GeoDataFrame(table, geometry=drawn.geometry)
    words = {labels("column.words"): describe_evacuation(state, drawn, data, labels)}
    return features, words | _write_notes("evacuation", data, labels)


def _write_notes(page: str, data: PageData, labels: Labels) -> dict[str, str]:
    notice = write_notice(data, labels) + write_earthquake_note(data, labels)
    notes = {labels("column.notice"): notice}
    for dataset_id in DATASETS[page]:
        dataset, day = data.catalog[dataset_id], write_day(data, dataset_id, labels)
        notes[dataset.title] = (
            f"{dataset.processed_statement}（{day}）。{dataset.licence}。{dataset.source_url}"
        )
    return notes
