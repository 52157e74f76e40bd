"""Surfaces for maps and as files: stateless, under the same query as the page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kumageo.errors import KumageoError, SurfaceError
from layers.water_surface import ShownSurface, SurfaceQuestion
from pages.components.data import get_data, get_labels, get_raster, get_surface, get_water
from pages.components.state import Query
from pages.components.surface_files import FILES, encode_file, name_file
from pages.components.surface_state import SurfaceState
from pages.components.surface_words import describe_refusal
from pages.routes.data import answer_version

MAX_QUERY_BYTES = 500

# A surface takes a part of a second of a core: one at a time, the others wait.
_BUILDERS = threading.Semaphore(1)


def list_surface_routes() -> list[Route]:
    """Return the routes of surfaces."""
    return [
        Route("/surface/levels.geojson", answer_levels),
        Route("/surface/raster.geojson", answer_raster),
        Route("/surface/{kind}.tif", answer_file),
    ]


def answer_levels(request: Request) -> Response:
    """Answer with the picture and the lines of a surface."""
    return _answer(request, lambda shown: answer_version(request, shown.encoded))


def answer_file(request: Request) -> Response:
    """Answer with a surface as GeoTIFF."""
    kind, data, labels = request.path_params["kind"], get_data(), get_labels("ja")
    if kind not in FILES:
        return PlainTextResponse(labels("error.http_not_found"), status_code=404)

    def answer(shown: ShownSurface) -> Response:
        water = get_water(data)
        content = encode_file(shown, kind, data, water, labels)
        if content is None:
            return PlainTextResponse(labels("error.http_not_found"), status_code=404)
        name = name_file(shown.question, kind, is_demo=water.is_demo)
        # The name that people see says in Japanese, too, that readings are simulated.
        seen = f"{labels('groundwater.stamp')}-{name}" if water.is_demo else name
        disposition = f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(seen)}"
        headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
        return Response(content, headers=headers, media_type="image/tiff")

    return _answer(request, answer)


def answer_raster(request: Request) -> Response:
    """Answer with the picture of an administrator's raster."""
    raster_id = request.query_params.get("raster", "")
    try:
        with _BUILDERS:
            encoded = get_raster(get_data(), raster_id).encoded
    except KumageoError:  # the page says why; the address is for its map
        return PlainTextResponse(get_labels("ja")("error.http_not_found"), status_code=404)
    return answer_version(request, encoded)


def _answer(request: Request, answer: Callable[[ShownSurface], Response]) -> Response:
    labels, data = get_labels("ja"), get_data()
    if len(request.url.query) > MAX_QUERY_BYTES:
        return PlainTextResponse(labels("error.http_query", names="…"), status_code=400)
    query = Query(dict(request.query_params))
    state = SurfaceState.from_query(query, get_water(data).days)
    if not state.mark or state.day is None:
        query.problems += [
            name for name, value in (("surface", state.mark), ("on", state.day)) if not value
        ]
    if query.problems:
        names = labels.join(dict.fromkeys(query.problems))
        return PlainTextResponse(labels("error.http_query", names=names), status_code=400)
    assert state.day is not None  # noqa: S101 - said above
    question = SurfaceQuestion(state.mark, state.day, state.method, state.minus)
    try:
        with _BUILDERS:
            shown = get_surface(data, question)
    except SurfaceError as error:
        return PlainTextResponse(describe_refusal(error, question, labels), status_code=404)
    return answer(shown)
