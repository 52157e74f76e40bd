"""Leaflet and our map script, served by ourselves."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from kumageo import __version__
from layers.assets import LEAFLET_FOLDER, LEAFLET_URL, OWN_FOLDER, OWN_URL

PAGE_FOLDER = Path(__file__).parents[1] / "static"
PAGE_URL = f"/assets/pages-{__version__}"
STYLE_URL = f"{PAGE_URL}/frame.css"


class KeptFiles(StaticFiles):
    """Static files whose address names their version, so that browsers may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file and how long to keep it."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response


def list_asset_routes() -> list[Mount]:
    """Return the routes of the vendored and of our own files."""
    folders: list[tuple[str, Path]] = [
        (LEAFLET_URL, LEAFLET_FOLDER),
        (OWN_URL, OWN_FOLDER),
        (PAGE_URL, PAGE_FOLDER),
    ]
    return [Mount(url, KeptFiles(directory=folder)) for url, folder in folders]
