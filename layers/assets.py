"""Where the browser gets Leaflet and our own map script: from us, never from a CDN."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import xstatic.pkg.leaflet

from kumageo import __version__
from kumageo.schemas import HAZARDS

LEAFLET_FOLDER: Final = Path(xstatic.pkg.leaflet.BASE_DIR)
OWN_FOLDER: Final = Path(__file__).parent / "static"

LEAFLET_URL: Final = f"/assets/leaflet-{xstatic.pkg.leaflet.PACKAGE_VERSION}"


def _digest_files(folder: Path) -> str:
    """Return what changes with any of our files: browsers keep them for a day."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.*")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


OWN_URL: Final = f"/assets/kumageo-{__version__}-{_digest_files(OWN_FOLDER)}"


def locate_icon(hazard: str, own_url: str = OWN_URL) -> str:
    """Return the address of a hazard's pictogram, in a folder of our own files.

    Drawn by us after JIS Z 8210 (案内用図記号); always beside its words.
    """
    return f"{own_url}/hazards/{hazard}.svg"


HAZARD_ICONS: Final = {name: locate_icon(name) for name in HAZARDS}

SCRIPTS: Final = (
    ("leaflet", f"{LEAFLET_URL}/leaflet.js"),
    ("kumageo-text", f"{OWN_URL}/text.js"),
    ("kumageo-map", f"{OWN_URL}/map.js"),
    ("kumageo-ground", f"{OWN_URL}/ground.js"),
    ("kumageo-labels", f"{OWN_URL}/labels.js"),
    ("kumageo-points", f"{OWN_URL}/points.js"),
    ("kumageo-features", f"{OWN_URL}/features.js"),
    ("kumageo-traffic", f"{OWN_URL}/traffic.js"),
    ("kumageo-wells", f"{OWN_URL}/wells.js"),
    ("kumageo-surface", f"{OWN_URL}/surface.js"),
)
STYLES: Final = (
    ("leaflet-style", f"{LEAFLET_URL}/leaflet.css"),
    ("kumageo-style", f"{OWN_URL}/map.css"),
)
