"""An embed as the bytes that are sent: HTML, its policy, and both compressed forms."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from kumageo.labels import LOCALES, Labels, spell_ruby
from layers.assets import OWN_FOLDER
from layers.compose import render_map
from layers.embed import congestion, council, evacuation, groundwater, municipalities
from layers.embed.bundle import STYLE_FILE, name_script
from layers.embed.page import LAND, EmbedPage, EmbedSources
from layers.embed.query import Parameter
from layers.encoded import Encoded, encode_answer
from layers.ruby import draw_ruby

BUILDERS: Final[Mapping[str, Callable[[EmbedSources], EmbedPage]]] = {
    "municipalities": municipalities.build_page,
    "evacuation": evacuation.build_page,
    "congestion": congestion.build_page,
    "groundwater": groundwater.build_page,
    "council": council.build_page,
}
EMBED_LAYERS: Final = tuple(BUILDERS)
_TEXTS: Final = (
    *("skip", "controls", "more_filters", "table", "more_rows", "show_on_map", "credits"),
    *("languages", "full_page", "no_script", "download"),
)
_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_PICTOGRAM: Final = re.compile(r"<svg ")

TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters |= {"ruby": draw_ruby, "spelled": spell_ruby}


@dataclass(frozen=True)
class EmbedDocument:
    """One embed in one language, ready to be sent.

    Attributes
    ----------
    content
        The HTML in all encodings; the same data give the same bytes.
    policy
        Its Content-Security-Policy.
    parameters
        What a query may hold.
    """

    content: Encoded
    policy: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Written:
    """One embed in one language as HTML, what it was written from, and its policy."""

    page: EmbedPage
    html: str
    policy: str


def name_languages(languages: Iterable[Labels]) -> dict[str, str]:
    """Return the name of each language, in that language."""
    return {labels.language: labels.ruby("language.name") for labels in languages}


def build_document(
    layer: str, sources: EmbedSources, *, ancestors: str, names: Mapping[str, str]
) -> EmbedDocument:
    """Build an embed in all that is sent of it; see `write_document`."""
    written = write_document(layer, sources, ancestors=ancestors, names=names)
    content = encode_answer(written.html.encode())
    return EmbedDocument(content, written.policy, written.page.parameters)


def write_document(
    layer: str, sources: EmbedSources, *, ancestors: str, names: Mapping[str, str]
) -> Written:
    """Write an embed.

    Parameters
    ----------
    layer
        One of `EMBED_LAYERS`.
    sources
        What is shown, and in which language.
    ancestors
        The sites that may frame it, as in Content-Security-Policy.
    names
        Name of each language, in that language.
    """
    page = BUILDERS[layer](sources)
    context = _list_context(page, sources, ancestors=ancestors, names=names)
    template = TEMPLATES.get_template("embed.html")
    html, origin = template.render(context), sources.tiles.origin if sources.tiles else ""
    policy = write_policy(html, ancestors, origin)
    if sources.addresses.is_export:
        # No server that we know sends the policy, so the page says it itself; a frame's parents
        # it can't name. Browsers may take a file for no part of 'self'.
        own = write_policy(html, "", origin).replace("'self'", "'self' file:")
        html = template.render({**context, "policy": own})
    return Written(page, html, policy)


def _list_context(
    page: EmbedPage, sources: EmbedSources, *, ancestors: str, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return what the template is given: one script of the page; all others are files."""
    labels, addresses = sources.labels, sources.addresses
    # The page loads what its layer needs, at its end; folium would load everything at once.
    page.base.default_js, page.base.default_css = [], []
    page.base.add_child(page.group)
    parts = render_map(page.base)
    texts = {name: labels.ruby(f"embed.{name}") for name in _TEXTS}
    script = f"{addresses.own}/{name_script(page.layer)}"
    download = f"/download/{page.table}.csv"
    preloads = (*page.preloads, sources.data.data_url(LAND))
    return {
        "page": page,
        "language": labels.html_language,
        "marks": labels.number_marks,
        "texts": texts,
        "names": names,
        "locales": LOCALES,
        "own": labels.language,
        "pictograms": _read_pictograms(page),
        # Rendered by folium from our own layers, which escape what comes from data.
        "map": {"body": Markup(parts.body), "script": Markup(parts.script), "name": parts.name},  # noqa: S704
        "config": _write_config(page, sources, ancestors, texts, preloads),
        "preloads": preloads,
        "policy": "",
        "links": _list_links(page.layer, sources, names),
        "full": addresses.on_dashboard(page.page, labels.language),
        "download": addresses.on_dashboard(download, labels.language),
        "no_download": labels.ruby("publish.no_script"),
        "style": f"{addresses.own}/{STYLE_FILE}",
        "scripts": [f"{addresses.leaflet}/leaflet.js", script],
    }


def _list_links(layer: str, sources: EmbedSources, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the addresses of the embed in each language: beside this page, and those for all."""
    addresses = sources.addresses
    public = {LOCALES[one][1]: addresses.in_public(one, layer) for one in reversed(list(names))}
    return {
        "canonical": addresses.in_public(sources.labels.language, layer),
        # Of two languages under one name, as Japanese and easy Japanese, the first counts.
        "alternates": dict(reversed(public.items())) if addresses.public else {},
        "others": {one: addresses.in_language(one, layer) for one in names},
    }


def _write_config(
    page: EmbedPage,
    sources: EmbedSources,
    ancestors: str,
    texts: Mapping[str, str],
    preloads: Sequence[str],
) -> Markup:
    """Return what the script is told, as JSON that is safe in HTML."""
    labels, addresses = sources.labels, sources.addresses
    told: dict[str, Any] = {
        "layer": page.layer,
        "page": page.page,
        "ancestors": ancestors.split(" "),
        "parameters": [parameter.to_option() for parameter in page.parameters],
        "data": preloads,
        "texts": {
            **page.texts,
            **{name: texts[name] for name in ("more_rows", "show_on_map")},
            "list": labels("text.list"),
            "sentence": labels("text.sentence"),
        },
        **page.options,
    }
    if addresses.is_export:
        others = [one for one in sources.languages if one != labels.language]
        told["files"] = {one: addresses.in_language(one, page.layer) for one in others}
    return htmlsafe_json_dumps(told, dumps=_dump)


def _dump(value: Any, **_options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _read_pictograms(page: EmbedPage) -> dict[str, Markup]:
    """Return the pictograms of the controls: in the page, as each file would be a request."""
    icons = {choice.icon for control in page.controls for choice in control.choices if choice.icon}
    return {
        icon: Markup(  # noqa: S704  # our own drawings
            _PICTOGRAM.sub(
                '<svg aria-hidden="true" ',
                (OWN_FOLDER / "hazards" / f"{icon}.svg").read_text(encoding="utf-8").strip(),
                count=1,
            )
        )
        for icon in sorted(icons)
    }


def write_policy(html: str, ancestors: str, tile_origin: str = "") -> str:
    """Return the Content-Security-Policy of a page: its own files, and its script by hash.

    Parameters
    ----------
    html
        The page.
    ancestors
        The sites that may frame it; blank leaves the directive out, for a page in a file.
    tile_origin
        Origin of the tile server, if one is set.
    """
    hashes = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in _INLINE.findall(html)
    ]
    directives = [
        "default-src 'none'",
        " ".join(["script-src 'self'", *(f"'sha256-{digest}'" for digest in hashes)]),
        "style-src 'self'",
        f"img-src 'self' data: {tile_origin}".strip(),
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    if ancestors:
        directives.append(f"frame-ancestors {ancestors}")
    return "; ".join(directives)
