"""Data for the maps: one GeoJSON a dataset, compressed beforehand and kept by the browser."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pages.components.data import MAP_DATASETS, get_encoded, get_labels

# The address names the version, so the browser may keep what it got for a year.
KEEP_VERSION = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, max-age=0, must-revalidate"


def answer_geojson(request: Request) -> Response:
    """Answer with a dataset for the map."""
    dataset_id = request.path_params["dataset"]
    if dataset_id not in MAP_DATASETS:
        return PlainTextResponse(get_labels("ja")("error.http_not_found"), status_code=404)
    encoded = get_encoded(dataset_id)
    headers = {
        "ETag": encoded.etag,
        "Cache-Control": KEEP_VERSION if "v" in request.query_params else ASK_AGAIN,
        "Vary": "Accept-Encoding",
    }
    if encoded.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    accepted = {
        part.split(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")
    }
    body = encoded.plain
    if "br" in accepted:
        body, headers["Content-Encoding"] = encoded.brotli, "br"
    elif "gzip" in accepted:
        body, headers["Content-Encoding"] = encoded.gzip, "gzip"
    return Response(body, headers=headers, media_type="application/geo+json")
