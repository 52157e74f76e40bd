"""Data for the maps: one GeoJSON a dataset, compressed beforehand and kept by the browser."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from layers.encoded import Encoded
from pages.components.data import get_data, get_labels
from pages.routes.encoding import answer_encoded

# The address names the version, so the browser may keep what it got for a year.
KEEP_VERSION = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, max-age=0, must-revalidate"
# The answers last given, by dataset. A version never changes, so one that is asked for by its name
# needs no look at the disk and no thread: that look took fifty times as long as the answer.
_LAST: dict[str, Encoded] = {}


async def answer_geojson(request: Request) -> Response:
    """Answer with a dataset for the map."""
    dataset = request.path_params["dataset"]
    encoded = _LAST.get(dataset)
    if encoded is None or request.query_params.get("v") != encoded.version:
        encoded = (await run_in_threadpool(get_data)).encoded.get(dataset)
        if encoded is not None:
            _LAST[dataset] = encoded
    if encoded is None:
        return PlainTextResponse(get_labels("ja")("error.http_not_found"), status_code=404)
    return answer_version(request, encoded)


def answer_version(request: Request, encoded: Encoded) -> Response:
    """Answer with GeoJSON in an encoding that the browser takes, in its version or not at all."""
    asked = request.query_params.get("v")
    if asked not in (None, encoded.version):
        # A map counts on the positions of its own version; points of another would be wrong.
        return PlainTextResponse(get_labels("ja")("error.http_version"), status_code=404)
    headers = {"Cache-Control": KEEP_VERSION if asked else ASK_AGAIN}
    return answer_encoded(request, encoded, headers, "application/geo+json")
