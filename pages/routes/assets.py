"""Leaflet and our map script, served by ourselves, compressed beforehand."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from kumageo import __version__
from layers.assets import LEAFLET_FOLDER, LEAFLET_URL, OWN_FOLDER, OWN_URL
from layers.embed.bundle import bundle_files
from layers.encoded import Encoded, encode_answer
from pages.routes.encoding import answer_encoded

PAGE_FOLDER = Path(__file__).parents[1] / "static"
PAGE_URL = f"/assets/pages-{__version__}"
STYLE_URL = f"{PAGE_URL}/frame.css"
TEXT_FILES = (".css", ".js", ".svg")
# Of Leaflet a page loads two files; the others are for people who debug it.
LEAFLET_FILES = ("leaflet.css", "leaflet.js")
KEEP_A_DAY = {"Cache-Control": "public, max-age=86400"}


class KeptFiles(StaticFiles):
    """Static files whose address names their version, so that browsers may keep them."""

    def __init__(self, directory: Path, prepared: Mapping[str, Encoded]) -> None:
        super().__init__(directory=directory)
        self.prepared = prepared

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file and how long to keep it."""
        encoded = self.prepared.get(path)
        if encoded is not None and scope["method"] in ("GET", "HEAD"):
            media_type = mimetypes.guess_type(path)[0] or "text/plain"
            return answer_encoded(Request(scope), encoded, KEEP_A_DAY, media_type)
        response = await super().get_response(path, scope)
        response.headers.update(KEEP_A_DAY)
        return response


def list_asset_routes() -> list[Mount]:
    """Return the routes of the vendored and of our own files."""
    folders: list[tuple[str, Path, list[Path]]] = [
        (LEAFLET_URL, LEAFLET_FOLDER, [LEAFLET_FOLDER / name for name in LEAFLET_FILES]),
        (OWN_URL, OWN_FOLDER, sorted(OWN_FOLDER.rglob("*"))),
        (PAGE_URL, PAGE_FOLDER, sorted(PAGE_FOLDER.rglob("*"))),
    ]
    prepared = {url: prepare_files(folder, paths) for url, folder, paths in folders}
    prepared[OWN_URL] |= {name: encode_answer(text) for name, text in bundle_files().items()}
    return [Mount(url, KeptFiles(folder, prepared[url])) for url, folder, _ in folders]


def prepare_files(folder: Path, paths: list[Path]) -> dict[str, Encoded]:
    """Read and compress text files, by their path in the folder."""
    return {
        path.relative_to(folder).as_posix(): encode_answer(path.read_bytes())
        for path in paths
        if path.suffix in TEXT_FILES
    }
