"""Data for the maps: one GeoJSON a dataset, compressed beforehand and kept by the browser."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from layers.content import Encoded
from pages.components.data import get_data, get_labels

# The address names the version, so the browser may keep what it got for a year.
KEEP_VERSION = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, max-age=0, must-revalidate"


def answer_geojson(request: Request) -> Response:
    """Answer with a dataset for the map."""
    encoded = get_data().encoded.get(request.path_params["dataset"])
    if encoded is None:
        return PlainTextResponse(get_labels("ja")("error.http_not_found"), status_code=404)
    return answer_encoded(request, encoded)


def answer_encoded(request: Request, encoded: Encoded) -> Response:
    """Answer with GeoJSON in an encoding that the browser takes, in its version or not at all."""
    asked = request.query_params.get("v")
    if asked not in (None, encoded.version):
        # A map counts on the positions of its own version; points of another would be wrong.
        return PlainTextResponse(get_labels("ja")("error.http_version"), status_code=404)
    headers = {
        "ETag": encoded.etag,
        "Cache-Control": KEEP_VERSION if asked else ASK_AGAIN,
        "Vary": "Accept-Encoding",
    }
    if encoded.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    accepted = _list_accepted(request.headers.get("accept-encoding", ""))
    body = encoded.plain
    if "br" in accepted:
        body, headers["Content-Encoding"] = encoded.brotli, "br"
    elif "gzip" in accepted:
        body, headers["Content-Encoding"] = encoded.gzip, "gzip"
    return Response(body, headers=headers, media_type="application/geo+json")


def _list_accepted(header: str) -> set[str]:
    """Return the encodings that a browser takes; q=0 says that it does not."""
    parts = [part.replace(" ", "").lower().partition(";q=") for part in header.split(",")]
    return {name for name, _, weight in parts if not weight or weight.strip("0.")}
