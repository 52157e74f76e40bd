"""The scripts and styles of an embed in one file each: fewer requests, and better compressed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from layers.assets import LEAFLET_FOLDER, LEAFLET_URL, OWN_FOLDER

MAP_SCRIPTS: Final = (
    *("text.js", "map.js", "ground.js", "labels.js", "points.js", "features.js", "columns.js"),
)
PAGE_SCRIPTS: Final = ("embed-query.js", "embed-table.js", "embed.js")
# What each layer needs to draw, and to be an embed; a script takes the functions of those before.
LAYER_SCRIPTS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "municipalities": ((), ("embed-municipalities.js",)),
    "evacuation": ((), ("embed-evacuation.js", "embed-nearest.js")),
    "congestion": (("traffic.js",), ("embed-congestion.js",)),
    "groundwater": (("wells.js",), ("embed-groundwater.js",)),
    "council": ((), ("embed-council.js",)),
}
# What a static export needs besides: its data are scripts.
EXPORT_SCRIPTS: Final = ("kept.js",)
STYLES: Final = ("map.css", "embed.css")  # behind those of Leaflet
STYLE_FILE: Final = "embed.bundle.css"
_MARGIN: Final = re.compile(rb"^[ \t]+", re.MULTILINE)
_REMARK: Final = re.compile(rb"/\*.*?\*/\s*", re.DOTALL)
_COMMENT: Final = re.compile(rb"^//.*\n", re.MULTILINE)


def name_script(layer: str) -> str:
    """Return the file name of the scripts of a layer."""
    return f"embed-{layer}.bundle.js"


def bundle_files(*, is_export: bool = False) -> dict[str, bytes]:
    """Return all bundles by file name: those that the dashboard serves, or those of an export."""
    more = EXPORT_SCRIPTS if is_export else ()
    scripts = {
        name_script(layer): _join((*MAP_SCRIPTS, *more, *drawing, *PAGE_SCRIPTS, *own))
        for layer, (drawing, own) in LAYER_SCRIPTS.items()
    }
    return {**scripts, STYLE_FILE: _read_leaflet_styles() + _join(STYLES)}


def _read_leaflet_styles() -> bytes:
    """Return the styles of Leaflet without remarks; its pictures stay in its folder beside ours."""
    folder = LEAFLET_URL.rpartition("/")[2].encode()
    content = _REMARK.sub(b"", (LEAFLET_FOLDER / "leaflet.css").read_bytes())
    return content.replace(b"url(images/", b"url(../" + folder + b"/images/")


def _join(names: Iterable[str]) -> bytes:
    """Put files behind each other, without margins and whole lines of comment.

    No text of ours spans lines, so nothing that a reader sees is changed.
    """
    files = [(OWN_FOLDER / name).read_bytes() for name in names]
    return b"\n".join(_COMMENT.sub(b"", _MARGIN.sub(b"", content)) for content in files)
