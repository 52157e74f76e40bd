"""The tables of the pages as files, under the same query as the page."""

from __future__ import annotations

import threading

import geopandas as gpd
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from kumageo.exports import to_csv_bytes, to_geojson_bytes, to_xlsx_bytes
from pages.components.data import get_data
from pages.components.downloads import DOWNLOADS, write_notes
from pages.components.state import Query
from pages.routes.language import choose_labels

MAX_QUERY_BYTES = 2_000
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

# Building a workbook takes a second of a core: two at a time, the others wait.
_BUILDERS = threading.Semaphore(2)


def answer_download(request: Request) -> Response:
    """Answer with a table as a file."""
    with _BUILDERS:
        return _answer(request)


def _answer(request: Request) -> Response:
    query, data = Query(dict(request.query_params)), get_data()
    labels = choose_labels(query)
    name, form = request.path_params["page"], request.path_params["form"]
    if name not in DOWNLOADS or form not in MEDIA_TYPES:
        return PlainTextResponse(labels("error.http_not_found"), status_code=404)
    if len(request.url.query) > MAX_QUERY_BYTES:
        return PlainTextResponse(labels("error.http_query", names="…"), status_code=400)
    download = DOWNLOADS[name]
    features, words = download.build(query, data, labels)
    if query.problems:
        names = labels.join(dict.fromkeys(query.problems))
        return PlainTextResponse(labels("error.http_query", names=names), status_code=400)
    published = data.list_datasets(download.datasets)
    day = data.as_of(published[0].id) if published else "none"
    disposition = f'attachment; filename="kumamoto-{name}-{day}.{form}"'
    return Response(
        _encode(features, words | write_notes(download, data, labels), form),
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )


def _encode(features: gpd.GeoDataFrame, notes: dict[str, str], form: str) -> bytes:
    if form == "geojson":
        return to_geojson_bytes(features, notes)
    table = features.drop(columns="geometry")
    return to_csv_bytes(table) if form == "csv" else to_xlsx_bytes(table, notes)
