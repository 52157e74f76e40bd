"""All files of an export, made from the same data and functions as the served embeds."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from kumageo import __version__
from kumageo.labels import Labels, load_labels
from kumageo.readings.store import open_readings
from kumageo.settings import Settings
from layers.assets import LEAFLET_FOLDER, LEAFLET_URL, OWN_FOLDER
from layers.content import DATASETS, PageData, find_versions, load_content
from layers.councils import load_councils
from layers.embed.addresses import Addresses
from layers.embed.bundle import bundle_files
from layers.embed.document import EMBED_LAYERS, Written, name_languages, write_document
from layers.embed.page import EmbedSources
from layers.publish.folder import MANIFEST, write_manifest
from layers.publish.options import ExportOptions
from layers.publish.overview import Overview, write_headers, write_index
from layers.water import Water, freeze_water

STYLE: Final = "publish.css"  # of the page that lists the embeds
HASH_LETTERS: Final = 12
DATA_FORM: Final = "../data/{name}.{version}.js"
_PICTURE: Final = re.compile(rb"url\((images/[\w.-]+)\)")


@dataclass(frozen=True)
class Site:
    """An export: content by path, and the facts of its manifest."""

    files: Mapping[str, bytes]
    facts: Mapping[str, Any]


def build_site(settings: Settings, options: ExportOptions) -> Site:
    """Make all files of an export.

    Parameters
    ----------
    settings
        Where the data are. Simulated readings are never exported.
    options
        From `read_options`.
    """
    geodata = settings.geodata
    data = load_content(geodata, find_versions(geodata))
    languages = {name: load_labels(geodata, name) for name in options.languages}
    sources = EmbedSources(
        data=data,
        labels=languages[options.languages[0]],
        languages=options.languages,
        tiles=settings.tiles,
        water=None if settings.is_demo else freeze_water(open_readings(settings), data.wells),
        councils=load_councils(geodata, data),
    )
    return build_files(sources, languages, options)


def build_files(
    sources: EmbedSources, languages: Mapping[str, Labels], options: ExportOptions
) -> Site:
    """Make all files of an export from what is already loaded; see `build_site`."""
    assets, addresses = _collect_assets(options)
    data = replace(sources.data, data_form=DATA_FORM)
    sources = replace(sources, data=data, addresses=addresses)
    names = name_languages(languages.values())
    written = {
        (language, layer): write_document(
            layer, replace(sources, labels=labels), ancestors=options.ancestors, names=names
        )
        for language, labels in languages.items()
        for layer in EMBED_LAYERS
    }
    style = f"{addresses.own.removeprefix('../')}/{STYLE}"
    overview = Overview(options, languages, written, sources, style)
    files = {
        **{
            f"{language}/{layer}.html": one.html.encode()
            for (language, layer), one in written.items()
        },
        **_collect_data(data, written),
        **assets,
        "index.html": write_index(overview).encode(),
        "headers.txt": write_headers(overview).encode("utf-8-sig"),  # a reader knows the letters
    }
    facts = _list_facts(sources, options)
    return Site({**files, MANIFEST: write_manifest(files, facts)}, facts)


def _collect_assets(options: ExportOptions) -> tuple[dict[str, bytes], Addresses]:
    """Return scripts, styles and pictograms, and how an embed names them: by their content."""
    own = bundle_files(is_export=True)
    drawings = sorted((OWN_FOLDER / "hazards").glob("*.svg"))
    own[STYLE] = (OWN_FOLDER / STYLE).read_bytes()
    own |= {f"hazards/{path.name}": path.read_bytes() for path in drawings}
    digest = hashlib.sha256()
    for name in sorted(own):
        digest.update(name.encode() + b"\0" + own[name])
    own_folder = f"assets/kumageo-{digest.hexdigest()[:HASH_LETTERS]}"
    leaflet_folder = LEAFLET_URL.removeprefix("/")
    files = {f"{own_folder}/{name}": content for name, content in own.items()}
    files |= {f"{leaflet_folder}/{name}": text for name, text in _collect_leaflet().items()}
    addresses = Addresses(
        leaflet=f"../{leaflet_folder}",
        own=f"../{own_folder}",
        dashboard=options.dashboard_url or None,
        others="../{language}/{layer}.html",
        public=f"{options.base_url}{{language}}/{{layer}}.html" if options.base_url else "",
        is_export=True,
    )
    return files, addresses


def _collect_leaflet() -> dict[str, bytes]:
    """Return Leaflet's script, and the pictures that its style names; the style is in our own."""
    style = (LEAFLET_FOLDER / "leaflet.css").read_bytes()
    pictures = sorted({name.decode() for name in _PICTURE.findall(style)})
    return {name: (LEAFLET_FOLDER / name).read_bytes() for name in ("leaflet.js", *pictures)}


def _collect_data(data: PageData, written: Mapping[Any, Written]) -> dict[str, bytes]:
    """Return the data that an embed names, as scripts that hand them over under their name."""
    files = {}
    for name, encoded in data.encoded.items():
        address = data.data_url(name)
        if any(address in one.html for one in written.values()):
            path = address.removeprefix("../")
            called = json.dumps(Path(path).name).encode()
            files[path] = b"kumageo.keep(" + called + b"," + encoded.plain + b");\n"
    return files


def _list_facts(sources: EmbedSources, options: ExportOptions) -> dict[str, Any]:
    publications = sources.data.publications
    return {
        "version": __version__,
        "base_url": options.base_url,
        "dashboard_url": options.dashboard_url,
        "allowed_origins": list(options.allowed_origins),
        "languages": list(options.languages),
        "layers": list(EMBED_LAYERS),
        "datasets": {
            name: {
                "version": publications[name].version,
                "as_of": publications[name].as_of,
                "as_of_basis": publications[name].as_of_basis,
            }
            for name in DATASETS
            if name in publications
        },
        "readings": _describe_readings(sources.water),
    }


def _describe_readings(water: Water | None) -> dict[str, Any] | None:
    if water is None or water.days is None:
        return None
    until = water.days[1].isoformat()
    return {"until": until, "n_readings": water.n_readings, "sources": sorted(water.sources)}
